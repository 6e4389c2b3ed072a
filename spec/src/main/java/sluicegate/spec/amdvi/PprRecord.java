package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Record of the PPR log: one request of a device for a page.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 64
 * +---------+-------+
 * | ADDRESS |   0   |
 * +---------+-------+
 *   63 60   59 57   56   55   54   53   52 51   50   49   48   47 46      45 42      41 32
 * +-------+-------+----+----+----+----+-------+----+----+----+-------+-------------+-------+
 * |  CODE |   0   | GN | RZ | US | W  |   0   | R  | X  | 0  |   0   | PASID_19_16 |  TAG  |
 * +-------+-------+----+----+----+----+-------+----+----+----+-------+-------------+-------+
 *     31 16        15 0
 * +------------+----------+
 * | PASID_15_0 | DEVICEID |
 * +------------+----------+
 * </pre>
 */
public final class PprRecord {

    private static final String SECTION = "2.6";

    /** Bits 127:76: address of the page. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "address of the page");
    /** Bits 63:60: record type: 1. */
    public static final Field CODE = Field.bits("CODE", 63, 60, SECTION, "record type: 1");
    /** Bit 56: PASID is valid. */
    public static final Field GN = Field.bit("GN", 56, SECTION, "PASID is valid");
    /** Bit 55: the request had a reserved bit set. */
    public static final Field RZ = Field.bit("RZ", 55, SECTION, "the request had a reserved bit set");
    /** Bit 54: user privilege. */
    public static final Field US = Field.bit("US", 54, SECTION, "user privilege");
    /** Bit 53: write access is asked for. */
    public static final Field W = Field.bit("W", 53, SECTION, "write access is asked for");
    /** Bit 50: read access is asked for. */
    public static final Field R = Field.bit("R", 50, SECTION, "read access is asked for");
    /** Bit 49: execute access is asked for. */
    public static final Field X = Field.bit("X", 49, SECTION, "execute access is asked for");
    /** Bits 45:42: PASID, bits 19:16. */
    public static final Field PASID_19_16 = Field.bits("PASID_19_16", 45, 42, SECTION, "PASID, bits 19:16");
    /** Bits 41:32: bits 8:0: page request group index; bit 9: last request of its group. */
    public static final Field TAG = Field.bits("TAG", 41, 32, SECTION,
            "bits 8:0: page request group index; bit 9: last request of its group");
    /** Bits 31:16: PASID, bits 15:0. */
    public static final Field PASID_15_0 = Field.bits("PASID_15_0", 31, 16, SECTION, "PASID, bits 15:0");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PAGE_SERVICE_REQUEST", SECTION, 128,
            ADDRESS, Field.reserved(75, 64, SECTION), CODE, Field.reserved(59, 57, SECTION), GN, RZ, US,
            W, Field.reserved(52, 51, SECTION), R, X, Field.reserved(48, 48, SECTION),
            Field.reserved(47, 46, SECTION), PASID_19_16, TAG, PASID_15_0, EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    /** {@link #CODE} of a page request. */
    public static final int PAGE_SERVICE_REQUEST = 0x1;

    /** Bit of {@link #TAG}: an answer is expected. */
    public static final int LAST = 1 << 9;

    /** How many requests a device may have outstanding, says the manual's advice for the size of the log. */
    public static final int DEVICE_LIMIT = 32;

    private PprRecord() {
    }

    /** The PASID, from the first word. */
    public static int pasid(long low) {
        return (int) (PASID_19_16.get(low) << 16 | PASID_15_0.get(low));
    }

    /** The page request group index, from the first word. */
    public static int group(long low) {
        return (int) TAG.get(low) & LAST - 1;
    }

    /** Whether it is the last of its group, from the first word. */
    public static boolean isLast(long low) {
        return (TAG.get(low) & LAST) != 0;
    }
}
