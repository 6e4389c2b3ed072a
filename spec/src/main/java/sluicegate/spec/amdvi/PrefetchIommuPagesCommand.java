package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PREFETCH_IOMMU_PAGES: hints that translations will be needed.
 *
 * <p>Needs ExtendedFeatureRegister.PREFSUP.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 69     68    67   66   65   64
 * +---------+-------+-------+----+----+----+----+
 * | ADDRESS |   0   | INVAL | 0  | GN | 0  | S  |
 * +---------+-------+-------+----+----+----+----+
 *   63 60    59 52   51 32
 * +--------+-------+-------+
 * | OPCODE |   0   | PASID |
 * +--------+-------+-------+
 *    31 24    23 16     15 0
 * +---------+-------+----------+
 * | PFCOUNT |   0   | DEVICEID |
 * +---------+-------+----------+
 * </pre>
 */
public final class PrefetchIommuPagesCommand {

    private static final String SECTION = "2.4.6";

    /** Bits 127:76: first address. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "first address");
    /** Bit 68: what is held of these pages is forgotten first. */
    public static final Field INVAL = Field.bit("INVAL", 68, SECTION, "what is held of these pages is forgotten first");
    /** Bit 66: PASID is valid. */
    public static final Field GN = Field.bit("GN", 66, SECTION, "PASID is valid");
    /** Bit 64: size: pages of the size of their entries instead of 4 KiB. */
    public static final Field S = Field.bit("S", 64, SECTION,
            "size: pages of the size of their entries instead of 4 KiB");
    /** Bits 51:32: PASID, if GN is set. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID, if GN is set");
    /** Bits 31:24: how many pages, less one. */
    public static final Field PFCOUNT = Field.bits("PFCOUNT", 31, 24, SECTION, "how many pages, less one");
    /** Bits 15:0: device id. */
    public static final Field DEVICEID = Field.bits("DEVICEID", 15, 0, SECTION, "device id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PREFETCH_IOMMU_PAGES", SECTION, 128,
            ADDRESS, Field.reserved(75, 69, SECTION), INVAL, Field.reserved(67, 67, SECTION), GN,
            Field.reserved(65, 65, SECTION), S, CommandRecord.OPCODE, Field.reserved(59, 52, SECTION),
            PASID, PFCOUNT, Field.reserved(23, 16, SECTION), DEVICEID);

    /** Size of one command. */
    public static final int BYTES = 16;

    private PrefetchIommuPagesCommand() {
    }
}
