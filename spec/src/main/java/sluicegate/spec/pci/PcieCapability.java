package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PCI Express capability.
 *
 * <p>Capability version 1 ends where a function has nothing more to say; version 2 is always as long as described
 * here, except in root complex integrated endpoints.
 *
 * <pre>
 *       +-----------------------+
 *  0x00 | CAPABILITY_HEADER     | 2 bytes
 *       +-----------------------+
 *  0x02 | CAPABILITIES_REGISTER | 2 bytes
 *       +-----------------------+
 *  0x04 | DEVICE_CAPABILITIES   | 4 bytes
 *       +-----------------------+
 *  0x08 | DEVICE_CONTROL        | 2 bytes
 *       +-----------------------+
 *  0x0a | DEVICE_STATUS         | 2 bytes
 *       +-----------------------+
 *  0x0c | LINK_CAPABILITIES     | 4 bytes
 *       +-----------------------+
 *  0x10 | LINK_CONTROL          | 2 bytes
 *       +-----------------------+
 *  0x12 | LINK_STATUS           | 2 bytes
 *       +-----------------------+
 *  0x14 | SLOT_CAPABILITIES     | 4 bytes
 *       +-----------------------+
 *  0x18 | SLOT_CONTROL          | 2 bytes
 *       +-----------------------+
 *  0x1a | SLOT_STATUS           | 2 bytes
 *       +-----------------------+
 *  0x1c | ROOT_CONTROL          | 2 bytes
 *       +-----------------------+
 *  0x1e | ROOT_CAPABILITIES     | 2 bytes
 *       +-----------------------+
 *  0x20 | ROOT_STATUS           | 4 bytes
 *       +-----------------------+
 *  0x24 | DEVICE_CAPABILITIES_2 | 4 bytes
 *       +-----------------------+
 *  0x28 | DEVICE_CONTROL_2      | 2 bytes
 *       +-----------------------+
 *  0x2a | DEVICE_STATUS_2       | 2 bytes
 *       +-----------------------+
 *  0x2c | LINK_CAPABILITIES_2   | 4 bytes
 *       +-----------------------+
 *  0x30 | LINK_CONTROL_2        | 2 bytes
 *       +-----------------------+
 *  0x32 | LINK_STATUS_2         | 2 bytes
 *       +-----------------------+
 *  0x34 | SLOT_CAPABILITIES_2   | 4 bytes
 *       +-----------------------+
 *  0x38 | SLOT_CONTROL_2        | 2 bytes
 *       +-----------------------+
 *  0x3a | SLOT_STATUS_2         | 2 bytes
 *       +-----------------------+
 *
 * The capabilities register:
 *   15 14   13                     9          8           7       4   3     0
 * +-------+--------------------------+------------------+-----------+---------+
 * |   0   | INTERRUPT_MESSAGE_NUMBER | SLOT_IMPLEMENTED | PORT_TYPE | VERSION |
 * +-------+--------------------------+------------------+-----------+---------+
 * </pre>
 */
public final class PcieCapability {

    private static final String SECTION = "PCIe 7.5.3";

    /** Bytes of what is described here. */
    public static final int SIZE = 60;

