package sluicegate.hw.amdvi;

import java.util.Locale;
import java.util.Optional;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.types.Access;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.spec.amdvi.DevTabHardwareErrorEvent;
import sluicegate.spec.amdvi.DeviceRequestType;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.HardwareErrorType;
import sluicegate.spec.amdvi.InvalidDeviceRequestEvent;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.TranslationRequestType;

/** What records of the event log tell (section 2.5; {@code iommu_print_event}). */
final class EventDecoder {
    private EventDecoder() {}

    /** A record that is about a device's request. */
    static FaultRecord decode(long low, long high) {
        int code = (int) EventLogRecord.CODE.get(low);
        var event = EventCode.of(code);
        return new FaultRecord(
                (int) EventLogRecord.DEVICEID.get(low),
                pasid(event, low),
                event.filter(EventDecoder::tellsPhysicalAddress).isPresent() ? 0 : high,
                access(event, low),
                code,
                event.map(EventCode::name).orElse("RESERVED_" + Integer.toHexString(code).toUpperCase(Locale.ROOT)),
                event.map(known -> sentence(known, low, high))
                        .orElseGet(() -> String.format("%xh: an event that the manual reserves", code)));
    }

    /** Whether a record is about a command, and what of it. */
    static Optional<EventCode> aboutCommand(long low) {
        return EventCode.of(EventLogRecord.CODE.get(low)).filter(event -> event == EventCode.ILLEGAL_COMMAND_ERROR
                || event == EventCode.COMMAND_HARDWARE_ERROR || event == EventCode.IOTLB_INV_TIMEOUT);
    }

    private static boolean hasFlags(EventCode event) {
        return switch (event) {
            case ILLEGAL_DEV_TABLE_ENTRY, IO_PAGE_FAULT, DEV_TAB_HARDWARE_ERROR, PAGE_TAB_HARDWARE_ERROR,
                    INVALID_DEVICE_REQUEST, RMP_PAGE_FAULT, RMP_HW_ERROR -> true;
            default -> false;
        };
    }

    /** What tells which address space it was: the domain id, or with GN the PASID in its place. */
    private static boolean hasDomain(EventCode event) {
        return event == EventCode.IO_PAGE_FAULT || event == EventCode.PAGE_TAB_HARDWARE_ERROR
                || event == EventCode.INVALID_DEVICE_REQUEST;
    }

    /** An entry that is illegal has no domain id. */
    private static boolean hasPasid(EventCode event) {
        return hasDomain(event) || event == EventCode.ILLEGAL_DEV_TABLE_ENTRY;
    }

    /** Then the operand is where a table is, and not what the device wanted. */
    private static boolean tellsPhysicalAddress(EventCode event) {
        return event == EventCode.DEV_TAB_HARDWARE_ERROR || event == EventCode.PAGE_TAB_HARDWARE_ERROR
                || event == EventCode.RMP_HW_ERROR || event == EventCode.EVENT_COUNTER_ZERO;
    }

    private static int pasid(Optional<EventCode> event, long low) {
        if (event.equals(Optional.of(EventCode.INVALID_PPR_REQUEST))) {
            return PprRecord.GN.isSet(low) ? PprRecord.pasid(low) : Pasid.NONE;
        }
        return event.filter(EventDecoder::hasPasid).isPresent() && EventFlags.GN.isSet(low) ? EventLogRecord.pasid(low) : Pasid.NONE;
    }

    private static Access access(Optional<EventCode> event, long low) {
        if (event.equals(Optional.of(EventCode.INVALID_PPR_REQUEST))) {
            return PprRecord.W.isSet(low) ? Access.WRITE : PprRecord.X.isSet(low) ? Access.EXECUTE : Access.READ;
        }
        if (event.filter(EventDecoder::hasFlags).isEmpty()) {
            return Access.READ;
        }
        if (EventFlags.RW.isSet(low)) {
            return Access.WRITE;
        }
        // NX means this only where there was an entry whose permissions counted.
        return event.get() == EventCode.IO_PAGE_FAULT && EventFlags.NX.isSet(low) ? Access.EXECUTE : Access.READ;
    }

    private static String sentence(EventCode event, long low, long high) {
        var text = new StringBuilder(String.format("%xh: %s", event.code(), event.meaning()));
        switch (event) {
            case IO_PAGE_FAULT -> text.append("; ").append(EventFlags.sentence(low));
            case ILLEGAL_DEV_TABLE_ENTRY -> text.append(EventFlags.RZ.isSet(low) ? "; a reserved bit" : "; a code");
            case INVALID_DEVICE_REQUEST -> {
                long type = InvalidDeviceRequestEvent.TYPE.get(low);
                var said = EventFlags.TR.isSet(low)
                        ? TranslationRequestType.of(type).map(TranslationRequestType::meaning)
                        : DeviceRequestType.of(type).map(DeviceRequestType::meaning);
                said.ifPresent(meaning -> text.append("; ").append(meaning));
            }
            case DEV_TAB_HARDWARE_ERROR, PAGE_TAB_HARDWARE_ERROR, RMP_HW_ERROR -> {
                text.append("; at ").append(Hex.of(high));
                HardwareErrorType.of(DevTabHardwareErrorEvent.TYPE.get(low))
                        .ifPresent(type -> text.append(": ").append(type.meaning()));
            }
            default -> { }
        }
        if (hasFlags(event)) {
            if (event != EventCode.IO_PAGE_FAULT) {
                text.append(EventFlags.TR.isSet(low) && event != EventCode.INVALID_DEVICE_REQUEST ? "; a translation request" : "")
                        .append(EventFlags.I.isSet(low) ? "; an interrupt" : "")
                        .append(EventFlags.GN.isSet(low) ? "; a guest address" : "");
            }
        }
        if (hasDomain(event) && !EventFlags.GN.isSet(low)) {
            text.append(", domain ").append(EventLogRecord.DOMAINID.get(low));
        }
        return text.append(" (section ").append(event.section()).append(')').toString();
    }
}
