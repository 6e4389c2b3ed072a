package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Context Command Register, {@code CCMD_REG}: invalidates the context cache.
 *
 * <pre>
 *    63   62 61   60 59   58 34   33 32
 * +-----+-------+-------+-------+-------+
 * | ICC |  CIRG |  CAIG |   0   |   FM  |
 * +-----+-------+-------+-------+-------+
 *   31 16   15 0
 * +-------+------+
 * |  SID  | DID  |
 * +-------+------+
 * </pre>
 */
public final class ContextCommandRegister {

    private static final String SECTION = "11.4.6";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x28;

    /** Bit 63: invalidate context cache; hardware clears it when done. */
    public static final Field ICC = Field.bit("ICC", 63, SECTION,
            "invalidate context cache; hardware clears it when done");
    /** Bits 62:61: requested granularity. */
    public static final Field CIRG = Field.bits("CIRG", 62, 61, SECTION, "requested granularity");
    /** Bits 60:59: granularity that hardware chose. */
    public static final Field CAIG = Field.bits("CAIG", 60, 59, SECTION, "granularity that hardware chose");
    /** Bits 33:32: function mask: how many of the upper bits of the function number to ignore. */
    public static final Field FM = Field.bits("FM", 33, 32, SECTION,
            "function mask: how many of the upper bits of the function number to ignore");
    /** Bits 31:16: source id. */
    public static final Field SID = Field.bits("SID", 31, 16, SECTION, "source id");
    /** Bits 15:0: domain id. */
    public static final Field DID = Field.bits("DID", 15, 0, SECTION, "domain id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CCMD_REG", SECTION, 64,
            ICC, CIRG, CAIG, Field.reserved(58, 34, SECTION), FM, SID, DID);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** {@link #CIRG}, {@link #CAIG}: everything. */
    public static final int GLOBAL = 0b01;

    /** {@link #CIRG}, {@link #CAIG}: one domain. */
    public static final int DOMAIN = 0b10;

    /** {@link #CIRG}, {@link #CAIG}: one device, with the functions that {@link #FM} adds. */
    public static final int DEVICE = 0b11;

    private ContextCommandRegister() {
    }
}
