package sluicegate.inspect.fault;

import java.util.Optional;
import sluicegate.inspect.Vendor;
import sluicegate.spec.amdvi.DevTabHardwareErrorEvent;
import sluicegate.spec.amdvi.DeviceRequestType;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.HardwareErrorType;
import sluicegate.spec.amdvi.InvalidDeviceRequestEvent;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.TranslationRequestType;

/** What AMD-Vi's events and their flags mean. */
final class AmdEvents {
    /** In place of flags that are not known. */
    static final long NO_FLAGS = -1;

    private AmdEvents() {}

    /** Whether the address is one of a PASID, and the number in the domain's place that PASID. */
    static boolean hasGuestAddress(EventCode code, long flags) {
        return switch (code) {
            case IO_PAGE_FAULT, ILLEGAL_DEV_TABLE_ENTRY, PAGE_TAB_HARDWARE_ERROR, INVALID_DEVICE_REQUEST ->
                    EventFlags.GN.isSet(flags << EventFlags.SHIFT);
            case INVALID_PPR_REQUEST -> PprRecord.GN.isSet(flags << EventFlags.SHIFT);
            default -> false;
        };
    }

    /**
     * Says what an event means.
     *
     * @param flags as kernels print them, shifted down, or {@link #NO_FLAGS}
     */
    static Draft tell(Draft draft, EventCode code, long flags) {
        draft.is(code.name(), String.format("%s (%xh, AMD 48882 %s)", code.meaning(), code.code(), code.section()),
                Trouble.UNKNOWN);
        if (flags == NO_FLAGS) {
            return switch (code) {
                case IOTLB_INV_TIMEOUT -> draft.is(code.name(), text(code), Trouble.NO_ANSWER);
                case ILLEGAL_COMMAND_ERROR -> draft.is(code.name(), text(code), Trouble.COMMAND_REFUSED);
                case IO_PAGE_FAULT -> draft.is(code.name(), text(code) + "; the flags are missing, so nobody can say which",
                        Trouble.NOT_MAPPED_OR_PERMITTED);
                default -> draft.is(code.name(), text(code), trouble(code));
            };
        }
        long word = flags << EventFlags.SHIFT;
        switch (code) {
            case IO_PAGE_FAULT -> pageFault(draft, word);
            case INVALID_DEVICE_REQUEST -> invalidRequest(draft, word);
            case INVALID_PPR_REQUEST -> draft.access(Draft.PAGE_REQUEST).is(code.name(), text(code), trouble(code));
            case DEV_TAB_HARDWARE_ERROR, PAGE_TAB_HARDWARE_ERROR, COMMAND_HARDWARE_ERROR, RMP_HW_ERROR -> {
                access(draft, code, word);
                draft.is(code.name(), text(code), trouble(code));
                HardwareErrorType.of(DevTabHardwareErrorEvent.TYPE.get(word)).ifPresent(type -> draft.detail(type.meaning()));
            }
            default -> {
                access(draft, code, word);
                draft.is(code.name(), text(code), trouble(code));
                if (code == EventCode.ILLEGAL_DEV_TABLE_ENTRY) {
                    draft.detail(EventFlags.RZ.isSet(word) ? "RZ: a reserved bit is set" : "RZ is clear: a code that is not allowed");
                }
            }
        }
        return draft;
    }

    private static String text(EventCode code) {
        return String.format("%s (%xh, AMD 48882 %s)", code.meaning(), code.code(), code.section());
    }

    private static Trouble trouble(EventCode code) {
        return switch (code) {
            case ILLEGAL_DEV_TABLE_ENTRY -> Trouble.TABLE_BROKEN;
            case IO_PAGE_FAULT -> Trouble.NOT_MAPPED_OR_PERMITTED;
            case DEV_TAB_HARDWARE_ERROR, PAGE_TAB_HARDWARE_ERROR, RMP_HW_ERROR -> Trouble.TABLE_UNREADABLE;
            case ILLEGAL_COMMAND_ERROR, COMMAND_HARDWARE_ERROR -> Trouble.COMMAND_REFUSED;
            case IOTLB_INV_TIMEOUT -> Trouble.NO_ANSWER;
            case INVALID_DEVICE_REQUEST -> Trouble.ATS_REFUSED;
            case INVALID_PPR_REQUEST -> Trouble.PAGE_REQUEST_REFUSED;
            case RMP_PAGE_FAULT -> Trouble.OWNERSHIP;
            case EVENT_COUNTER_ZERO -> Trouble.UNKNOWN;
        };
    }

    private static void access(Draft draft, EventCode code, long word) {
        if (code == EventCode.IOTLB_INV_TIMEOUT || code == EventCode.ILLEGAL_COMMAND_ERROR
                || code == EventCode.COMMAND_HARDWARE_ERROR || code == EventCode.EVENT_COUNTER_ZERO) {
            return; // of commands, not of accesses
        }
        if (EventFlags.I.isSet(word) && code != EventCode.RMP_PAGE_FAULT && code != EventCode.RMP_HW_ERROR) {
            draft.access(Draft.INTERRUPT);
        } else if (EventFlags.TR.isSet(word)) {
            draft.access(Draft.TRANSLATION_REQUEST);
        } else {
            draft.access(EventFlags.RW.isSet(word) ? Draft.WRITE : Draft.READ);
        }
    }

