package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * COMPLETE_PPR_REQUEST: answers a group of page requests.
 *
 * <p>Needs ExtendedFeatureRegister.PPRSUP.
 *
 * <pre>
 *   127 112   111 108   107 105   104 96
 * +---------+---------+---------+--------+
 * |    0    |   CODE  |    0    |  TAG   |
 * +---------+---------+---------+--------+
 *   95 67   66   65 64
 * +-------+----+-------+
 * |   0   | GN |   0   |
 * +-------+----+-------+
 *   63 60    59 52   51 32
 * +--------+-------+-------+
 * | OPCODE |   0   | PASID |
 * +--------+-------+-------+
 *   31 16     15 0
 * +-------+----------+
 * |   0   | DEVICEID |
 * +-------+----------+
 * </pre>
 */
public final class CompletePprCommand {

    private static final String SECTION = "2.4.7";

    /** Bits 111:108: response code. */
    public static final Field CODE = Field.bits("CODE", 111, 108, SECTION, "response code");
    /** Bits 104:96: page request group index. */
    public static final Field TAG = Field.bits("TAG", 104, 96, SECTION, "page request group index");
    /** Bit 66: PASID is valid. */
    public static final Field GN = Field.bit("GN", 66, SECTION, "PASID is valid");
    /** Bits 51:32: PASID, if GN is set. */
    public static final Field PASID = Field.bits("PASID", 51, 32, SECTION, "PASID, if GN is set");
    /** Bits 15:0: device id. */
    public static final Field DEVICEID = Field.bits("DEVICEID", 15, 0, SECTION, "device id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("COMPLETE_PPR_REQUEST", SECTION, 128,
            Field.reserved(127, 112, SECTION), CODE, Field.reserved(107, 105, SECTION), TAG,
            Field.reserved(95, 67, SECTION), GN, Field.reserved(65, 64, SECTION), CommandRecord.OPCODE,
            Field.reserved(59, 52, SECTION), PASID, Field.reserved(31, 16, SECTION), DEVICEID);

    /** Size of one command. */
    public static final int BYTES = 16;

    /** {@link #CODE}: the pages are there now. */
    public static final int SUCCESS = 0x0;

    /** {@link #CODE}: the device may not have them. */
    public static final int INVALID = 0x1;

    /** {@link #CODE}: the request can't be served; the device has to stop asking. */
    public static final int FAILURE = 0xF;

    private CompletePprCommand() {
    }
}
