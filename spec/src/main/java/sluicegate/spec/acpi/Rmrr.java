package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Reserved Memory Region Reporting: memory that devices use from before the operating system. Device scopes follow.
 *
 * <pre>
 *       +--------------+
 *  0x00 | TYPE         | 2 bytes
 *       +--------------+
 *  0x02 | LENGTH       | 2 bytes
 *       +--------------+
 *  0x04 | reserved     | 2 bytes
 *       +--------------+
 *  0x06 | SEGMENT      | 2 bytes
 *       +--------------+
 *  0x08 | REGION_BASE  | 8 bytes
 *       +--------------+
 *  0x10 | REGION_LIMIT | 8 bytes
 *       +--------------+
 * </pre>
 */
public final class Rmrr {

    private static final String SECTION = "VT-d 8.4";

    /** Bytes of what is described here. */
    public static final int SIZE = 24;

    /** Offset 0x00: type of the structure, 1. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "type of the structure, 1");
    /** Offset 0x02: bytes of the structure, device scopes included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the structure, device scopes included");
    /** Offset 0x06: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x06, 2, SECTION, "PCI segment");
    /** Offset 0x08: first address, aligned to 4 KiB. */
    public static final ByteField REGION_BASE = new ByteField("REGION_BASE", 0x08, 8, SECTION,
            "first address, aligned to 4 KiB");
    /** Offset 0x10: last address, one less than a multiple of 4 KiB. */
    public static final ByteField REGION_LIMIT = new ByteField("REGION_LIMIT", 0x10, 8, SECTION,
            "last address, one less than a multiple of 4 KiB");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RMRR", SECTION, SIZE,
            TYPE, LENGTH, ByteField.reserved(0x04, 2, SECTION), SEGMENT, REGION_BASE, REGION_LIMIT);

    private Rmrr() {
    }
}
