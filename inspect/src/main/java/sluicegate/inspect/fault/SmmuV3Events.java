package sluicegate.inspect.fault;

import java.util.List;
import java.util.Optional;
import sluicegate.inspect.Vendor;
import sluicegate.spec.Field;
import sluicegate.spec.Kind;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/** What SMMUv3's events mean. */
final class SmmuV3Events {
    private static final List<String> CLASSES = List.of("while a context descriptor was fetched",
            "while a stage 1 descriptor was fetched", "the input address itself");

    private SmmuV3Events() {}

    static Draft name(Draft draft, int code) {
        return EventType.of(code).map(type -> name(draft, type)).orElseGet(() -> draft.is(String.format("EVENT_%02XH", code),
                String.format("%02Xh: the manual has no such event, or it is the implementation's own (IHI 0070 7.3)", code),
                Trouble.UNKNOWN));
    }

    static Draft name(Draft draft, String name) {
        return SmmuV3Lines.type(name).map(type -> name(draft, type)).orElseGet(
                () -> draft.is(name.toUpperCase(java.util.Locale.ROOT), "an event that the manual does not name so", Trouble.UNKNOWN));
    }

    private static Draft name(Draft draft, EventType type) {
        return draft.is(type.name(), String.format("%s (%02Xh, IHI 0070 %s)", type.meaning(), type.code(), type.section()), trouble(type));
    }

    private static Trouble trouble(EventType type) {
        return switch (type) {
            case F_TRANSLATION, F_ACCESS -> Trouble.NOT_MAPPED;
            case F_PERMISSION -> Trouble.NOT_PERMITTED;
            case F_ADDR_SIZE -> Trouble.TOO_WIDE;
            case C_BAD_STREAMID, C_BAD_STE, F_STREAM_DISABLED -> Trouble.NOT_ATTACHED;
            case C_BAD_SUBSTREAMID -> Trouble.PASID_REFUSED;
            case C_BAD_CD -> Trouble.PASID_REFUSED;
            case F_BAD_ATS_TREQ, F_TRANSL_FORBIDDEN -> Trouble.ATS_REFUSED;
            case F_STE_FETCH, F_CD_FETCH, F_WALK_EABT, F_VMS_FETCH -> Trouble.TABLE_UNREADABLE;
            case F_TLB_CONFLICT, F_CFG_CONFLICT -> Trouble.TABLE_BROKEN;
            case E_PAGE_REQUEST -> Trouble.PAGE_REQUEST_REFUSED;
            case F_UUT -> Trouble.UNKNOWN;
        };
    }

    /** Says what the words of the draft tell, as far as there are some. May be called again when more words came. */
    static Draft tell(Draft draft) {
        var words = draft.words();
        var named = SmmuV3Lines.type(draft.fault());
        if (words.length == 0 || named.isEmpty()) {
            return stream(draft, words);
        }
        var type = named.get();
        // Logs lose lines: a first word that is of no such event is the second one.
        int lost = EventRecord.ID.get(words[0]) == type.code() ? 0 : 1;
        name(draft, type);
        if (lost == 0) {
            stream(draft, words);
        } else {
            draft.detail("the line with its first word is missing, and with it who it was");
        }
        var record = new Record(type, words, lost);
        record.value("INPUTADDR").or(() -> record.value("FETCHADDR")).ifPresent(draft::address);
        if (type.layout() == TranslationFaultEvent.LAYOUT) {
            record.word(TranslationFaultEvent.CLASS).ifPresent(word -> how(draft, word));
        }
        record.value("RNW").ifPresent(read -> draft.access(read == 0 ? Draft.WRITE
                : record.value("IND").filter(ind -> ind != 0).isPresent() ? Draft.EXECUTE : Draft.READ));
        return draft;
    }

    private static Draft stream(Draft draft, long[] words) {
        if (words.length > 0) {
            draft.stream(EventRecord.STREAMID.get(words[0]));
            if (EventRecord.SSV.isSet(words[0])) {
                draft.pasid(EventRecord.SUBSTREAMID.get(words[0]));
            }
        }
        return draft;
    }

    private static void how(Draft draft, long word) {
        int where = (int) TranslationFaultEvent.CLASS.get(word);
        draft.detail(String.format("%s %s access, at stage %d%s%s", TranslationFaultEvent.PNU.isSet(word) ? "a privileged" : "an unprivileged",
                TranslationFaultEvent.IND.isSet(word) ? "instruction" : "data", TranslationFaultEvent.S2.isSet(word) ? 2 : 1,
                where < CLASSES.size() ? ", " + CLASSES.get(where) : "",
                TranslationFaultEvent.STALL.isSet(word) ? "; the transaction waits (stall)" : ""));
    }

    /**
     * The words of a record that are there.
     *
     * @param lost how many are missing in front
     */
    private record Record(EventType type, long[] words, int lost) {

        Optional<Long> word(Field field) {
            int at = field.word() - lost;
            return at >= 0 && at < words.length ? Optional.of(words[at]) : Optional.empty();
        }

        /** A field that events of this type may have; an address in place. */
        Optional<Long> value(String name) {
            return type.layout().fields().stream().filter(field -> field.name().equals(name)).findFirst()
                    .flatMap(field -> word(field).map(word -> field.kind() == Kind.ADDRESS ? field.inPlace(word) : field.get(word)));
        }
    }

    /** A record of the event queue; at least its first word. */
    static Draft read(String text, long[] words) {
        var draft = name(new Draft(1, text, Vendor.ARM), (int) EventRecord.ID.get(words[0]));
        for (long word : words) {
            draft.addWord(word);
        }
        return tell(draft);
    }
}
