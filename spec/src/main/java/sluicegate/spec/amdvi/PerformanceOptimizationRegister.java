package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Performance Optimization Control Register.
 *
 * <p>Needs {@link ExtendedFeatureRegister#PERFOPTSUP}.
 *
 * <pre>
 *   31 14       13      12 0
 * +-------+-----------+------+
 * |   0   | PERFOPTEN |  0   |
 * +-------+-----------+------+
 * </pre>
 */
public final class PerformanceOptimizationRegister {

    private static final String SECTION = "3.4";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x016C;

    /** Bit 13: optimization enabled. */
    public static final Field PERFOPTEN = Field.bit("PERFOPTEN", 13, SECTION, "optimization enabled");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PerfOptControl", SECTION, 32,
            Field.reserved(31, 14, SECTION), PERFOPTEN, Field.reserved(12, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private PerformanceOptimizationRegister() {
    }
}
