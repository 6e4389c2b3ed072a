package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * SoC Integrated Device Property reporting: what integrated devices need. Device scopes with flags follow.
 *
 * <pre>
 *       +----------+
 *  0x00 | TYPE     | 2 bytes
 *       +----------+
 *  0x02 | LENGTH   | 2 bytes
 *       +----------+
 *  0x04 | reserved | 2 bytes
 *       +----------+
 *  0x06 | SEGMENT  | 2 bytes
 *       +----------+
 * </pre>
 */
public final class Sidp {

    private static final String SECTION = "VT-d 8.9";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: type of the structure, 6. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "type of the structure, 6");
    /** Offset 0x02: bytes of the structure, device scopes included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the structure, device scopes included");
    /** Offset 0x06: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x06, 2, SECTION, "PCI segment");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("SIDP", SECTION, SIZE,
            TYPE, LENGTH, ByteField.reserved(0x04, 2, SECTION), SEGMENT);

    private Sidp() {
    }
}
