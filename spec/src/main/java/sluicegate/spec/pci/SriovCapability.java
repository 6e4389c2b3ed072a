package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Single Root I/O Virtualization: the function (PF) can show more of its kind (VFs).
 *
 * <pre>
 *       +--------------------------+
 *  0x00 | CAPABILITY_HEADER        | 4 bytes
 *       +--------------------------+
 *  0x04 | CAPABILITY_REGISTER      | 4 bytes
 *       +--------------------------+
 *  0x08 | CONTROL_REGISTER         | 2 bytes
 *       +--------------------------+
 *  0x0a | STATUS_REGISTER          | 2 bytes
 *       +--------------------------+
 *  0x0c | INITIAL_VFS              | 2 bytes
 *       +--------------------------+
 *  0x0e | TOTAL_VFS                | 2 bytes
 *       +--------------------------+
 *  0x10 | NUM_VFS                  | 2 bytes
 *       +--------------------------+
 *  0x12 | FUNCTION_DEPENDENCY_LINK | 1 byte
 *       +--------------------------+
 *  0x13 | reserved                 | 1 byte
 *       +--------------------------+
 *  0x14 | FIRST_VF_OFFSET          | 2 bytes
 *       +--------------------------+
 *  0x16 | VF_STRIDE                | 2 bytes
 *       +--------------------------+
 *  0x18 | reserved                 | 2 bytes
 *       +--------------------------+
 *  0x1a | VF_DEVICE_ID             | 2 bytes
 *       +--------------------------+
 *  0x1c | SUPPORTED_PAGE_SIZES     | 4 bytes
 *       +--------------------------+
 *  0x20 | SYSTEM_PAGE_SIZE         | 4 bytes
 *       +--------------------------+
 *  0x24 | VF_BAR0                  | 4 bytes
 *       +--------------------------+
 *  0x28 | VF_BAR1                  | 4 bytes
 *       +--------------------------+
 *  0x2c | VF_BAR2                  | 4 bytes
 *       +--------------------------+
 *  0x30 | VF_BAR3                  | 4 bytes
 *       +--------------------------+
 *  0x34 | VF_BAR4                  | 4 bytes
 *       +--------------------------+
 *  0x38 | VF_BAR5                  | 4 bytes
 *       +--------------------------+
 *  0x3c | VF_MIGRATION_STATE_ARRAY | 4 bytes
 *       +--------------------------+
 *
 * The capability register:
 *   31                  21   20 3           2                  1              0
 * +------------------------+------+--------------------+---------------+--------------+
 * | VF_MIGRATION_INTERRUPT |  0   | VF_TAG10_REQUESTER | ARI_PRESERVED | VF_MIGRATION |
 * +------------------------+------+--------------------+---------------+--------------+
 *
 * The control register:
 *   15 6               5                         4               3                    2
 * +------+---------------------------+-----------------------+--------+-------------------------------+
 * |  0   | VF_TAG10_REQUESTER_ENABLE | ARI_CAPABLE_HIERARCHY | VF_MSE | VF_MIGRATION_INTERRUPT_ENABLE |
 * +------+---------------------------+-----------------------+--------+-------------------------------+
 *            1                0
 * +---------------------+-----------+
 * | VF_MIGRATION_ENABLE | VF_ENABLE |
 * +---------------------+-----------+
 * </pre>
 */
public final class SriovCapability {

    private static final String SECTION = "PCIe 9.3.3";

    /** Bytes of what is described here. */
    public static final int SIZE = 64;

    /** Offset 0x00: see {@link ExtendedCapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 4, SECTION,
            "see ExtendedCapabilityHeader");
    /** Offset 0x04: what the device can do. */
    public static final ByteField CAPABILITY_REGISTER = new ByteField("CAPABILITY_REGISTER", 0x04, 4, SECTION,
            "what the device can do");
    /** Offset 0x08: what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x08, 2, SECTION,
            "what is switched on");
    /** Offset 0x0a: what happened. */
    public static final ByteField STATUS_REGISTER = new ByteField("STATUS_REGISTER", 0x0A, 2, SECTION,
            "what happened");
    /** Offset 0x0c: how many VFs there are at first. */
    public static final ByteField INITIAL_VFS = new ByteField("INITIAL_VFS", 0x0C, 2, SECTION,
            "how many VFs there are at first");
    /** Offset 0x0e: how many VFs there can be. */
    public static final ByteField TOTAL_VFS = new ByteField("TOTAL_VFS", 0x0E, 2, SECTION,
            "how many VFs there can be");
    /** Offset 0x10: how many VFs are on. */
    public static final ByteField NUM_VFS = new ByteField("NUM_VFS", 0x10, 2, SECTION, "how many VFs are on");
    /** Offset 0x12: function that this one depends on. */
    public static final ByteField FUNCTION_DEPENDENCY_LINK = new ByteField("FUNCTION_DEPENDENCY_LINK", 0x12, 1, SECTION,
            "function that this one depends on");
    /** Offset 0x14: requester id of the first VF, less that of the PF. */
    public static final ByteField FIRST_VF_OFFSET = new ByteField("FIRST_VF_OFFSET", 0x14, 2, SECTION,
            "requester id of the first VF, less that of the PF");
    /** Offset 0x16: distance between the requester ids of two VFs. */
    public static final ByteField VF_STRIDE = new ByteField("VF_STRIDE", 0x16, 2, SECTION,
            "distance between the requester ids of two VFs");
    /** Offset 0x1a: device id of the VFs. */
    public static final ByteField VF_DEVICE_ID = new ByteField("VF_DEVICE_ID", 0x1A, 2, SECTION,
            "device id of the VFs");
    /** Offset 0x1c: page sizes, bit n for 2 to the power of n + 12. */
    public static final ByteField SUPPORTED_PAGE_SIZES = new ByteField("SUPPORTED_PAGE_SIZES", 0x1C, 4, SECTION,
            "page sizes, bit n for 2 to the power of n + 12");
    /** Offset 0x20: page size in use. */
    public static final ByteField SYSTEM_PAGE_SIZE = new ByteField("SYSTEM_PAGE_SIZE", 0x20, 4, SECTION,
            "page size in use");
    /** Offset 0x24: base address of all VFs. */
    public static final ByteField VF_BAR0 = new ByteField("VF_BAR0", 0x24, 4, SECTION, "base address of all VFs");
    /** Offset 0x28: base address of all VFs. */
    public static final ByteField VF_BAR1 = new ByteField("VF_BAR1", 0x28, 4, SECTION, "base address of all VFs");
    /** Offset 0x2c: base address of all VFs. */
    public static final ByteField VF_BAR2 = new ByteField("VF_BAR2", 0x2C, 4, SECTION, "base address of all VFs");
    /** Offset 0x30: base address of all VFs. */
    public static final ByteField VF_BAR3 = new ByteField("VF_BAR3", 0x30, 4, SECTION, "base address of all VFs");
    /** Offset 0x34: base address of all VFs. */
    public static final ByteField VF_BAR4 = new ByteField("VF_BAR4", 0x34, 4, SECTION, "base address of all VFs");
    /** Offset 0x38: base address of all VFs. */
    public static final ByteField VF_BAR5 = new ByteField("VF_BAR5", 0x38, 4, SECTION, "base address of all VFs");
    /** Offset 0x3c: VF migration state array offset. */
    public static final ByteField VF_MIGRATION_STATE_ARRAY = new ByteField("VF_MIGRATION_STATE_ARRAY", 0x3C, 4, SECTION,
            "VF migration state array offset");

