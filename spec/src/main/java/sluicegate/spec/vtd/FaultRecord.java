package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Fault Recording Register, {@code FRCD_REG}: one fault.
 *
 * <p>There are {@link CapabilityRegister#faultRecordingCount} of them. The fields above bit 63 are taken from the
 * second word. Software clears a record by writing its highest 32 bits with F set.
 *
 * <pre>
 *   127   126   125 124   123 104   103 96
 * +-----+-----+---------+---------+--------+
 * |  F  |  T1 |    AT   |    PV   |   FR   |
 * +-----+-----+---------+---------+--------+
 *   95    94    93    92   91 80   79 64
 * +----+-----+------+----+-------+-------+
 * | PP | EXE | PRIV | T2 |   0   |  SID  |
 * +----+-----+------+----+-------+-------+
 *   63 32
 * +-------+
 * |   FI  |
 * +-------+
 *   31 12   11 0
 * +-------+------+
 * |   FI  |  0   |
 * +-------+------+
 * </pre>
 */
public final class FaultRecord {

    private static final String SECTION = "11.4.7.6";

    /**
     * Where the first one is, counted from the place that {@link CapabilityRegister#faultRecordingOffset} gives; see
     * {@link #offset}.
     */
    public static final int OFFSET = 0x00;

    /** Bit 127: a fault is recorded here; cleared by writing one. */
    public static final Field F = Field.bit("F", 127, SECTION, "a fault is recorded here; cleared by writing one");
    /** Bit 126: type of the request, first bit: see {@link RequestType}. */
    public static final Field T1 = Field.bit("T1", 126, SECTION, "type of the request, first bit: see RequestType");
    /** Bits 125:124: address type of the request. */
    public static final Field AT = Field.bits("AT", 125, 124, SECTION, "address type of the request");
    /** Bits 123:104: PASID of the request. */
    public static final Field PV = Field.bits("PV", 123, 104, SECTION, "PASID of the request");
    /** Bits 103:96: fault reason, see {@link FaultReason}. */
    public static final Field FR = Field.bits("FR", 103, 96, SECTION, "fault reason, see FaultReason");
    /** Bit 95: the request had a PASID. */
    public static final Field PP = Field.bit("PP", 95, SECTION, "the request had a PASID");
    /** Bit 94: execute permission was asked for. */
    public static final Field EXE = Field.bit("EXE", 94, SECTION, "execute permission was asked for");
    /** Bit 93: supervisor privilege was asked for. */
    public static final Field PRIV = Field.bit("PRIV", 93, SECTION, "supervisor privilege was asked for");
    /** Bit 92: type of the request, second bit: see {@link RequestType}. */
    public static final Field T2 = Field.bit("T2", 92, SECTION, "type of the request, second bit: see RequestType");
    /** Bits 79:64: source id. */
    public static final Field SID = Field.bits("SID", 79, 64, SECTION, "source id");
    /** Bits 63:12: page address; of an interrupt fault bits 63:48 are the interrupt index. */
    public static final Field FI = Field.address("FI", 63, 12, SECTION,
            "page address; of an interrupt fault bits 63:48 are the interrupt index");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("FRCD_REG", SECTION, 128,
            F, T1, AT, PV, FR, PP, EXE, PRIV, T2, Field.reserved(91, 80, SECTION), SID, FI,
            Field.reserved(11, 0, SECTION));

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** Size of one record. */
    public static final int BYTES = 16;

    /** {@link #AT}: an untranslated request. */
    public static final int AT_UNTRANSLATED = 0b00;

    /** {@link #AT}: a translation request. */
    public static final int AT_TRANSLATION_REQUEST = 0b01;

    /** {@link #AT}: a translated request. */
    public static final int AT_TRANSLATED = 0b10;

    private FaultRecord() {
    }

    /** Byte offset of the record with that index in the register window. */
    public static int offset(long cap, int index) {
        return CapabilityRegister.faultRecordingOffset(cap) + BYTES * index;
    }

    /** The interrupt index of an interrupt remapping fault, from the first word. */
    public static int interruptIndex(long low) {
        return (int) (low >>> 48);
    }
}
