package sluicegate.spec.smmuv3;

import java.util.Optional;

import sluicegate.spec.Layout;

/**
 * What an event record tells: the values of {@link EventRecord#ID}, section 7.3. Constants have the manual's names: F for
 * faults, C for errors of configuration, E for others.
 */
public enum EventType {
    /** An unsupported kind of transaction. */
    F_UUT(0x01, "7.3.2", "an unsupported kind of transaction", UnsupportedTransactionEvent.LAYOUT),
    /** The StreamID is out of range of the stream table. */
    C_BAD_STREAMID(0x02, "7.3.3", "the StreamID is out of range of the stream table", BadStreamIdEvent.LAYOUT),
    /** The stream table entry could not be fetched. */
    F_STE_FETCH(0x03, "7.3.4", "the stream table entry could not be fetched", SteFetchEvent.LAYOUT),
    /** The stream table entry is invalid or illegal. */
    C_BAD_STE(0x04, "7.3.5", "the stream table entry is invalid or illegal", BadSteEvent.LAYOUT),
    /** An ATS translation request from a stream that may not ask. */
    F_BAD_ATS_TREQ(0x05, "7.3.6", "an ATS translation request from a stream that may not ask", BadAtsRequestEvent.LAYOUT),
    /** STE.S1DSS terminates requests without a SubstreamID, or with SubstreamID 0. */
    F_STREAM_DISABLED(0x06, "7.3.7", "STE.S1DSS terminates requests without a SubstreamID, or with SubstreamID 0", StreamDisabledEvent.LAYOUT),
    /** A translated request from a stream that may not send any. */
    F_TRANSL_FORBIDDEN(0x07, "7.3.8", "a translated request from a stream that may not send any", TranslationForbiddenEvent.LAYOUT),
    /** A SubstreamID where there are no substreams, or one out of range. */
    C_BAD_SUBSTREAMID(0x08, "7.3.9", "a SubstreamID where there are no substreams, or one out of range", BadSubstreamIdEvent.LAYOUT),
    /** The context descriptor could not be fetched. */
    F_CD_FETCH(0x09, "7.3.10", "the context descriptor could not be fetched", CdFetchEvent.LAYOUT),
    /** The context descriptor is invalid or illegal. */
    C_BAD_CD(0x0A, "7.3.11", "the context descriptor is invalid or illegal", BadCdEvent.LAYOUT),
    /** A descriptor of a translation table could not be fetched. */
    F_WALK_EABT(0x0B, "7.3.12", "a descriptor of a translation table could not be fetched", WalkAbortEvent.LAYOUT),
    /** The address is out of range, or no valid descriptor maps it. */
    F_TRANSLATION(0x10, "7.3.13", "the address is out of range, or no valid descriptor maps it", TranslationFaultEvent.LAYOUT),
    /** An output address is wider than the tables or the unit allow. */
    F_ADDR_SIZE(0x11, "7.3.14", "an output address is wider than the tables or the unit allow", TranslationFaultEvent.LAYOUT),
    /** The access flag of the descriptor is clear. */
    F_ACCESS(0x12, "7.3.15", "the access flag of the descriptor is clear", TranslationFaultEvent.LAYOUT),
    /** The descriptor does not permit the access. */
    F_PERMISSION(0x13, "7.3.16", "the descriptor does not permit the access", TranslationFaultEvent.LAYOUT),
    /** Entries of the TLB contradict each other. */
    F_TLB_CONFLICT(0x20, "7.3.17", "entries of the TLB contradict each other", TlbConflictEvent.LAYOUT),
    /** Cached configurations contradict each other. */
    F_CFG_CONFLICT(0x21, "7.3.18", "cached configurations contradict each other", ConfigurationConflictEvent.LAYOUT),
    /** A hint that pages will be needed. */
    E_PAGE_REQUEST(0x24, "7.3.19", "a hint that pages will be needed", PageRequestHintEvent.LAYOUT),
    /** The virtual machine structure could not be fetched. */
    F_VMS_FETCH(0x25, "7.3.20", "the virtual machine structure could not be fetched", VmsFetchEvent.LAYOUT);

    private final int code;
    private final String section;
    private final String meaning;
    private final Layout layout;

    EventType(int code, String section, String meaning, Layout layout) {
        this.code = code;
        this.section = section;
        this.meaning = meaning;
        this.layout = layout;
    }

    /** The value in the record. */
    public int code() {
        return code;
    }

    /** Where the manual defines the record. */
    public String section() {
        return section;
    }

    /** One line for a person. */
    public String meaning() {
        return meaning;
    }

    /** The form of its records. */
    public Layout layout() {
        return layout;
    }

    /** A sentence for a person: {@code F_ACCESS: the access flag of the descriptor is clear (12h, 7.3.15)}. */
    public String sentence() {
        return String.format("%s: %s (%02Xh, %s)", name(), meaning, code, section);
    }

    /** The event with that code; empty for a reserved or implementation defined one. */
    public static Optional<EventType> of(long code) {
        for (EventType type : values()) {
            if (type.code == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
