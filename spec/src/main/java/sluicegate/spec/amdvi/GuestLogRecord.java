package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Record of the guest log: an interrupt for a virtual processor that does not run.
 *
 * <pre>
 *   63 60   59 48    47 32
 * +-------+-------+----------+
 * |  CODE |   0   | DEVICEID |
 * +-------+-------+----------+
 *   31 0
 * +-------+
 * | GATAG |
 * +-------+
 * </pre>
 */
public final class GuestLogRecord {

    private static final String SECTION = "2.7";

    /** Bits 63:60: record type: 1. */
    public static final Field CODE = Field.bits("CODE", 63, 60, SECTION, "record type: 1");
    /** Bits 47:32: device id. */
    public static final Field DEVICEID = Field.bits("DEVICEID", 47, 32, SECTION, "device id");
    /** Bits 31:0: VirtualInterruptEntry.GATAG. */
    public static final Field GATAG = Field.bits("GATAG", 31, 0, SECTION, "VirtualInterruptEntry.GATAG");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("GUEST_NR", SECTION, 64, CODE, Field.reserved(59, 48, SECTION), DEVICEID, GATAG);

    /** Size of one record. */
    public static final int BYTES = 8;

    /** {@link #CODE} of an interrupt. */
    public static final int GUEST_NR = 0x1;

    private GuestLogRecord() {
    }
}
