package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * MSI-X: interrupts from a table in memory space.
 *
 * <pre>
 *       +-------------------+
 *  0x00 | CAPABILITY_HEADER | 2 bytes
 *       +-------------------+
 *  0x02 | CONTROL_REGISTER  | 2 bytes
 *       +-------------------+
 *  0x04 | TABLE             | 4 bytes
 *       +-------------------+
 *  0x08 | PBA               | 4 bytes
 *       +-------------------+
 *
 * The message control register:
 *     15           14        13 11   10       0
 * +--------+---------------+-------+------------+
 * | ENABLE | FUNCTION_MASK |   0   | TABLE_SIZE |
 * +--------+---------------+-------+------------+
 *
 * The place of table and pending bit array:
 *   31   3   2 0
 * +--------+-----+
 * | OFFSET | BIR |
 * +--------+-----+
 * </pre>
 */
public final class MsixCapability {

    private static final String SECTION = "PCIe 7.7.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 12;

    /** Offset 0x00: see {@link CapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 2, SECTION,
            "see CapabilityHeader");
    /** Offset 0x02: what the function can do and what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x02, 2, SECTION,
            "what the function can do and what is switched on");
    /** Offset 0x04: where the table is. */
    public static final ByteField TABLE = new ByteField("TABLE", 0x04, 4, SECTION, "where the table is");
    /** Offset 0x08: where the pending bit array is. */
    public static final ByteField PBA = new ByteField("PBA", 0x08, 4, SECTION, "where the pending bit array is");

    /** Bit 15: MSI-X is on. */
    public static final Field ENABLE = Field.bit("ENABLE", 15, SECTION, "MSI-X is on");
    /** Bit 14: all messages are held back. */
    public static final Field FUNCTION_MASK = Field.bit("FUNCTION_MASK", 14, SECTION, "all messages are held back");
    /** Bits 10:0: entries of the table, less one. */
    public static final Field TABLE_SIZE = Field.bits("TABLE_SIZE", 10, 0, SECTION, "entries of the table, less one");

    /** Bits 31:3: bytes from the start of the space that BIR names. */
    public static final Field OFFSET = Field.address("OFFSET", 31, 3, SECTION,
            "bytes from the start of the space that BIR names");
    /** Bits 2:0: number of a base address register. */
    public static final Field BIR = Field.bits("BIR", 2, 0, SECTION, "number of a base address register");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("MSI-X capability", SECTION, SIZE,
            CAPABILITY_HEADER, CONTROL_REGISTER, TABLE, PBA);

    /** The message control register. */
    public static final Layout CONTROL = Layout.of("MSI-X message control register", SECTION, 16,
            ENABLE, FUNCTION_MASK, Field.reserved(13, 11, SECTION), TABLE_SIZE);

    /** The place of table and pending bit array. */
    public static final Layout PLACE = Layout.of("MSI-X table and PBA offset", SECTION, 32,
            OFFSET, BIR);

    /** Bytes of a table entry: address, upper address, data, vector control. */
    public static final int ENTRY_BYTES = 16;

    private MsixCapability() {
    }
}
