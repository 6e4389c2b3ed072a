package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * What all records of the event log have in common, and the flags, which stand at the same place in every record that
 * has them.
 *
 * <p>DEVICEID is not in records about commands. The domain id is in the place of the PASID where GN is clear.
 *
 * <pre>
 *    127 96
 * +---------+
 * | OPERAND |
 * +---------+
 *    95 64
 * +---------+
 * | OPERAND |
 * +---------+
 *   63 60   59 48    47 32
 * +-------+-------+----------+
 * |  CODE | FLAGS | DOMAINID |
 * +-------+-------+----------+
 *   31 20      19 16        15 0
 * +-------+-------------+----------+
 * |   0   | PASID_19_16 | DEVICEID |
 * +-------+-------------+----------+
 * </pre>
 */
public final class EventLogRecord {

    private static final String SECTION = "2.5";

    /** Bits 127:64: an address, as the event tells. */
    public static final Field OPERAND = Field.bits("OPERAND", 127, 64, SECTION, "an address, as the event tells");
    /** Bits 63:60: which event, see EventCode. */
    public static final Field CODE = Field.bits("CODE", 63, 60, SECTION, "which event, see EventCode");
    /** Bits 59:48: flags, as kernels print them. */
    public static final Field FLAGS = Field.bits("FLAGS", 59, 48, SECTION, "flags, as kernels print them");
    /** Bits 47:32: domain id, or bits 15:0 of the PASID. */
    public static final Field DOMAINID = Field.bits("DOMAINID", 47, 32, SECTION,
            "domain id, or bits 15:0 of the PASID");
    /** Bits 19:16: PASID, bits 19:16. */
    public static final Field PASID_19_16 = Field.bits("PASID_19_16", 19, 16, SECTION, "PASID, bits 19:16");
    /** Bits 15:0: device id. */
    public static final Field DEVICEID = Field.bits("DEVICEID", 15, 0, SECTION, "device id");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("event log record", SECTION, 128,
            OPERAND, CODE, FLAGS, DOMAINID, Field.reserved(31, 20, SECTION), PASID_19_16, DEVICEID);

    /** Size of one record. */
    public static final int BYTES = 16;

    /** The number of 64-bit words of a record. */
    public static final int WORDS = 2;

    private EventLogRecord() {
    }

    /** The PASID of a record whose GN flag is set, from its first word. */
    public static int pasid(long low) {
        return (int) (PASID_19_16.get(low) << 16 | DOMAINID.get(low));
    }
}
