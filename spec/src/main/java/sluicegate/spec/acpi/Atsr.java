package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Root Port ATS Capability Reporting: below which root ports device TLBs may be used. Device scopes follow.
 *
 * <pre>
 *       +----------+
 *  0x00 | TYPE     | 2 bytes
 *       +----------+
 *  0x02 | LENGTH   | 2 bytes
 *       +----------+
 *  0x04 | FLAGS    | 1 byte
 *       +----------+
 *  0x05 | reserved | 1 byte
 *       +----------+
 *  0x06 | SEGMENT  | 2 bytes
 *       +----------+
 *
 * The flags:
 *   7 1       0
 * +-----+-----------+
 * |  0  | ALL_PORTS |
 * +-----+-----------+
 * </pre>
 */
public final class Atsr {

    private static final String SECTION = "VT-d 8.5";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: type of the structure, 2. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "type of the structure, 2");
    /** Offset 0x02: bytes of the structure, device scopes included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the structure, device scopes included");
    /** Offset 0x04: flags. */
    public static final ByteField FLAGS = new ByteField("FLAGS", 0x04, 1, SECTION, "flags");
    /** Offset 0x06: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x06, 2, SECTION, "PCI segment");

    /** Bit 0: all root ports of the segment. */
    public static final Field ALL_PORTS = Field.bit("ALL_PORTS", 0, SECTION, "all root ports of the segment");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("ATSR", SECTION, SIZE,
            TYPE, LENGTH, FLAGS, ByteField.reserved(0x05, 1, SECTION), SEGMENT);

    /** The flags. */
    public static final Layout FLAG_BITS = Layout.of("ATSR flags", SECTION, 8,
            Field.reserved(7, 1, SECTION), ALL_PORTS);

    private Atsr() {
    }
}
