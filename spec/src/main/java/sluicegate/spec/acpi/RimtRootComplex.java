package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PCI root complex: its ids are requester ids.
 *
 * <pre>
 *       +----------------+
 *  0x00 | HEAD           | 8 bytes
 *       +----------------+
 *  0x08 | FLAGS          | 4 bytes
 *       +----------------+
 *  0x0c | reserved       | 2 bytes
 *       +----------------+
 *  0x0e | SEGMENT        | 2 bytes
 *       +----------------+
 *  0x10 | MAPPING_OFFSET | 2 bytes
 *       +----------------+
 *  0x12 | MAPPING_COUNT  | 2 bytes
 *       +----------------+
 *
 * The flags:
 *   31 2         1               0
 * +------+---------------+---------------+
 * |  0   | PRI_SUPPORTED | ATS_SUPPORTED |
 * +------+---------------+---------------+
 * </pre>
 */
public final class RimtRootComplex {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 20;

    /** Offset 0x00: see RimtNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 8, SECTION, "see RimtNode");
    /** Offset 0x08: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x08, 4, SECTION, "flags");
    /** Offset 0x0e: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x0E, 2, SECTION, "PCI segment");
    /** Offset 0x10: bytes from the start of the node to its id mappings. */
    public static final ByteField MAPPING_OFFSET = new ByteField("MAPPING_OFFSET", 0x10, 2, SECTION,
            "bytes from the start of the node to its id mappings");
    /** Offset 0x12: number of id mappings. */
    public static final ByteField MAPPING_COUNT = new ByteField("MAPPING_COUNT", 0x12, 2, SECTION,
            "number of id mappings");

    /** Bit 1: it supports page requests. */
    public static final Field PRI_SUPPORTED = Field.bit("PRI_SUPPORTED", 1, SECTION, "it supports page requests");
    /** Bit 0: it supports address translation services. */
    public static final Field ATS_SUPPORTED = Field.bit("ATS_SUPPORTED", 0, SECTION,
            "it supports address translation services");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT root complex", SECTION, SIZE,
            HEAD, FLAGS, ByteField.reserved(0x0C, 2, SECTION), SEGMENT, MAPPING_OFFSET, MAPPING_COUNT);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("RIMT root complex flags", SECTION, 32,
            Field.reserved(31, 2, SECTION), PRI_SUPPORTED, ATS_SUPPORTED);

    private RimtRootComplex() {
    }
}
