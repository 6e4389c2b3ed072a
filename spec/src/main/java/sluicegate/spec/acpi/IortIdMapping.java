package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * How ids of a node become ids of another: a range of input ids, or with {@link #SINGLE_MAPPING} one output id
 * whatever comes in.
 *
 * <pre>
 *       +------------------+
 *  0x00 | INPUT_BASE       | 4 bytes
 *       +------------------+
 *  0x04 | ID_COUNT         | 4 bytes
 *       +------------------+
 *  0x08 | OUTPUT_BASE      | 4 bytes
 *       +------------------+
 *  0x0c | OUTPUT_REFERENCE | 4 bytes
 *       +------------------+
 *  0x10 | FLAGS            | 4 bytes
 *       +------------------+
 *
 * The flags:
 *   31 1         0
 * +------+----------------+
 * |  0   | SINGLE_MAPPING |
 * +------+----------------+
 * </pre>
 */
public final class IortIdMapping {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 20;

    /** Offset 0x00: lowest id that comes in. */
    public static final ByteField INPUT_BASE = new ByteField("INPUT_BASE", 0x00, 4, SECTION, "lowest id that comes in");
    /** Offset 0x04: number of ids, less one. */
    public static final ByteField ID_COUNT = new ByteField("ID_COUNT", 0x04, 4, SECTION, "number of ids, less one");
    /** Offset 0x08: lowest id that goes out. */
    public static final ByteField OUTPUT_BASE = new ByteField("OUTPUT_BASE", 0x08, 4, SECTION,
            "lowest id that goes out");
    /** Offset 0x0c: bytes from the start of the table to the node that the ids go to. */
    public static final ByteField OUTPUT_REFERENCE = new ByteField("OUTPUT_REFERENCE", 0x0C, 4, SECTION,
            "bytes from the start of the table to the node that the ids go to");
    /** Offset 0x10: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x10, 4, SECTION, "flags");

    /** Bit 0: the output id is the output base, whatever the input id. */
    public static final Field SINGLE_MAPPING = Field.bit("SINGLE_MAPPING", 0, SECTION,
            "the output id is the output base, whatever the input id");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT id mapping", SECTION, SIZE,
            INPUT_BASE, ID_COUNT, OUTPUT_BASE, OUTPUT_REFERENCE, FLAGS);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("IORT id mapping flags", SECTION, 32,
            Field.reserved(31, 1, SECTION), SINGLE_MAPPING);

    private IortIdMapping() {
    }
}
