package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * PPR Log Auto Response Register: how the unit answers page requests that it does not log.
 *
 * <p>Needs {@link ExtendedFeatureRegister#PPRAUTORSPSUP}.
 *
 * <pre>
 *   63 32
 * +-------+
 * |   0   |
 * +-------+
 *   31 5          4                3 0
 * +------+------------------+----------------+
 * |  0   | PPRAUTORSPMASKGN | PPRAUTORSPCODE |
 * +------+------------------+----------------+
 * </pre>
 */
public final class PprAutoResponseRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x2080;

    /** Bit 4: requests with a PASID are not answered so. */
    public static final Field PPRAUTORSPMASKGN = Field.bit("PPRAUTORSPMASKGN", 4, SECTION,
            "requests with a PASID are not answered so");
    /** Bits 3:0: response code. */
    public static final Field PPRAUTORSPCODE = Field.bits("PPRAUTORSPCODE", 3, 0, SECTION, "response code");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PprAutoResponse", SECTION, 64,
            Field.reserved(63, 5, SECTION), PPRAUTORSPMASKGN, PPRAUTORSPCODE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PprAutoResponseRegister() {
    }
}
