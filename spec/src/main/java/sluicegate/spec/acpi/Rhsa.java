package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Remapping Hardware Static Affinity: which memory a unit is near to.
 *
 * <pre>
 *       +------------------+
 *  0x00 | TYPE             | 2 bytes
 *       +------------------+
 *  0x02 | LENGTH           | 2 bytes
 *       +------------------+
 *  0x04 | reserved         | 4 bytes
 *       +------------------+
 *  0x08 | REGISTER_BASE    | 8 bytes
 *       +------------------+
 *  0x10 | PROXIMITY_DOMAIN | 4 bytes
 *       +------------------+
 * </pre>
 */
public final class Rhsa {

    private static final String SECTION = "VT-d 8.6";

    /** Bytes of what is described here. */
    public static final int SIZE = 20;

    /** Offset 0x00: type of the structure, 3. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "type of the structure, 3");
    /** Offset 0x02: bytes of the structure. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION, "bytes of the structure");
    /** Offset 0x08: address of the register window of the unit. */
    public static final ByteField REGISTER_BASE = new ByteField("REGISTER_BASE", 0x08, 8, SECTION,
            "address of the register window of the unit");
    /** Offset 0x10: proximity domain. */
    public static final ByteField PROXIMITY_DOMAIN = new ByteField("PROXIMITY_DOMAIN", 0x10, 4, SECTION,
            "proximity domain");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("RHSA", SECTION, SIZE,
            TYPE, LENGTH, ByteField.reserved(0x04, 4, SECTION), REGISTER_BASE, PROXIMITY_DOMAIN);

    private Rhsa() {
    }
}
