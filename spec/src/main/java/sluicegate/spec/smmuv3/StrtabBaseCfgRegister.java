package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Stream Table Configuration Register, {@code SMMU_STRTAB_BASE_CFG}. Written while SMMUEN is clear.
 *
 * <pre>
 *   31 18   17 16   15 11    10 6     5 0
 * +-------+-------+-------+-------+----------+
 * |   0   |  FMT  |   0   | SPLIT | LOG2SIZE |
 * +-------+-------+-------+-------+----------+
 * </pre>
 */
public final class StrtabBaseCfgRegister {

    private static final String SECTION = "6.3.25";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x88;

    /** Bits 17:16: format: 0 linear, 1 two-level. */
    public static final Field FMT = Field.bits("FMT", 17, 16, SECTION, "format: 0 linear, 1 two-level");
    /** Bits 10:6: bits of a StreamID that index the second level: 6, 8 or 10; others mean 6. */
    public static final Field SPLIT = Field.bits("SPLIT", 10, 6, SECTION,
            "bits of a StreamID that index the second level: 6, 8 or 10; others mean 6");
    /** Bits 5:0: log2 of the number of StreamIDs. */
    public static final Field LOG2SIZE = Field.bits("LOG2SIZE", 5, 0, SECTION, "log2 of the number of StreamIDs");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_STRTAB_BASE_CFG", SECTION, 32,
            Field.reserved(31, 18, SECTION), FMT, Field.reserved(15, 11, SECTION), SPLIT, LOG2SIZE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** {@link #FMT}: one table of entries. */
    public static final int LINEAR = 0b00;

    /** {@link #FMT}: a table of descriptors, see {@link L1StreamTableDescriptor}. */
    public static final int TWO_LEVEL = 0b01;

    private StrtabBaseCfgRegister() {
    }
}
