package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;

/**
 * Group of interrupt translation services. Their ids follow, four bytes each.
 *
 * <pre>
 *       +-----------+
 *  0x00 | HEAD      | 16 bytes
 *       +-----------+
 *  0x10 | ITS_COUNT | 4 bytes
 *       +-----------+
 * </pre>
 */
public final class IortItsGroup {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 20;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: number of interrupt translation services. */
    public static final ByteField ITS_COUNT = new ByteField("ITS_COUNT", 0x10, 4, SECTION,
            "number of interrupt translation services");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT ITS group", SECTION, SIZE,
            HEAD, ITS_COUNT);

    /** Bytes of one id. */
    public static final int ID_SIZE = 4;

    /** Id of an interrupt translation service as MADT has it, counted from the start of the id. */
    public static final ByteField ITS_ID = new ByteField("ITS_ID", 0, 4, SECTION,
            "id of an interrupt translation service as MADT has it");

    private IortItsGroup() {
    }
}
