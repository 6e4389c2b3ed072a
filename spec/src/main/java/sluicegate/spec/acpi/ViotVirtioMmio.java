package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * A virtio-iommu whose registers are in memory.
 *
 * <pre>
 *       +--------------+
 *  0x00 | HEAD         | 4 bytes
 *       +--------------+
 *  0x04 | reserved     | 4 bytes
 *       +--------------+
 *  0x08 | BASE_ADDRESS | 8 bytes
 *       +--------------+
 * </pre>
 */
public final class ViotVirtioMmio {

    private static final String SECTION = "ACPI 5.2, VIOT";

    /** Bytes of what is described here. */
    public static final int SIZE = 16;

    /** Offset 0x00: see ViotNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 4, SECTION, "see ViotNode");
    /** Offset 0x08: physical address of its registers. */
    public static final ByteField BASE_ADDRESS = new ByteField("BASE_ADDRESS", 0x08, 8, SECTION,
            "physical address of its registers");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("VIOT virtio-iommu in memory", SECTION, SIZE,
            HEAD, ByteField.reserved(0x04, 4, SECTION), BASE_ADDRESS);

    private ViotVirtioMmio() {
    }
}
