package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * The flags of event records, where IO_PAGE_FAULT has them; other records have some of them.
 *
 * <pre>
 *   63 60   59 57   56   55   54   53   52   51   50   49   48   47 32
 * +-------+-------+----+----+----+----+----+----+----+----+----+-------+
 * |  CODE |   0   | TR | RZ | PE | RW | PR | I  | US | NX | GN |   0   |
 * +-------+-------+----+----+----+----+----+----+----+----+----+-------+
 *   31 0
 * +------+
 * |  0   |
 * +------+
 * </pre>
 */
public final class EventFlags {

    private static final String SECTION = "2.5.3";

    /** Bit 56: translation: a translation request, not an access. */
    public static final Field TR = Field.bit("TR", 56, SECTION, "translation: a translation request, not an access");
    /** Bit 55: reserved bit: one was set; otherwise the level was illegal. Only with PR. */
    public static final Field RZ = Field.bit("RZ", 55, SECTION,
            "reserved bit: one was set; otherwise the level was illegal. Only with PR");
    /** Bit 54: permission error; otherwise the page was not there. */
    public static final Field PE = Field.bit("PE", 54, SECTION, "permission error; otherwise the page was not there");
    /** Bit 53: a write. */
    public static final Field RW = Field.bit("RW", 53, SECTION, "a write");
    /** Bit 52: present: the entry was present, or the interrupt remapped. */
    public static final Field PR = Field.bit("PR", 52, SECTION,
            "present: the entry was present, or the interrupt remapped");
    /** Bit 51: an interrupt. */
    public static final Field I = Field.bit("I", 51, SECTION, "an interrupt");
    /** Bit 50: user privilege. */
    public static final Field US = Field.bit("US", 50, SECTION, "user privilege");
    /** Bit 49: execution was asked for. */
    public static final Field NX = Field.bit("NX", 49, SECTION, "execution was asked for");
    /** Bit 48: the address is a guest virtual one, with a PASID. */
    public static final Field GN = Field.bit("GN", 48, SECTION, "the address is a guest virtual one, with a PASID");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("event flags", SECTION, 64,
            EventLogRecord.CODE, Field.reserved(59, 57, SECTION), TR, RZ, PE, RW, PR, I, US, NX, GN,
            Field.reserved(47, 0, SECTION));

    /** Size of one word. */
    public static final int BYTES = 8;

    /** How far {@link EventLogRecord#FLAGS} is above bit 0: flags as kernels print them are shifted down by this. */
    public static final int SHIFT = 48;

    private EventFlags() {
    }

    /**
     * What the flags of an I/O page fault say, in words: {@code write, the page is not present}.
     *
     * @param low the first word of the record
     */
    public static String sentence(long low) {
        return request(low) + ", " + reason(low);
    }

    private static String request(long low) {
        String what = I.isSet(low) ? "interrupt" : RW.isSet(low) ? "write" : NX.isSet(low) ? "execute" : "read";
        return (TR.isSet(low) ? "translation request for " : "") + what
                + (GN.isSet(low) ? US.isSet(low) ? " of a PASID as user" : " of a PASID as supervisor" : "");
    }

    private static String reason(long low) {
        if (I.isSet(low)) {
            return !PR.isSet(low) ? "which is not remapped" : RZ.isSet(low) ? "whose entry has a reserved bit set"
                    : "which is refused";
        }
        if (!PR.isSet(low)) {
            return "the page is not present";
        }
        if (PE.isSet(low)) {
            return "the permission is missing";
        }
        return RZ.isSet(low) ? "an entry has a reserved bit set"
                : "the address is wider than the tables, or an entry says a level that cannot be";
    }
}
