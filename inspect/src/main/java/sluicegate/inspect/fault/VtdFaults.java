package sluicegate.inspect.fault;

import java.util.Optional;
import sluicegate.inspect.Vendor;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.InvalidationQueueError;
import sluicegate.spec.vtd.RequestType;

/** What VT-d's codes and records mean. */
final class VtdFaults {
    private VtdFaults() {}

    static Draft reason(Draft draft, int code) {
        var reason = FaultReason.of(code);
        if (reason.isEmpty()) {
            return draft.is(String.format("REASON_%02XH", code),
                    String.format("%02xh: the manual has no such reason (VT-d 7.1)", code), Trouble.UNKNOWN);
        }
        return draft.is(reason.get().name(), reason.get().sentence(), trouble(reason.get()));
    }

    private static Trouble trouble(FaultReason reason) {
        return switch (reason) {
            case ROOT_ENTRY_NOT_PRESENT, CONTEXT_ENTRY_NOT_PRESENT, SM_ROOT_ENTRY_NOT_PRESENT, SM_CONTEXT_ENTRY_NOT_PRESENT,
                    TABLE_MODE_ABORT, ROOT_TABLE_ADDRESS_INVALID -> Trouble.NOT_ATTACHED;
            case WRITE_NOT_PERMITTED, READ_NOT_PERMITTED -> Trouble.NOT_MAPPED_OR_PERMITTED;
            case FIRST_STAGE_ENTRY_NOT_PRESENT, SM_SECOND_STAGE_NOT_PERMITTED -> Trouble.NOT_MAPPED;
            case SM_WRITE_NOT_PERMITTED, SM_READ_NOT_PERMITTED, SM_USER_NOT_PERMITTED, SM_EXECUTE_NOT_PERMITTED,
                    NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED, NESTED_FIRST_STAGE_READ_NOT_PERMITTED,
                    NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED, HPT_NO_PERMISSION, HPT_WRITE_NOT_PERMITTED,
                    HPT_READ_NOT_PERMITTED -> Trouble.NOT_PERMITTED;
            case ADDRESS_BEYOND_WIDTH, SM_HOST_ADDRESS_BEYOND_WIDTH, SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH,
                    SM_ADDRESS_NOT_CANONICAL, ADDRESS_IN_INTERRUPT_RANGE, SM_ADDRESS_IN_INTERRUPT_RANGE,
                    NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE, HPT_ADDRESS_TOO_LARGE -> Trouble.TOO_WIDE;
            case TRANSLATION_TYPE_BLOCKED, SM_CONTEXT_ENTRY_NO_DTE -> Trouble.ATS_REFUSED;
            case SM_CONTEXT_ENTRY_NO_PRE, TABLE_MODE_NO_PAGE_REQUEST -> Trouble.PAGE_REQUEST_REFUSED;
            case SM_CONTEXT_ENTRY_NO_PASIDE, SM_CONTEXT_ENTRY_NO_EPTR, SM_PASID_TOO_LARGE, SM_PASID_IS_RID_PASID,
                    SM_PASID_BEYOND_WIDTH, TABLE_MODE_NO_PASID, EXECUTE_REQUEST_UNKNOWN, PASID_DIRECTORY_ENTRY_NOT_PRESENT,
                    PASID_ENTRY_NOT_PRESENT, PASID_ENTRY_NO_ERE, PASID_ENTRY_NO_SRE -> Trouble.PASID_REFUSED;
            case INTERRUPT_EXTENDED_MODE_OFF, INTERRUPT_REMAPPING_OFF, INTERRUPT_COMPATIBILITY_BLOCKED,
                    INTERRUPT_REQUEST_RESERVED, INTERRUPT_REQUEST_INVALID -> Trouble.INTERRUPT_FORMAT;
            case INTERRUPT_ENTRY_NOT_PRESENT, INTERRUPT_INDEX_TOO_LARGE -> Trouble.INTERRUPT_STALE;
            case INTERRUPT_SOURCE_REJECTED -> Trouble.INTERRUPT_SOURCE;
            case SECOND_STAGE_ENTRY_UNREADABLE, ROOT_ENTRY_UNREADABLE, CONTEXT_ENTRY_UNREADABLE, SM_ROOT_ENTRY_UNREADABLE,
                    SM_CONTEXT_ENTRY_UNREADABLE, PASID_DIRECTORY_ENTRY_UNREADABLE, PASID_ENTRY_UNREADABLE,
                    FIRST_STAGE_ENTRY_UNREADABLE, FIRST_STAGE_ROOT_UNREADABLE, SM_SECOND_STAGE_ENTRY_UNREADABLE,
                    SM_SECOND_STAGE_ROOT_UNREADABLE, INTERRUPT_ENTRY_UNREADABLE, POSTED_DESCRIPTOR_UNREADABLE,
                    HPT_ENTRY_UNREADABLE, HPT_ROOT_UNREADABLE -> Trouble.TABLE_UNREADABLE;
            default -> Trouble.TABLE_BROKEN;
        };
    }

    static Draft queueError(Draft draft, int code) {
        var known = InvalidationQueueError.of(code);
        return draft.is("INVALIDATION_QUEUE_ERROR", String.format("IQE: the unit refused a descriptor, code %xh: %s", code,
                known.map(InvalidationQueueError::meaning).orElse("no code of the manual")), Trouble.COMMAND_REFUSED);
    }

    /** A fault recording register, if the words can be one (VT-d 11.4.7.6). */
    static Optional<Draft> record(String text, long low, long high) {
        boolean possible = FaultRecord.F.isSet(high) && FaultReason.of((int) FaultRecord.FR.get(high)).isPresent()
                && (high & FaultRecord.LAYOUT.reservedMask(1)) == 0;
        return possible ? Optional.of(read(text, low, high)) : Optional.empty();
    }

    static Draft read(String text, long low, long high) {
        var draft = reason(new Draft(1, text, Vendor.INTEL), (int) FaultRecord.FR.get(high));
        draft.requester((int) FaultRecord.SID.get(high));
        if (FaultReason.of((int) FaultRecord.FR.get(high)).filter(FaultReason::isInterrupt).isPresent()) {
            return draft.access(Draft.INTERRUPT).detail("interrupt index 0x" + Integer.toHexString(FaultRecord.interruptIndex(low)));
        }
        draft.address(FaultRecord.FI.inPlace(low));
        if (FaultRecord.PP.isSet(high)) {
            draft.pasid(FaultRecord.PV.get(high));
        }
        if (FaultRecord.AT.get(high) == FaultRecord.AT_TRANSLATION_REQUEST) {
            return draft.access(Draft.TRANSLATION_REQUEST);
        }
        return draft.access(switch (RequestType.of(high)) {
            case WRITE -> Draft.WRITE;
            case READ -> FaultRecord.EXE.isSet(high) ? Draft.EXECUTE : Draft.READ;
            case ATOMIC -> "atomic";
            case PAGE_REQUEST -> Draft.PAGE_REQUEST;
        });
    }
}
