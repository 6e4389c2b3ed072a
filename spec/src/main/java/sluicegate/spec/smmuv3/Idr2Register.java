package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Identification Register 2, {@code SMMU_IDR2}.
 *
 * <pre>
 *   31 10     9 0
 * +-------+----------+
 * |   0   | BA_VATOS |
 * +-------+----------+
 * </pre>
 */
public final class Idr2Register {

    private static final String SECTION = "6.3.3";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x8;

    /** Bits 9:0: where the VATOS page is, in units of 64 KiB from 0x20000. */
    public static final Field BA_VATOS = Field.bits("BA_VATOS", 9, 0, SECTION,
            "where the VATOS page is, in units of 64 KiB from 0x20000");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IDR2", SECTION, 32,
            Field.reserved(31, 10, SECTION), BA_VATOS);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Idr2Register() {
    }
}
