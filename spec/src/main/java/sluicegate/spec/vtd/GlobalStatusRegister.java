package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Global Status Register, {@code GSTS_REG}: what of {@link GlobalCommandRegister} is in force.
 *
 * <p>Every bit stands where its command stands in {@link GlobalCommandRegister}.
 *
 * <pre>
 *    31    30     29    28     27     26     25      24     23    22 0
 * +-----+------+-----+------+------+------+------+-------+------+------+
 * | TES | RTPS | FLS | AFLS | WBFS | QIES | IRES | IRTPS | CFIS |  0   |
 * +-----+------+-----+------+------+------+------+-------+------+------+
 * </pre>
 */
public final class GlobalStatusRegister {

    private static final String SECTION = "11.4.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x1C;

    /** Bit 31: translation enabled. */
    public static final Field TES = Field.bit("TES", 31, SECTION, "translation enabled");
    /** Bit 30: root table pointer set. */
    public static final Field RTPS = Field.bit("RTPS", 30, SECTION, "root table pointer set");
    /** Bit 29: fault log pointer set. */
    public static final Field FLS = Field.bit("FLS", 29, SECTION, "fault log pointer set");
    /** Bit 28: advanced fault logging enabled. */
    public static final Field AFLS = Field.bit("AFLS", 28, SECTION, "advanced fault logging enabled");
    /** Bit 27: write buffer flush under way. */
    public static final Field WBFS = Field.bit("WBFS", 27, SECTION, "write buffer flush under way");
    /** Bit 26: queued invalidation enabled. */
    public static final Field QIES = Field.bit("QIES", 26, SECTION, "queued invalidation enabled");
    /** Bit 25: interrupt remapping enabled. */
    public static final Field IRES = Field.bit("IRES", 25, SECTION, "interrupt remapping enabled");
    /** Bit 24: interrupt remapping table pointer set. */
    public static final Field IRTPS = Field.bit("IRTPS", 24, SECTION, "interrupt remapping table pointer set");
    /** Bit 23: compatibility-format interrupts pass. */
    public static final Field CFIS = Field.bit("CFIS", 23, SECTION, "compatibility-format interrupts pass");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GSTS_REG", SECTION, 32,
            TES, RTPS, FLS, AFLS, WBFS, QIES, IRES, IRTPS, CFIS, Field.reserved(22, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private GlobalStatusRegister() {
    }
}
