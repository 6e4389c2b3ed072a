package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * INVALIDATE_IOTLB_PAGES: makes the device TLB of one device forget translations.
 *
 * <p>Sizes are told as in INVALIDATE_IOMMU_PAGES. TYPE is reserved on a unit without ExtendedFeatureRegister.INVIOTLBTYPESUP.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 70   69 68   67   66   65   64
 * +---------+-------+-------+----+----+----+----+
 * | ADDRESS |   0   |  TYPE | 0  | GN | 0  | S  |
 * +---------+-------+-------+----+----+----+----+
 *   63 60       59 56        55 48      47 32
 * +--------+-------------+-----------+---------+
 * | OPCODE | PASID_19_16 | PASID_7_0 | QUEUEID |
 * +--------+-------------+-----------+---------+
 *    31 24      23 16        15 0
 * +---------+------------+----------+
 * | MAXPEND | PASID_15_8 | DEVICEID |
 * +---------+------------+----------+
 * </pre>
 */
public final class InvalidateIotlbPagesCommand {

    private static final String SECTION = "2.4.4";

    /** Bits 127:76: address, and the size if S is set. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "address, and the size if S is set");
    /** Bits 69:68: which kind of invalidation, with ExtendedFeatureRegister.INVIOTLBTYPESUP. */
    public static final Field TYPE = Field.bits("TYPE", 69, 68, SECTION,
            "which kind of invalidation, with ExtendedFeatureRegister.INVIOTLBTYPESUP");
    /** Bit 66: PASID is valid. */
    public static final Field GN = Field.bit("GN", 66, SECTION, "PASID is valid");
    /** Bit 64: size: more than 4 KiB. */
    public static final Field S = Field.bit("S", 64, SECTION, "size: more than 4 KiB");
    /** Bits 59:56: PASID, bits 19:16. */
    public static final Field PASID_19_16 = Field.bits("PASID_19_16", 59, 56, SECTION, "PASID, bits 19:16");
    /** Bits 55:48: PASID, bits 7:0. */
    public static final Field PASID_7_0 = Field.bits("PASID_7_0", 55, 48, SECTION, "PASID, bits 7:0");
    /** Bits 47:32: invalidations with the same number share MAXPEND; in practice the device id. */
    public static final Field QUEUEID = Field.bits("QUEUEID", 47, 32, SECTION,
            "invalidations with the same number share MAXPEND; in practice the device id");
    /** Bits 31:24: how many invalidations may be pending at the device; 0 for no limit. */
    public static final Field MAXPEND = Field.bits("MAXPEND", 31, 24, SECTION,
            "how many invalidations may be pending at the device; 0 for no limit");
    /** Bits 23:16: PASID, bits 15:8. */
    public static final Field PASID_15_8 = Field.bits("PASID_15_8", 23, 16, SECTION, "PASID, bits 15:8");
    /** Bits 15:0: device id. */
    public static final Field DEVICEID = Field.bits("DEVICEID", 15, 0, SECTION, "device id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("INVALIDATE_IOTLB_PAGES", SECTION, 128,
            ADDRESS, Field.reserved(75, 70, SECTION), TYPE, Field.reserved(67, 67, SECTION), GN, Field.reserved(65, 65, SECTION), S,
            CommandRecord.OPCODE, PASID_19_16, PASID_7_0, QUEUEID, MAXPEND, PASID_15_8, DEVICEID);

    /** Size of one command. */
    public static final int BYTES = 16;

    /** {@link #ADDRESS} of everything, S being set. */
    public static final long ALL_PAGES = 0x7FFF_FFFF_FFFF_F000L;

    private InvalidateIotlbPagesCommand() {
    }

    /** The PASID, from the first word. */
    public static int pasid(long low) {
        return (int) (PASID_19_16.get(low) << 16 | PASID_15_8.get(low) << 8 | PASID_7_0.get(low));
    }

    /**
     * The first word with a PASID.
     *
     * @throws IllegalArgumentException if the PASID has more than 20 bits
     */
    public static long setPasid(long low, int pasid) {
        long word = PASID_19_16.set(low, pasid >>> 16);
        return PASID_7_0.set(PASID_15_8.set(word, pasid >>> 8 & 0xFF), pasid & 0xFF);
    }
}
