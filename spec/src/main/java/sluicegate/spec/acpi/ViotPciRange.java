package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * PCI functions behind an IOMMU. The id of a function there counts from ENDPOINT_START, 65536 for each segment.
 *
 * <pre>
 *       +----------------+
 *  0x00 | HEAD           | 4 bytes
 *       +----------------+
 *  0x04 | ENDPOINT_START | 4 bytes
 *       +----------------+
 *  0x08 | SEGMENT_START  | 2 bytes
 *       +----------------+
 *  0x0a | SEGMENT_END    | 2 bytes
 *       +----------------+
 *  0x0c | BDF_START      | 2 bytes
 *       +----------------+
 *  0x0e | BDF_END        | 2 bytes
 *       +----------------+
 *  0x10 | OUTPUT_NODE    | 2 bytes
 *       +----------------+
 *  0x12 | reserved       | 6 bytes
 *       +----------------+
 * </pre>
 */
public final class ViotPciRange {

    private static final String SECTION = "ACPI 5.2, VIOT";

    /** Bytes of what is described here. */
    public static final int SIZE = 24;

    /** Offset 0x00: see ViotNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 4, SECTION, "see ViotNode");
    /** Offset 0x04: id of the lowest function. */
    public static final ByteField ENDPOINT_START = new ByteField("ENDPOINT_START", 0x04, 4, SECTION,
            "id of the lowest function");
    /** Offset 0x08: lowest PCI segment. */
    public static final ByteField SEGMENT_START = new ByteField("SEGMENT_START", 0x08, 2, SECTION,
            "lowest PCI segment");
    /** Offset 0x0a: highest PCI segment. */
    public static final ByteField SEGMENT_END = new ByteField("SEGMENT_END", 0x0A, 2, SECTION, "highest PCI segment");
    /** Offset 0x0c: lowest requester id in each segment. */
    public static final ByteField BDF_START = new ByteField("BDF_START", 0x0C, 2, SECTION,
            "lowest requester id in each segment");
    /** Offset 0x0e: highest requester id in each segment. */
    public static final ByteField BDF_END = new ByteField("BDF_END", 0x0E, 2, SECTION,
            "highest requester id in each segment");
    /** Offset 0x10: bytes from the start of the table to the node of the IOMMU. */
    public static final ByteField OUTPUT_NODE = new ByteField("OUTPUT_NODE", 0x10, 2, SECTION,
            "bytes from the start of the table to the node of the IOMMU");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("VIOT PCI range", SECTION, SIZE,
            HEAD, ENDPOINT_START, SEGMENT_START, SEGMENT_END, BDF_START, BDF_END, OUTPUT_NODE, ByteField.reserved(0x12, 6, SECTION));

    private ViotPciRange() {
    }
}
