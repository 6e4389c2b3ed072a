package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Device that the ACPI name space names. Its path follows, as text that a zero ends.
 *
 * <pre>
 *       +----------------+
 *  0x00 | HEAD           | 8 bytes
 *       +----------------+
 *  0x08 | MAPPING_OFFSET | 2 bytes
 *       +----------------+
 *  0x0a | MAPPING_COUNT  | 2 bytes
 *       +----------------+
 * </pre>
 */
public final class RimtPlatformDevice {

    private static final String SECTION = "RIMT 2";

    /** Bytes of what is described here. */
    public static final int SIZE = 12;

    /** Offset 0x00: see RimtNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 8, SECTION, "see RimtNode");
    /** Offset 0x08: bytes from the start of the node to its id mappings. */
    public static final ByteField MAPPING_OFFSET = new ByteField("MAPPING_OFFSET", 0x08, 2, SECTION,
            "bytes from the start of the node to its id mappings");
    /** Offset 0x0a: number of id mappings. */
    public static final ByteField MAPPING_COUNT = new ByteField("MAPPING_COUNT", 0x0A, 2, SECTION,
            "number of id mappings");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RIMT platform device", SECTION, SIZE,
            HEAD, MAPPING_OFFSET, MAPPING_COUNT);

    private RimtPlatformDevice() {
    }
}