    /** Bits 31:21: VF migration interrupt message number. */
    public static final Field VF_MIGRATION_INTERRUPT = Field.bits("VF_MIGRATION_INTERRUPT", 31, 21, SECTION,
            "VF migration interrupt message number");
    /** Bit 2: VFs can send 10-bit tags. */
    public static final Field VF_TAG10_REQUESTER = Field.bit("VF_TAG10_REQUESTER", 2, SECTION,
            "VFs can send 10-bit tags");
    /** Bit 1: the ARI setting is kept across power states. */
    public static final Field ARI_PRESERVED = Field.bit("ARI_PRESERVED", 1, SECTION,
            "the ARI setting is kept across power states");
    /** Bit 0: VF migration. */
    public static final Field VF_MIGRATION = Field.bit("VF_MIGRATION", 0, SECTION, "VF migration");

    /** Bit 5: VFs may send 10-bit tags. */
    public static final Field VF_TAG10_REQUESTER_ENABLE = Field.bit("VF_TAG10_REQUESTER_ENABLE", 5, SECTION,
            "VFs may send 10-bit tags");
    /** Bit 4: VFs may have function numbers up to 255. */
    public static final Field ARI_CAPABLE_HIERARCHY = Field.bit("ARI_CAPABLE_HIERARCHY", 4, SECTION,
            "VFs may have function numbers up to 255");
    /** Bit 3: VFs answer in memory space. */
    public static final Field VF_MSE = Field.bit("VF_MSE", 3, SECTION, "VFs answer in memory space");
    /** Bit 2: VF migration interrupt. */
    public static final Field VF_MIGRATION_INTERRUPT_ENABLE = Field.bit("VF_MIGRATION_INTERRUPT_ENABLE", 2, SECTION,
            "VF migration interrupt");
    /** Bit 1: VF migration. */
    public static final Field VF_MIGRATION_ENABLE = Field.bit("VF_MIGRATION_ENABLE", 1, SECTION, "VF migration");
    /** Bit 0: VFs are on. */
    public static final Field VF_ENABLE = Field.bit("VF_ENABLE", 0, SECTION, "VFs are on");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("SR-IOV capability", SECTION, SIZE,
            CAPABILITY_HEADER, CAPABILITY_REGISTER, CONTROL_REGISTER, STATUS_REGISTER, INITIAL_VFS, TOTAL_VFS,
            NUM_VFS, FUNCTION_DEPENDENCY_LINK, ByteField.reserved(0x13, 1, SECTION), FIRST_VF_OFFSET, VF_STRIDE,
            ByteField.reserved(0x18, 2, SECTION), VF_DEVICE_ID, SUPPORTED_PAGE_SIZES, SYSTEM_PAGE_SIZE, VF_BAR0,
            VF_BAR1, VF_BAR2, VF_BAR3, VF_BAR4, VF_BAR5, VF_MIGRATION_STATE_ARRAY);

    /** The capability register. */
    public static final Layout CAPABILITY = Layout.of("SR-IOV capability register", SECTION, 32,
            VF_MIGRATION_INTERRUPT, Field.reserved(20, 3, SECTION), VF_TAG10_REQUESTER, ARI_PRESERVED, VF_MIGRATION);

    /** The control register. */
    public static final Layout CONTROL = Layout.of("SR-IOV control register", SECTION, 16,
            Field.reserved(15, 6, SECTION), VF_TAG10_REQUESTER_ENABLE, ARI_CAPABLE_HIERARCHY, VF_MSE,
            VF_MIGRATION_INTERRUPT_ENABLE, VF_MIGRATION_ENABLE, VF_ENABLE);

    private SriovCapability() {
    }

    /** Requester id of a VF, counted from 0. */
    public static int requesterIdOfVf(int pfRequesterId, int firstVfOffset, int vfStride, int index) {
        return pfRequesterId + firstVfOffset + vfStride * index & 0xFFFF;
    }
}