    private static void pageFault(Draft draft, long word) {
        access(draft, EventCode.IO_PAGE_FAULT, word);
        boolean present = EventFlags.PR.isSet(word);
        if (EventFlags.I.isSet(word)) {
            draft.is(EventCode.IO_PAGE_FAULT.name(), "I: an interrupt was refused (2h, AMD 48882 2.5.3)",
                    present ? Trouble.INTERRUPT_FORMAT : Trouble.INTERRUPT_STALE);
            draft.detail(present ? "PR: its remapping entry is there and does not admit it"
                    : "PR is clear: its remapping entry is not enabled, or interrupts of the device are blocked");
        } else if (!present) {
            draft.is(EventCode.IO_PAGE_FAULT.name(), "PR is clear: nothing is mapped at the address (2h, AMD 48882 2.5.3)",
                    Trouble.NOT_MAPPED);
        } else if (EventFlags.RZ.isSet(word)) {
            draft.is(EventCode.IO_PAGE_FAULT.name(), "RZ: an entry on the way has a reserved bit set (2h, AMD 48882 2.5.3)",
                    Trouble.TABLE_BROKEN);
        } else if (EventFlags.PE.isSet(word)) {
            draft.is(EventCode.IO_PAGE_FAULT.name(), String.format("PE: the entry is present and does not permit %s (2h, AMD 48882"
                    + " 2.5.3)", draft.access().map(word2 -> "a " + word2).orElse("it")), Trouble.NOT_PERMITTED);
        } else {
            draft.is(EventCode.IO_PAGE_FAULT.name(), "PR without PE and RZ: an entry is present and its level is not possible, or the"
                    + " device table entry forbids the access (2h, AMD 48882 2.5.3)", Trouble.NOT_PERMITTED);
        }
        if (EventFlags.NX.isSet(word)) {
            draft.detail("NX: execution was asked for");
        }
        if (EventFlags.GN.isSet(word)) {
            draft.detail(EventFlags.US.isSet(word) ? "a user's access with a PASID" : "a supervisor's access with a PASID");
        }
    }

    private static void invalidRequest(Draft draft, long word) {
        access(draft, EventCode.INVALID_DEVICE_REQUEST, word);
        long type = InvalidDeviceRequestEvent.TYPE.get(word);
        boolean translation = EventFlags.TR.isSet(word);
        var detail = translation ? TranslationRequestType.of(type).map(TranslationRequestType::meaning)
                : DeviceRequestType.of(type).map(DeviceRequestType::meaning);
        boolean interrupt = !translation && DeviceRequestType.of(type).filter(kind -> switch (kind) {
            case INTERRUPT_RANGE_READ, INTERRUPT_CONTROL, INTERRUPT_RESERVED -> true;
            default -> false;
        }).isPresent();
        draft.is(EventCode.INVALID_DEVICE_REQUEST.name(), text(EventCode.INVALID_DEVICE_REQUEST),
                interrupt ? Trouble.INTERRUPT_FORMAT : Trouble.ATS_REFUSED);
        detail.ifPresent(draft::detail);
    }

    static Draft unknown(Draft draft, long code) {
        return draft.is(String.format("EVENT_%XH", code), String.format("%xh: the manual has no such event (AMD 48882 2.5)", code),
                Trouble.UNKNOWN);
    }

    /** A record of the event log, if the words can be one. */
    static Optional<Draft> record(String text, long low, long high) {
        var code = EventCode.of(EventLogRecord.CODE.get(low));
        // Above the PASID's high bits nothing is defined, but in page requests and RMP events.
        boolean possible = code.isPresent() && (code.get() == EventCode.INVALID_PPR_REQUEST || code.get() == EventCode.RMP_PAGE_FAULT
                || (low & 0xfff0_0000L) == 0);
        return possible ? Optional.of(read(text, low, high, 1)) : Optional.empty();
    }

    static Draft read(String text, long low, long high, int number) {
        var draft = new Draft(number, text, Vendor.AMD);
        long type = EventLogRecord.CODE.get(low);
        var known = EventCode.of(type);
        if (known.isEmpty()) {
            return unknown(draft, type);
        }
        var code = known.get();
        long flags = EventLogRecord.FLAGS.get(low);
        boolean command = code == EventCode.ILLEGAL_COMMAND_ERROR || code == EventCode.COMMAND_HARDWARE_ERROR
                || code == EventCode.EVENT_COUNTER_ZERO;
        if (!command) {
            draft.requester((int) EventLogRecord.DEVICEID.get(low));
        }
        draft.address(high);
        if (hasGuestAddress(code, flags)) {
            draft.pasid(code == EventCode.INVALID_PPR_REQUEST ? PprRecord.PASID_19_16.get(low) << 16 | PprRecord.PASID_15_0.get(low)
                    : EventLogRecord.pasid(low));
        }
        tell(draft, code, flags);
        if (code == EventCode.IO_PAGE_FAULT && !hasGuestAddress(code, flags)) {
            draft.detail(String.format("domain 0x%x", EventLogRecord.DOMAINID.get(low)));
        }
        return draft;
    }
}