    /** Offset 0x00: see {@link CapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 2, SECTION,
            "see CapabilityHeader");
    /** Offset 0x02: what kind of function this is. */
    public static final ByteField CAPABILITIES_REGISTER = new ByteField("CAPABILITIES_REGISTER", 0x02, 2, SECTION,
            "what kind of function this is");
    /** Offset 0x04: see {@link PcieDeviceCapabilitiesRegister}. */
    public static final ByteField DEVICE_CAPABILITIES = new ByteField("DEVICE_CAPABILITIES", 0x04, 4, SECTION,
            "see PcieDeviceCapabilitiesRegister");
    /** Offset 0x08: see {@link PcieDeviceControlRegister}. */
    public static final ByteField DEVICE_CONTROL = new ByteField("DEVICE_CONTROL", 0x08, 2, SECTION,
            "see PcieDeviceControlRegister");
    /** Offset 0x0a: see {@link PcieDeviceStatusRegister}. */
    public static final ByteField DEVICE_STATUS = new ByteField("DEVICE_STATUS", 0x0A, 2, SECTION,
            "see PcieDeviceStatusRegister");
    /** Offset 0x0c: link capabilities. */
    public static final ByteField LINK_CAPABILITIES = new ByteField("LINK_CAPABILITIES", 0x0C, 4, SECTION,
            "link capabilities");
    /** Offset 0x10: link control. */
    public static final ByteField LINK_CONTROL = new ByteField("LINK_CONTROL", 0x10, 2, SECTION, "link control");
    /** Offset 0x12: link status. */
    public static final ByteField LINK_STATUS = new ByteField("LINK_STATUS", 0x12, 2, SECTION, "link status");
    /** Offset 0x14: slot capabilities. */
    public static final ByteField SLOT_CAPABILITIES = new ByteField("SLOT_CAPABILITIES", 0x14, 4, SECTION,
            "slot capabilities");
    /** Offset 0x18: slot control. */
    public static final ByteField SLOT_CONTROL = new ByteField("SLOT_CONTROL", 0x18, 2, SECTION, "slot control");
    /** Offset 0x1a: slot status. */
    public static final ByteField SLOT_STATUS = new ByteField("SLOT_STATUS", 0x1A, 2, SECTION, "slot status");
    /** Offset 0x1c: root control. */
    public static final ByteField ROOT_CONTROL = new ByteField("ROOT_CONTROL", 0x1C, 2, SECTION, "root control");
    /** Offset 0x1e: root capabilities. */
    public static final ByteField ROOT_CAPABILITIES = new ByteField("ROOT_CAPABILITIES", 0x1E, 2, SECTION,
            "root capabilities");
    /** Offset 0x20: root status. */
    public static final ByteField ROOT_STATUS = new ByteField("ROOT_STATUS", 0x20, 4, SECTION, "root status");
    /** Offset 0x24: see {@link PcieDeviceCapabilities2Register}. */
    public static final ByteField DEVICE_CAPABILITIES_2 = new ByteField("DEVICE_CAPABILITIES_2", 0x24, 4, SECTION,
            "see PcieDeviceCapabilities2Register");
    /** Offset 0x28: see {@link PcieDeviceControl2Register}. */
    public static final ByteField DEVICE_CONTROL_2 = new ByteField("DEVICE_CONTROL_2", 0x28, 2, SECTION,
            "see PcieDeviceControl2Register");
    /** Offset 0x2a: device status 2. */
    public static final ByteField DEVICE_STATUS_2 = new ByteField("DEVICE_STATUS_2", 0x2A, 2, SECTION,
            "device status 2");
    /** Offset 0x2c: link capabilities 2. */
    public static final ByteField LINK_CAPABILITIES_2 = new ByteField("LINK_CAPABILITIES_2", 0x2C, 4, SECTION,
            "link capabilities 2");
    /** Offset 0x30: link control 2. */
    public static final ByteField LINK_CONTROL_2 = new ByteField("LINK_CONTROL_2", 0x30, 2, SECTION,
            "link control 2");
    /** Offset 0x32: link status 2. */
    public static final ByteField LINK_STATUS_2 = new ByteField("LINK_STATUS_2", 0x32, 2, SECTION, "link status 2");
    /** Offset 0x34: slot capabilities 2. */
    public static final ByteField SLOT_CAPABILITIES_2 = new ByteField("SLOT_CAPABILITIES_2", 0x34, 4, SECTION,
            "slot capabilities 2");
    /** Offset 0x38: slot control 2. */
    public static final ByteField SLOT_CONTROL_2 = new ByteField("SLOT_CONTROL_2", 0x38, 2, SECTION,
            "slot control 2");
    /** Offset 0x3a: slot status 2. */
    public static final ByteField SLOT_STATUS_2 = new ByteField("SLOT_STATUS_2", 0x3A, 2, SECTION, "slot status 2");

    /** Bits 13:9: MSI message of hot-plug and power events. */
    public static final Field INTERRUPT_MESSAGE_NUMBER = Field.bits("INTERRUPT_MESSAGE_NUMBER", 13, 9, SECTION,
            "MSI message of hot-plug and power events");
    /** Bit 8: the port leads to a slot. */
    public static final Field SLOT_IMPLEMENTED = Field.bit("SLOT_IMPLEMENTED", 8, SECTION,
            "the port leads to a slot");
    /** Bits 7:4: device or port type, see {@link PciePortType}. */
    public static final Field PORT_TYPE = Field.bits("PORT_TYPE", 7, 4, SECTION,
            "device or port type, see PciePortType");
    /** Bits 3:0: capability version. */
    public static final Field VERSION = Field.bits("VERSION", 3, 0, SECTION, "capability version");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("PCI Express capability", SECTION, SIZE,
            CAPABILITY_HEADER, CAPABILITIES_REGISTER, DEVICE_CAPABILITIES, DEVICE_CONTROL, DEVICE_STATUS,
            LINK_CAPABILITIES, LINK_CONTROL, LINK_STATUS, SLOT_CAPABILITIES, SLOT_CONTROL, SLOT_STATUS, ROOT_CONTROL,
            ROOT_CAPABILITIES, ROOT_STATUS, DEVICE_CAPABILITIES_2, DEVICE_CONTROL_2, DEVICE_STATUS_2,
            LINK_CAPABILITIES_2, LINK_CONTROL_2, LINK_STATUS_2, SLOT_CAPABILITIES_2, SLOT_CONTROL_2, SLOT_STATUS_2);

    /** The capabilities register. */
    public static final Layout CAPABILITIES = Layout.of("PCI Express capabilities register", SECTION, 16,
            Field.reserved(15, 14, SECTION), INTERRUPT_MESSAGE_NUMBER, SLOT_IMPLEMENTED, PORT_TYPE, VERSION);

    private PcieCapability() {
    }
}
