package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * A virtio-iommu that is a PCI function.
 *
 * <pre>
 *       +----------+
 *  0x00 | HEAD     | 4 bytes
 *       +----------+
 *  0x04 | SEGMENT  | 2 bytes
 *       +----------+
 *  0x06 | BDF      | 2 bytes
 *       +----------+
 *  0x08 | reserved | 8 bytes
 *       +----------+
 * </pre>
 */
public final class ViotVirtioPci {

    private static final String SECTION = "ACPI 5.2, VIOT";

    /** Bytes of what is described here. */
    public static final int SIZE = 16;

    /** Offset 0x00: see ViotNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 4, SECTION, "see ViotNode");
    /** Offset 0x04: its PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x04, 2, SECTION, "its PCI segment");
    /** Offset 0x06: its requester id. */
    public static final ByteField BDF = new ByteField("BDF", 0x06, 2, SECTION, "its requester id");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("VIOT virtio-iommu on PCI", SECTION, SIZE,
            HEAD, SEGMENT, BDF, ByteField.reserved(0x08, 8, SECTION));

    private ViotVirtioPci() {
    }
}
