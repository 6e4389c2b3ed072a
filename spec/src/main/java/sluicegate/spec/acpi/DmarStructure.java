package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Head of every remapping structure in the {@link DmarTable}.
 *
 * <pre>
 *       +----------+
 *  0x00 | TYPE     | 2 bytes
 *       +----------+
 *  0x02 | LENGTH   | 2 bytes
 *       +----------+
 * </pre>
 */
public final class DmarStructure {

    private static final String SECTION = "VT-d 8.2";

    /** Bytes of what is described here. */
    public static final int SIZE = 4;

    /** Offset 0x00: what it is, see {@link DmarStructureType}. */
    public static final ByteField TYPE = new ByteField("TYPE", 0x00, 2, SECTION, "what it is, see DmarStructureType");
    /** Offset 0x02: bytes of the structure, this head and its device scopes included. */
    public static final ByteField LENGTH = new ByteField("LENGTH", 0x02, 2, SECTION,
            "bytes of the structure, this head and its device scopes included");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("Remapping structure", SECTION, SIZE,
            TYPE, LENGTH);

    private DmarStructure() {
    }
}
