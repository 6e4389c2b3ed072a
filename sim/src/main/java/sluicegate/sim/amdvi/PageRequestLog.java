package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.CompletePprCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.PprAutoResponseRegister;
import sluicegate.spec.amdvi.PprEarlyOverflowRegister;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The PPR log (2.6): page requests of devices on their way to software, and the answers that the unit gives by itself.
 *
 * <p>Thread-safe with a lock of its own. Answers go to devices outside of it.
 */
final class PageRequestLog {
    private static final long INTERRUPT = StatusRegister.PPRINT.mask();
    private static final long EARLY = StatusRegister.PPROVRFLWEARLY.mask();
    private static final long AUTO_RESPONSE_BITS = ~PprAutoResponseRegister.LAYOUT.reservedMask(0);
    private static final long EARLY_BITS = ~PprEarlyOverflowRegister.LAYOUT.reservedMask(0);

    private final LogBuffer buffer;
    private final EventReporter events;
    private final UnitStatus status;
    private final Messages messages;
    private volatile Devices devices = Devices.ABSENT;
    private volatile long control;
    private volatile long autoResponse;
    private volatile long early;

    /**
     * A page request as it came from a device.
     *
     * @param access {@link RequestAccess} READ, WRITE, EXECUTE, PRIVILEGED; none for a stop marker
     */
    record Request(int deviceId, int pasid, long address, int access, int group, boolean last) {
        private boolean isStopMarker() {
            return last && pasid != Pasid.NONE && (access & (RequestAccess.ATOMIC | RequestAccess.EXECUTE)) == 0;
        }

        private long record() {
            long low = PprRecord.CODE.set(0, PprRecord.PAGE_SERVICE_REQUEST);
            low = EventLogRecord.DEVICEID.set(low, deviceId);
            low = PprRecord.TAG.set(low, group & PprRecord.LAST - 1 | (last ? PprRecord.LAST : 0));
            low |= (access & RequestAccess.READ) != 0 ? PprRecord.R.mask() : 0;
            low |= (access & RequestAccess.WRITE) != 0 ? PprRecord.W.mask() : 0;
            if (pasid == Pasid.NONE) {
                return low;
            }
            low |= PprRecord.GN.mask() | ((access & RequestAccess.EXECUTE) != 0 ? PprRecord.X.mask() : 0)
                    | ((access & RequestAccess.PRIVILEGED) == 0 ? PprRecord.US.mask() : 0);
            return PprRecord.PASID_15_0.set(PprRecord.PASID_19_16.set(low, pasid >>> 16), pasid & 0xffff);
        }

        private long page() {
            return PprRecord.ADDRESS.inPlace(address);
        }
    }

    PageRequestLog(PhysicalMemory memory, EventReporter events, UnitStatus status, Messages messages) {
        this.buffer = new LogBuffer(memory, this, status, LogBuffer.Kind.PAGE_REQUESTS);
        this.events = events;
        this.status = status;
        this.messages = messages;
    }

    LogBuffer buffer() {
        return buffer;
    }

    void setDevices(Devices listener) {
        devices = listener;
    }

    /** @param value the control register */
    synchronized void configure(long value) {
        control = value;
        buffer.enable(ControlRegister.IOMMUEN.isSet(value) && ControlRegister.PPRLOGEN.isSet(value));
    }

    /**
     * Takes a page request.
     *
     * @param entry the device's, null if the unit does not translate
     */
    void request(Request request, DeviceEntry entry) {
        if (!allowed(entry)) {
            events.invalidPageRequest(request.record(), request.page());
            answer(request, CompletePprCommand.INVALID);
            return;
        }
        if (request.isStopMarker() && ControlRegister.BLKSTOPMRKEN.isSet(control)) {
            return;
        }
        boolean always = ControlRegister.PPRAUTORSPAON.isSet(control);
        boolean masked = request.pasid != Pasid.NONE && PprAutoResponseRegister.PPRAUTORSPMASKGN.isSet(autoResponse);
        if ((always || !log(request)) && ControlRegister.PPRAUTORSPEN.isSet(control) && !masked) {
            answer(request, (int) PprAutoResponseRegister.PPRAUTORSPCODE.get(autoResponse));
        }
    }

    private boolean allowed(DeviceEntry entry) {
        return entry != null && entry.state == DeviceEntry.GOOD && entry.valid && entry.translationValid && entry.deviceTlb
                && ControlRegister.PPREN.isSet(control) && (entry.pageRequests || !ControlRegister.EPHEN.isSet(control));
    }

    private void answer(Request request, int code) {
        if (request.last && !request.isStopMarker()) {
            devices.respond(request.deviceId, request.pasid, request.group, code);
        }
    }

    /** Returns whether software will learn of it. */
    private synchronized boolean log(Request request) {
        switch (buffer.append(request.record(), request.page())) {
            case WRITTEN -> {
                warn();
                interrupt();
                return true;
            }
            case OVERFLOW -> {
                interrupt();
                return false;
            }
            default -> {
                return false;
            }
        }
    }

    private void warn() {
        if (PprEarlyOverflowRegister.PPROVRFLWEARLYEN.isSet(early)
                && buffer.pending() >= PprEarlyOverflowRegister.PPROVRFLWEARLYTHRESHOLD.get(early)
                && status.raise(EARLY) && PprEarlyOverflowRegister.PPROVRFLWEARLYINTEN.isSet(early)) {
            messages.sendPageRequest();
        }
    }

    private void interrupt() {
        if (ControlRegister.PPRINTEN.isSet(control) && status.raise(INTERRUPT)) {
            messages.sendPageRequest();
        }
    }

    long autoResponse() {
        return autoResponse;
    }

    long early() {
        return early;
    }

    Writer autoResponseWriter() {
        return (value, mask) -> autoResponse = (autoResponse & ~mask | value) & AUTO_RESPONSE_BITS;
    }

    Writer earlyWriter() {
        return (value, mask) -> early = (early & ~mask | value) & EARLY_BITS;
    }
}
