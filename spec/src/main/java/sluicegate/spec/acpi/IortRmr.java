package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Reserved memory ranges: memory that stays in use by devices. Its id mappings lead to SMMUs: their output ids are
 * the stream ids concerned. The ranges ({@link IortMemoryRange}) stand where the offset tells.
 *
 * <pre>
 *       +--------------+
 *  0x00 | HEAD         | 16 bytes
 *       +--------------+
 *  0x10 | FLAGS        | 4 bytes
 *       +--------------+
 *  0x14 | RANGE_COUNT  | 4 bytes
 *       +--------------+
 *  0x18 | RANGE_OFFSET | 4 bytes
 *       +--------------+
 *
 * The flags:
 *   31 10          9 2              1               0
 * +-------+-------------------+------------+-----------------+
 * |   0   | ACCESS_ATTRIBUTES | PRIVILEGED | REMAP_PERMITTED |
 * +-------+-------------------+------------+-----------------+
 * </pre>
 */
public final class IortRmr {

    private static final String SECTION = "DEN0049 3.1.1.5";

    /** Bytes of what is described here. */
    public static final int SIZE = 28;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x10, 4, SECTION, "flags");
    /** Offset 0x14: number of ranges. */
    public static final ByteField RANGE_COUNT = new ByteField("RANGE_COUNT", 0x14, 4, SECTION, "number of ranges");
    /** Offset 0x18: bytes from the start of the node to the ranges. */
    public static final ByteField RANGE_OFFSET = new ByteField("RANGE_OFFSET", 0x18, 4, SECTION,
            "bytes from the start of the node to the ranges");

    /** Bits 9:2: memory type: 0 to 3 device, 4 normal not cached, 5 normal write-back. */
    public static final Field ACCESS_ATTRIBUTES = Field.bits("ACCESS_ATTRIBUTES", 9, 2, SECTION,
            "memory type: 0 to 3 device, 4 normal not cached, 5 normal write-back");
    /** Bit 1: accesses are privileged. */
    public static final Field PRIVILEGED = Field.bit("PRIVILEGED", 1, SECTION, "accesses are privileged");
    /** Bit 0: the operating system may move what is there. */
    public static final Field REMAP_PERMITTED = Field.bit("REMAP_PERMITTED", 0, SECTION,
            "the operating system may move what is there");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT RMR", SECTION, SIZE,
            HEAD, FLAGS, RANGE_COUNT, RANGE_OFFSET);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IORT RMR flags", SECTION, 32,
            Field.reserved(31, 10, SECTION), ACCESS_ATTRIBUTES, PRIVILEGED, REMAP_PERMITTED);

    private IortRmr() {
    }
}
