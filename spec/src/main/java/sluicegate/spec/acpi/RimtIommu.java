package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * An IOMMU. Its interrupt wires ({@link RimtWire}) follow at an offset that the node tells.
 *
 * <pre>
 *       +------------------+
 *  0x00 | HEAD             | 8 bytes
 *       +------------------+
 *  0x08 | HARDWARE_ID      | 8 bytes
 *       +------------------+
 *  0x10 | BASE_ADDRESS     | 8 bytes
 *       +------------------+
 *  0x18 | FLAGS            | 4 bytes
 *       +------------------+
 *  0x1c | PROXIMITY_DOMAIN | 4 bytes
 *       +------------------+
 *  0x20 | SEGMENT          | 2 bytes
 *       +------------------+
 *  0x22 | BDF              | 2 bytes
 *       +------------------+
 *  0x24 | WIRE_COUNT       | 2 bytes
 *       +------------------+
 *  0x26 | WIRE_OFFSET      | 2 bytes
 *       +------------------+
 *
 * The flags:
 *   31 2          1           0
 * +------+-----------------+-----+
 * |  0   | PROXIMITY_VALID | PCI |
 * +------+-----------------+-----+
 * </pre>
 */
public final class RimtIommu {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 40;

    /** Offset 0x00: see RimtNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 8, SECTION, "see RimtNode");
    /** Offset 0x08: ACPI hardware id, such as RSCV0004. */
    public static final ByteField HARDWARE_ID = new ByteField("HARDWARE_ID", 0x08, 8, SECTION,
            "ACPI hardware id, such as RSCV0004");
    /** Offset 0x10: physical address of its registers, if it is no PCI function. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x10, 8, SECTION,
            "physical address of its registers, if it is no PCI function");
    /** Offset 0x18: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x18, 4, SECTION, "flags");
    /** Offset 0x1c: NUMA node, if the flag says so. */
    public static final ByteField PROXIMITY_DOMAIN = new ByteField("PROXIMITY_DOMAIN", 0x1C, 4, SECTION,
            "NUMA node, if the flag says so");
    /** Offset 0x20: its PCI segment, if it is a PCI function. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x20, 2, SECTION,
            "its PCI segment, if it is a PCI function");
    /** Offset 0x22: its requester id, if it is a PCI function. */
    public static final ByteField BDF = new ByteField("BDF", 0x22, 2, SECTION,
            "its requester id, if it is a PCI function");
    /** Offset 0x24: number of interrupt wires. */
    public static final ByteField WIRE_COUNT = new ByteField("WIRE_COUNT", 0x24, 2, SECTION,
            "number of interrupt wires");
    /** Offset 0x26: bytes from the start of the node to its interrupt wires. */
    public static final ByteField WIRE_OFFSET = new ByteField("WIRE_OFFSET", 0x26, 2, SECTION,
            "bytes from the start of the node to its interrupt wires");

    /** Bit 1: the proximity domain counts. */
    public static final Field PROXIMITY_VALID = Field.bit("PROXIMITY_VALID", 1, SECTION, "the proximity domain counts");
    /** Bit 0: it is a PCI function. */
    public static final Field PCI = Field.bit("PCI", 0, SECTION, "it is a PCI function");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT IOMMU", SECTION, SIZE,
            HEAD, HARDWARE_ID, BASE_ADDRESS, FLAGS, PROXIMITY_DOMAIN, SEGMENT, BDF, WIRE_COUNT, WIRE_OFFSET);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("RIMT IOMMU flags", SECTION, 32,
            Field.reserved(31, 2, SECTION), PROXIMITY_VALID, PCI);

    private RimtIommu() {
    }
}
