package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of an interrupt remapping table in its basic form.
 *
 * <p>Used while ControlRegister.GAEN is clear.
 *
 * <pre>
 *   31 24   23 16        15 8          7       6      5       4 2        1         0
 * +-------+--------+-------------+-----------+----+-------+---------+---------+---------+
 * |   0   | VECTOR | DESTINATION | GUESTMODE | DM | RQEOI | INTTYPE | SUPIOPF | REMAPEN |
 * +-------+--------+-------------+-----------+----+-------+---------+---------+---------+
 * </pre>
 */
public final class InterruptEntry {

    private static final String SECTION = "2.2.5";

    /** Bits 23:16: vector. */
    public static final Field VECTOR = Field.bits("VECTOR", 23, 16, SECTION, "vector");
    /** Bits 15:8: destination. */
    public static final Field DESTINATION = Field.bits("DESTINATION", 15, 8, SECTION, "destination");
    /** Bit 7: guest virtual interrupt; zero here. */
    public static final Field GUESTMODE = Field.bit("GUESTMODE", 7, SECTION, "guest virtual interrupt; zero here");
    /** Bit 6: destination mode: logical. */
    public static final Field DM = Field.bit("DM", 6, SECTION, "destination mode: logical");
    /** Bit 5: end of interrupt is asked for. */
    public static final Field RQEOI = Field.bit("RQEOI", 5, SECTION, "end of interrupt is asked for");
    /** Bits 4:2: delivery type. */
    public static final Field INTTYPE = Field.bits("INTTYPE", 4, 2, SECTION, "delivery type");
    /** Bit 1: faults of this entry are not logged. */
    public static final Field SUPIOPF = Field.bit("SUPIOPF", 1, SECTION, "faults of this entry are not logged");
    /** Bit 0: the entry is valid. */
    public static final Field REMAPEN = Field.bit("REMAPEN", 0, SECTION, "the entry is valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("IRTE", SECTION, 32,
            Field.reserved(31, 24, SECTION), VECTOR, DESTINATION, GUESTMODE, DM, RQEOI, INTTYPE, SUPIOPF,
            REMAPEN);

    /** Size of one entry. */
    public static final int BYTES = 4;

    private InterruptEntry() {
    }
}
