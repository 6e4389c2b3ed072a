package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * How ids of devices become ids at an IOMMU.
 *
 * <pre>
 *       +------------------+
 *  0x00 | SOURCE_BASE      | 4 bytes
 *       +------------------+
 *  0x04 | ID_COUNT         | 4 bytes
 *       +------------------+
 *  0x08 | DESTINATION_BASE | 4 bytes
 *       +------------------+
 *  0x0c | DESTINATION      | 4 bytes
 *       +------------------+
 *  0x10 | FLAGS            | 4 bytes
 *       +------------------+
 * </pre>
 */
public final class RimtIdMapping {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 20;

    /** Offset 0x00: lowest id that comes in. */
    public static final ByteField SOURCE_BASE = new ByteField("SOURCE_BASE", 0x00, 4, SECTION,
            "lowest id that comes in");
    /** Offset 0x04: number of ids. */
    public static final ByteField ID_COUNT = new ByteField("ID_COUNT", 0x04, 4, SECTION, "number of ids");
    /** Offset 0x08: id of the lowest at the IOMMU. */
    public static final ByteField DESTINATION_BASE = new ByteField("DESTINATION_BASE", 0x08, 4, SECTION,
            "id of the lowest at the IOMMU");
    /** Offset 0x0c: bytes from the start of the table to the node of the IOMMU. */
    public static final ByteField DESTINATION = new ByteField("DESTINATION", 0x0C, 4, SECTION,
            "bytes from the start of the table to the node of the IOMMU");
    /** Offset 0x10: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x10, 4, SECTION, "flags");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT id mapping", SECTION, SIZE,
            SOURCE_BASE, ID_COUNT, DESTINATION_BASE, DESTINATION, FLAGS);

    private RimtIdMapping() {
    }
}
