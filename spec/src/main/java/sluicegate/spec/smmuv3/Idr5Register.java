package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Identification Register 5, {@code SMMU_IDR5}: granules and address sizes.
 *
 * <pre>
 *     31 16     15 12   11 10   9    8     7       6         5        4      3   2 0
 * +-----------+-------+-------+---+------+----+---------+---------+--------+---+-----+
 * | STALL_MAX |   0   |  VAX  | 0 | D128 | DS | GRAN64K | GRAN16K | GRAN4K | 0 | OAS |
 * +-----------+-------+-------+---+------+----+---------+---------+--------+---+-----+
 * </pre>
 */
public final class Idr5Register {

    private static final String SECTION = "6.3.6";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x14;

    /** Bits 31:16: how many transactions can be stalled at a time. */
    public static final Field STALL_MAX = Field.bits("STALL_MAX", 31, 16, SECTION,
            "how many transactions can be stalled at a time");
    /** Bits 11:10: widest virtual address: 0 for 48 bits, 1 for 52, 2 for 56. */
    public static final Field VAX = Field.bits("VAX", 11, 10, SECTION,
            "widest virtual address: 0 for 48 bits, 1 for 52, 2 for 56");
    /** Bit 8: 128-bit descriptors. */
    public static final Field D128 = Field.bit("D128", 8, SECTION, "128-bit descriptors");
    /** Bit 7: 52-bit addresses with granules of 4 KiB and 16 KiB. */
    public static final Field DS = Field.bit("DS", 7, SECTION, "52-bit addresses with granules of 4 KiB and 16 KiB");
    /** Bit 6: granule of 64 KiB. */
    public static final Field GRAN64K = Field.bit("GRAN64K", 6, SECTION, "granule of 64 KiB");
    /** Bit 5: granule of 16 KiB. */
    public static final Field GRAN16K = Field.bit("GRAN16K", 5, SECTION, "granule of 16 KiB");
    /** Bit 4: granule of 4 KiB. */
    public static final Field GRAN4K = Field.bit("GRAN4K", 4, SECTION, "granule of 4 KiB");
    /** Bits 2:0: output address size, see AddressSize. */
    public static final Field OAS = Field.bits("OAS", 2, 0, SECTION, "output address size, see AddressSize");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IDR5", SECTION, 32,
            STALL_MAX, Field.reserved(15, 12, SECTION), VAX, Field.reserved(9, 9, SECTION), D128, DS, GRAN64K,
            GRAN16K, GRAN4K, Field.reserved(3, 3, SECTION), OAS);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Idr5Register() {
    }
}
