package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Process Address Space ID: requests may say which address space they are for.
 *
 * <pre>
 *       +---------------------+
 *  0x00 | CAPABILITY_HEADER   | 4 bytes
 *       +---------------------+
 *  0x04 | CAPABILITY_REGISTER | 2 bytes
 *       +---------------------+
 *  0x06 | CONTROL_REGISTER    | 2 bytes
 *       +---------------------+
 *
 * The capability register:
 *   15 13   12            8   7 3          2                  1            0
 * +-------+-----------------+-----+-----------------+--------------------+---+
 * |   0   | MAX_PASID_WIDTH |  0  | PRIVILEGED_MODE | EXECUTE_PERMISSION | 0 |
 * +-------+-----------------+-----+-----------------+--------------------+---+
 *
 * The control register:
 *   15 3             2                          1                 0
 * +------+------------------------+---------------------------+--------+
 * |  0   | PRIVILEGED_MODE_ENABLE | EXECUTE_PERMISSION_ENABLE | ENABLE |
 * +------+------------------------+---------------------------+--------+
 * </pre>
 */
public final class PasidCapability {

    private static final String SECTION = "PCIe 7.8.8";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: see {@link ExtendedCapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 4, SECTION,
            "see ExtendedCapabilityHeader");
    /** Offset 0x04: what the device can do. */
    public static final ByteField CAPABILITY_REGISTER = new ByteField("CAPABILITY_REGISTER", 0x04, 2, SECTION,
            "what the device can do");
    /** Offset 0x06: what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x06, 2, SECTION,
            "what is switched on");

    /** Bits 12:8: how many bits a PASID may have. */
    public static final Field MAX_PASID_WIDTH = Field.bits("MAX_PASID_WIDTH", 12, 8, SECTION,
            "how many bits a PASID may have");
    /** Bit 2: may ask for supervisor privilege. */
    public static final Field PRIVILEGED_MODE = Field.bit("PRIVILEGED_MODE", 2, SECTION,
            "may ask for supervisor privilege");
    /** Bit 1: may ask for execute permission. */
    public static final Field EXECUTE_PERMISSION = Field.bit("EXECUTE_PERMISSION", 1, SECTION,
            "may ask for execute permission");

    /** Bit 2: may ask for supervisor privilege. */
    public static final Field PRIVILEGED_MODE_ENABLE = Field.bit("PRIVILEGED_MODE_ENABLE", 2, SECTION,
            "may ask for supervisor privilege");
    /** Bit 1: may ask for execute permission. */
    public static final Field EXECUTE_PERMISSION_ENABLE = Field.bit("EXECUTE_PERMISSION_ENABLE", 1, SECTION,
            "may ask for execute permission");
    /** Bit 0: may send requests with PASID. */
    public static final Field ENABLE = Field.bit("ENABLE", 0, SECTION, "may send requests with PASID");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("PASID capability", SECTION, SIZE,
            CAPABILITY_HEADER, CAPABILITY_REGISTER, CONTROL_REGISTER);

    /** The capability register. */
    public static final Layout CAPABILITY = Layout.of("PASID capability register", SECTION, 16,
            Field.reserved(15, 13, SECTION), MAX_PASID_WIDTH, Field.reserved(7, 3, SECTION), PRIVILEGED_MODE,
            EXECUTE_PERMISSION, Field.reserved(0, 0, SECTION));

    /** The control register. */
    public static final Layout CONTROL = Layout.of("PASID control register", SECTION, 16,
            Field.reserved(15, 3, SECTION), PRIVILEGED_MODE_ENABLE, EXECUTE_PERMISSION_ENABLE, ENABLE);

    private PasidCapability() {
    }
}
