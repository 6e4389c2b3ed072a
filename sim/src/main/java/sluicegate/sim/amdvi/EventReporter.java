package sluicegate.sim.amdvi;

import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DevTabHardwareErrorEvent;
import sluicegate.spec.amdvi.DeviceRequestType;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventFlags;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.HardwareErrorType;
import sluicegate.spec.amdvi.InterruptMessage;
import sluicegate.spec.amdvi.InvalidDeviceRequestEvent;
import sluicegate.spec.amdvi.TranslationRequestType;

/** Makes the records of the event log (2.5.2 to 2.5.10). Thread-safe. */
final class EventReporter {
    /** GN and the PASID are no part of a DEV_TAB_HARDWARE_ERROR. */
    private static final long DEVICE_TABLE_FLAGS = EventFlags.RW.mask() | EventFlags.I.mask();
    private static final long ENTRY_PLACE = -8;

    private final EventLog log;

    EventReporter(EventLog log) {
        this.log = log;
    }

    /** A request met a device table entry that cannot be used. */
    void badEntry(DeviceEntry entry, int deviceId, int pasid, long iova, int access) {
        badEntry(entry, entry.state, deviceId, writeFlag(access) | (pasid == Pasid.NONE ? 0 : space(pasid, 0)), iova);
    }

    /** An interrupt met one. @param operand what {@link InterruptMessage#eventAddress} makes of it */
    void badEntry(DeviceEntry entry, int deviceId, long operand) {
        badEntry(entry, entry.interruptState, deviceId, EventFlags.I.mask(), operand);
    }

    private void badEntry(DeviceEntry entry, int why, int deviceId, long flags, long operand) {
        switch (why) {
            case DeviceEntry.UNREADABLE -> log.log(record(EventCode.DEV_TAB_HARDWARE_ERROR, deviceId) | masterAbort()
                    | flags & DEVICE_TABLE_FLAGS, entry.place);
            // The manual leaves open what a device beyond the table meets; its request can't be translated.
            case DeviceEntry.BEYOND_TABLE -> log.log(record(EventCode.IO_PAGE_FAULT, deviceId) | flags, operand);
            default -> log.log(record(EventCode.ILLEGAL_DEV_TABLE_ENTRY, deviceId) | flags | DeviceEntry.illegalFlags(why), operand);
        }
    }

    /** An interrupt was stopped by the interrupt remapping table. @param flags which there are besides I */
    void interruptFault(DeviceEntry entry, int deviceId, long operand, long flags) {
        log.log(record(EventCode.IO_PAGE_FAULT, deviceId) | EventFlags.I.mask() | flags | space(Pasid.NONE, entry.domain), operand);
    }

    /** Interrupts have no PASID. */
    void interruptWithPasid(DeviceEntry entry, int deviceId, int pasid, long address) {
        log.log(record(EventCode.IO_PAGE_FAULT, deviceId) | EventFlags.I.mask() | space(pasid, entry.domain), address);
    }

    /** An entry of an interrupt remapping table could not be read. @param place where it would be */
    void interruptEntryUnreadable(DeviceEntry entry, int deviceId, long place) {
        log.log(record(EventCode.PAGE_TAB_HARDWARE_ERROR, deviceId) | masterAbort() | EventFlags.I.mask()
                | space(Pasid.NONE, entry.domain), place & ENTRY_PLACE);
    }

    /** An interrupt is one that the device table entry aborts, or that there is none of. RW and I are clear, as on real units. */
    void invalidInterrupt(DeviceEntry entry, int deviceId, long operand, DeviceRequestType type) {
        invalidRequest(entry, deviceId, Pasid.NONE, operand, RequestAccess.READ, type);
    }

    /**
     * A request was stopped on its way through tables.
     *
     * @param leaf what the walk found
     * @param code of {@link LeafWord}
     */
    void pageFault(DeviceEntry entry, long leaf, int code, int deviceId, int pasid, long iova, int access) {
        if (code == LeafWord.UNREADABLE) {
            log.log(record(EventCode.PAGE_TAB_HARDWARE_ERROR, deviceId) | masterAbort() | writeFlag(access)
                    | space(pasid, entry.domain), LeafWord.entryAddress(leaf));
        } else if (entry.logsFault()) {
            log.log(record(EventCode.IO_PAGE_FAULT, deviceId) | faultFlags(code, pasid, access) | space(pasid, entry.domain),
                    iova);
        }
    }

