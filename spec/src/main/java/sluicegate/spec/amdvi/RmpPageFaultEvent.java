package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * RMP_PAGE_FAULT: the reverse map table forbids an access.
 *
 * <pre>
 *   127 96
 * +--------+
 * |  GPA   |
 * +--------+
 *   95 64
 * +-------+
 * |  GPA  |
 * +-------+
 *   63 60   59 57   56   55   54   53   52 51   50   49   48   47 32
 * +-------+-------+----+----+----+----+-------+----+----+----+--------+
 * |  CODE |   0   | TR | RZ | PE | RW |   0   | US | 0  | GN | VMGTAG |
 * +-------+-------+----+----+----+----+-------+----+----+----+--------+
 *   31 24     23 16       15 0
 * +-------+-----------+----------+
 * |   0   | FLAGS_RMP | DEVICEID |
 * +-------+-----------+----------+
 * </pre>
 */
public final class RmpPageFaultEvent {

    private static final String SECTION = "2.5.14";

    /** Bits 127:64: guest physical address. */
    public static final Field GPA = Field.bits("GPA", 127, 64, SECTION, "guest physical address");
    /** Bits 47:32: VMGuard tag. */
    public static final Field VMGTAG = Field.bits("VMGTAG", 47, 32, SECTION, "VMGuard tag");
    /** Bits 23:16: which check of the reverse map table failed. */
    public static final Field FLAGS_RMP = Field.bits("FLAGS_RMP", 23, 16, SECTION,
            "which check of the reverse map table failed");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("RMP_PAGE_FAULT", SECTION, 128,
            GPA, EventLogRecord.CODE, Field.reserved(59, 57, SECTION), EventFlags.TR, EventFlags.RZ,
            EventFlags.PE, EventFlags.RW, Field.reserved(52, 51, SECTION), EventFlags.US,
            Field.reserved(49, 49, SECTION), EventFlags.GN, VMGTAG, Field.reserved(31, 24, SECTION),
            FLAGS_RMP, EventLogRecord.DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    private RmpPageFaultEvent() {
    }
}
