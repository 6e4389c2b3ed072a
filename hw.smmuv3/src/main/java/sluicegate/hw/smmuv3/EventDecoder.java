package sluicegate.hw.smmuv3;

import java.util.Locale;
import java.util.Optional;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.types.Access;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/**
 * Says in the specification's words what a record of the event queue tells (section 7.3). Thread-safe; any four words are
 * welcome.
 */
final class EventDecoder {
    private static final int CLASSES = 3;
    private static final String[] CLASS = {"at the fetch of a context descriptor", "at the fetch of a stage 1 descriptor",
        "at the address itself"};

    private EventDecoder() {}

    static FaultRecord decode(long... words) {
        int code = (int) EventRecord.ID.get(words[0]);
        var type = EventType.of(code);
        boolean substream = EventRecord.SSV.isSet(words[0]);
        return new FaultRecord(
                (int) EventRecord.STREAMID.get(words[0]),
                substream ? (int) EventRecord.SUBSTREAMID.get(words[0]) : Pasid.NONE,
                field(type, "INPUTADDR").map(address -> address.inPlace(words[address.word()])).orElse(0L),
                access(type, words),
                code,
                type.map(EventType::name).orElse("RESERVED_" + Integer.toHexString(code).toUpperCase(Locale.ROOT)),
                type.map(known -> String.format("%s (%02Xh, %s)", known.meaning(), code, known.section()) + details(known, words))
                        .orElseGet(() -> String.format("%02xh: an event that the specification reserves", code)));
    }

    /** Whether the request waits for software. */
    static boolean isStall(long... words) {
        return EventType.of(EventRecord.ID.get(words[0])).filter(EventDecoder::isTranslationFault).isPresent()
                && TranslationFaultEvent.STALL.isSet(words[1]);
    }

    private static boolean isTranslationFault(EventType type) {
        return type.layout() == TranslationFaultEvent.LAYOUT;
    }

    private static Access access(Optional<EventType> type, long[] words) {
        boolean instruction = field(type, "IND").map(field -> field.isSet(words[field.word()])).orElse(false);
        boolean read = field(type, "RNW").map(field -> field.isSet(words[field.word()])).orElse(true);
        return !read ? Access.WRITE : instruction ? Access.EXECUTE : Access.READ;
    }

    private static Optional<Field> field(Optional<EventType> type, String name) {
        return type.flatMap(known -> known.layout().fields().stream().filter(field -> field.name().equals(name)).findFirst());
    }

    private static String details(EventType type, long[] words) {
        if (!isTranslationFault(type)) {
            return "";
        }
        var text = new StringBuilder();
        int stageClass = (int) TranslationFaultEvent.CLASS.get(words[1]);
        boolean stage2 = TranslationFaultEvent.S2.isSet(words[1]);
        text.append(stage2 ? "; stage 2" : "; stage 1");
        if (stageClass < CLASSES) {
            text.append(' ').append(CLASS[stageClass]);
        }
        if (stage2) {
            text.append(", IPA ").append(Hex.of(TranslationFaultEvent.IPA.inPlace(words[3])));
        }
        if (TranslationFaultEvent.PNU.isSet(words[1])) {
            text.append(", privileged");
        }
        if (TranslationFaultEvent.STALL.isSet(words[1])) {
            text.append(", stalled with tag ").append(TranslationFaultEvent.STAG.get(words[1]));
        }
        return text.toString();
    }
}
