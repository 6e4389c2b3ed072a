package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Identification Register 1, {@code SMMU_IDR1}: sizes of queues and ids.
 *
 * <pre>
 *     31          30              29         28         27
 * +-------+---------------+---------------+-----+----------------+
 * | ECMDQ | TABLES_PRESET | QUEUES_PRESET | REL | ATTR_TYPES_OVR |
 * +-------+---------------+---------------+-----+----------------+
 *         26         25 21    20 16    15 11     10 6       5 0
 * +----------------+-------+---------+-------+----------+---------+
 * | ATTR_PERMS_OVR | CMDQS | EVENTQS | PRIQS | SSIDSIZE | SIDSIZE |
 * +----------------+-------+---------+-------+----------+---------+
 * </pre>
 */
public final class Idr1Register {

    private static final String SECTION = "6.3.2";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x4;

    /** Bit 31: enhanced command queues. */
    public static final Field ECMDQ = Field.bit("ECMDQ", 31, SECTION, "enhanced command queues");
    /** Bit 30: the stream table address is fixed. */
    public static final Field TABLES_PRESET = Field.bit("TABLES_PRESET", 30, SECTION,
            "the stream table address is fixed");
    /** Bit 29: the queue addresses are fixed. */
    public static final Field QUEUES_PRESET = Field.bit("QUEUES_PRESET", 29, SECTION, "the queue addresses are fixed");
    /** Bit 28: preset addresses are relative to the registers. */
    public static final Field REL = Field.bit("REL", 28, SECTION, "preset addresses are relative to the registers");
    /** Bit 27: memory types of requests can be overridden. */
    public static final Field ATTR_TYPES_OVR = Field.bit("ATTR_TYPES_OVR", 27, SECTION,
            "memory types of requests can be overridden");
    /** Bit 26: privilege and instruction attributes of requests can be overridden. */
    public static final Field ATTR_PERMS_OVR = Field.bit("ATTR_PERMS_OVR", 26, SECTION,
            "privilege and instruction attributes of requests can be overridden");
    /** Bits 25:21: largest command queue: log2 of entries, at most 19. */
    public static final Field CMDQS = Field.bits("CMDQS", 25, 21, SECTION,
            "largest command queue: log2 of entries, at most 19");
    /** Bits 20:16: largest event queue: log2 of entries, at most 19. */
    public static final Field EVENTQS = Field.bits("EVENTQS", 20, 16, SECTION,
            "largest event queue: log2 of entries, at most 19");
    /** Bits 15:11: largest PRI queue: log2 of entries, at most 19. */
    public static final Field PRIQS = Field.bits("PRIQS", 15, 11, SECTION,
            "largest PRI queue: log2 of entries, at most 19");
    /** Bits 10:6: width of a SubstreamID, 0 to 20; 0 for none. */
    public static final Field SSIDSIZE = Field.bits("SSIDSIZE", 10, 6, SECTION,
            "width of a SubstreamID, 0 to 20; 0 for none");
    /** Bits 5:0: width of a StreamID, 0 to 32. */
    public static final Field SIDSIZE = Field.bits("SIDSIZE", 5, 0, SECTION, "width of a StreamID, 0 to 32");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IDR1", SECTION, 32,
            ECMDQ, TABLES_PRESET, QUEUES_PRESET, REL, ATTR_TYPES_OVR, ATTR_PERMS_OVR, CMDQS, EVENTQS, PRIQS,
            SSIDSIZE, SIDSIZE);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private Idr1Register() {
    }
}
