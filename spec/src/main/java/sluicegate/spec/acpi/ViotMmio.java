package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * One device behind an IOMMU, known by where its registers are.
 *
 * <pre>
 *       +--------------+
 *  0x00 | HEAD         | 4 bytes
 *       +--------------+
 *  0x04 | ENDPOINT     | 4 bytes
 *       +--------------+
 *  0x08 | BASE_ADDRESS | 8 bytes
 *       +--------------+
 *  0x10 | OUTPUT_NODE  | 2 bytes
 *       +--------------+
 *  0x12 | reserved     | 6 bytes
 *       +--------------+
 * </pre>
 */
public final class ViotMmio {

    private static final String SECTION = "ACPI 5.2, VIOT";

    /** Bytes of what is described here. */
    public static final int SIZE = 24;

    /** Offset 0x00: see ViotNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 4, SECTION, "see ViotNode");
    /** Offset 0x04: its id at the IOMMU. */
    public static final ByteField ENDPOINT = new ByteField("ENDPOINT", 0x04, 4, SECTION, "its id at the IOMMU");
    /** Offset 0x08: physical address of its registers. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x08, 8, SECTION,
            "physical address of its registers");
    /** Offset 0x10: bytes from the start of the table to the node of the IOMMU. */
    public static final ByteField OUTPUT_NODE = new ByteField("OUTPUT_NODE", 0x10, 2, SECTION,
            "bytes from the start of the table to the node of the IOMMU");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("VIOT MMIO endpoint", SECTION, SIZE,
            HEAD, ENDPOINT, BASE_ADDRESS, OUTPUT_NODE, ByteField.reserved(0x12, 6, SECTION));

    private ViotMmio() {
    }
}
