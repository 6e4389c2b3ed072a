package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * MSI Mapping Capability Header Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#MSICAPMMIOSUP}.
 *
 * <pre>
 *    31 27    26 18    17    16    15 8     7 0
 * +---------+-------+------+----+--------+-------+
 * | CAPTYPE |   0   | FIXD | EN | CAPPTR | CAPID |
 * +---------+-------+------+----+--------+-------+
 * </pre>
 */
public final class MsiMappingRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0168;

    /** Bits 31:27: capability type, 15h. */
    public static final Field CAPTYPE = Field.bits("CAPTYPE", 31, 27, SECTION, "capability type, 15h");
    /** Bit 17: the range is fixed. */
    public static final Field FIXD = Field.bit("FIXD", 17, SECTION, "the range is fixed");
    /** Bit 16: mapping enabled. */
    public static final Field EN = Field.bit("EN", 16, SECTION, "mapping enabled");
    /** Bits 15:8: next capability. */
    public static final Field CAPPTR = Field.bits("CAPPTR", 15, 8, SECTION, "next capability");
    /** Bits 7:0: capability id, 08h. */
    public static final Field CAPID = Field.bits("CAPID", 7, 0, SECTION, "capability id, 08h");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("MsiMappingCap", SECTION, 32,
            CAPTYPE, Field.reserved(26, 18, SECTION), FIXD, EN, CAPPTR, CAPID);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private MsiMappingRegister() {
    }
}