    /** A translation request met an entry that is in error. */
    void translationFault(DeviceEntry entry, long leaf, int deviceId, int pasid, long iova, int access) {
        int code = LeafWord.code(leaf);
        if (code == LeafWord.UNREADABLE) {
            log.log(record(EventCode.PAGE_TAB_HARDWARE_ERROR, deviceId) | masterAbort() | writeFlag(access)
                    | EventFlags.TR.mask() | space(pasid, entry.domain), LeafWord.entryAddress(leaf));
        } else if (entry.logsFault()) {
            log.log(record(EventCode.IO_PAGE_FAULT, deviceId) | faultFlags(code, pasid, access) | EventFlags.TR.mask()
                    | space(pasid, entry.domain), iova);
        }
    }

    /** A request of a kind that the device may not issue. */
    void invalidRequest(DeviceEntry entry, int deviceId, int pasid, long address, int access, DeviceRequestType type) {
        long low = record(EventCode.INVALID_DEVICE_REQUEST, deviceId) | writeFlag(access) | space(pasid, entry.domain);
        log.log(InvalidDeviceRequestEvent.TYPE.set(low, type.code()), address);
    }

    /** The same of a translation request. */
    void invalidTranslationRequest(DeviceEntry entry, int deviceId, int pasid, long address, int access,
            TranslationRequestType type) {
        long low = record(EventCode.INVALID_DEVICE_REQUEST, deviceId) | writeFlag(access) | EventFlags.TR.mask()
                | space(pasid, entry.domain);
        log.log(InvalidDeviceRequestEvent.TYPE.set(low, type.code()), address);
    }

    /** @param record first word of the record that a page request would have got */
    void invalidPageRequest(long record, long address) {
        log.log(EventLogRecord.CODE.set(record, EventCode.INVALID_PPR_REQUEST.code()), address);
    }

    void illegalCommand(long command) {
        log.log(record(EventCode.ILLEGAL_COMMAND_ERROR, 0), command);
    }

    /** @param address what could not be accessed */
    void commandError(long address) {
        log.log(record(EventCode.COMMAND_HARDWARE_ERROR, 0) | masterAbort(), address);
    }

    /** @param command where it is */
    void invalidationTimeout(int deviceId, long command) {
        log.log(record(EventCode.IOTLB_INV_TIMEOUT, deviceId), command);
    }

    private static long record(EventCode event, int deviceId) {
        return EventLogRecord.DEVICEID.set(EventLogRecord.CODE.set(0, event.code()), deviceId);
    }

    private static long masterAbort() {
        return DevTabHardwareErrorEvent.TYPE.set(0, HardwareErrorType.MASTER_ABORT.code());
    }

    private static long writeFlag(int access) {
        return (access & RequestAccess.WRITE) != 0 ? EventFlags.RW.mask() : 0;
    }

    /** The flags of an I/O page fault; those of privilege and execution only where there is a PASID. */
    static long faultFlags(int code, int pasid, int access) {
        long flags = writeFlag(access) | switch (code) {
            case LeafWord.FORBIDDEN -> EventFlags.PR.mask() | EventFlags.PE.mask();
            case LeafWord.RESERVED -> EventFlags.PR.mask() | EventFlags.RZ.mask();
            case LeafWord.ILLEGAL_LEVEL -> EventFlags.PR.mask();
            default -> 0L;
        };
        if (pasid == Pasid.NONE) {
            return flags;
        }
        return flags | ((access & RequestAccess.EXECUTE) != 0 ? EventFlags.NX.mask() : 0)
                | ((access & RequestAccess.PRIVILEGED) == 0 ? EventFlags.US.mask() : 0);
    }

    /** Which address space: the domain, or with GN the PASID. */
    private static long space(int pasid, int domain) {
        return pasid == Pasid.NONE
                ? EventLogRecord.DOMAINID.set(0, domain)
                : EventLogRecord.PASID_19_16.set(EventLogRecord.DOMAINID.set(EventFlags.GN.mask(), pasid & 0xffff), pasid >>> 16);
    }
}
