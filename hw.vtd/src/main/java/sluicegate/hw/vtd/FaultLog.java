package sluicegate.hw.vtd;

import sluicegate.api.driver.FaultSink;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.FaultEventAddressRegister;
import sluicegate.spec.vtd.FaultEventControlRegister;
import sluicegate.spec.vtd.FaultEventDataRegister;
import sluicegate.spec.vtd.FaultEventUpperAddressRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.RequestType;

/**
 * Primary fault logging (sections 7.2.1 and 11.4.7; the kernel's {@code dmar_fault}): takes the records out of the fault
 * recording registers when the fault event interrupt comes, and reports each.
 */
final class FaultLog implements AutoCloseable {
    /**
     * How often one run goes through all records and reports them. A device that faults without end would otherwise
     * keep the machine's interrupt thread; what comes after that is dropped as an overflow.
     */
    private static final int ROUNDS = 64;

    private final VtdWindow window;
    private final FaultSink sink;
    private final FaultDump dump;
    private final int firstRecord;
    private final int records;
    private Interrupts.Vector vector;

    FaultLog(VtdCapabilities capabilities, VtdWindow window, FaultSink sink, FaultDump dump) {
        this.window = window;
        this.sink = sink;
        this.dump = dump;
        this.firstRecord = FaultRecord.offset(capabilities.cap(), 0);
        this.records = capabilities.faultRecords();
    }

    /** Connects the fault event to a new vector, and reports what is recorded already ({@code dmar_set_interrupt}). */
    void open(Interrupts interrupts) {
        mask();
        vector = interrupts.allocate(window.unit() + "-fault", this::drain);
        window.write32(FaultEventDataRegister.OFFSET, vector.data());
        window.write32(FaultEventAddressRegister.OFFSET, (int) vector.address());
        window.write32(FaultEventUpperAddressRegister.OFFSET, (int) (vector.address() >>> 32));
        window.write32(FaultEventControlRegister.OFFSET, 0);
        drain();
    }

    /** Holds the interrupt back and disconnects it. Records stay where they are. */
    @Override
    public void close() {
        mask();
        if (vector != null) {
            vector.close();
            vector = null;
        }
    }

    private void mask() {
        window.write32(FaultEventControlRegister.OFFSET, (int) FaultEventControlRegister.IM.mask());
    }

    /**
     * Reports and clears records until none is pending: only then the hardware sends the next interrupt. Hardware that says
     * that there is something and shows nothing is believed twice.
     */
    synchronized void drain() {
        boolean lost = false;
        int idle = 0;
        int status = window.read32(FaultStatusRegister.OFFSET);
        for (int round = 0; isPending(status) && idle < 2; round++) {
            if (FaultStatusRegister.PFO.isSet(status)) {
                window.write32(FaultStatusRegister.OFFSET, (int) FaultStatusRegister.PFO.mask());
                lost = true;
            }
            int found = take((int) FaultStatusRegister.FRI.get(status), round < ROUNDS);
            lost |= found != 0 && round >= ROUNDS;
            idle = found == 0 ? idle + 1 : 0;
            status = window.read32(FaultStatusRegister.OFFSET);
        }
        if (lost) {
            sink.overflow();
        }
    }

    private static boolean isPending(int status) {
        return FaultStatusRegister.PPF.isSet(status) || FaultStatusRegister.PFO.isSet(status);
    }

    /** Clears all records, the oldest first, and returns how many there were. */
    private int take(int first, boolean report) {
        int found = 0;
        for (int i = 0; i < records; i++) {
            int offset = firstRecord + (first + i) % records * FaultRecord.BYTES;
            long high = window.read64(offset + Long.BYTES);
            if (FaultRecord.F.isSet(high)) {
                long low = window.read64(offset);
                window.write32(offset + Long.BYTES + Integer.BYTES, (int) (FaultRecord.F.mask() >>> 32));
                found++;
                if (report) {
                    var record = decode(low, high);
                    sink.fault(record);
                    dump.show(record);
                }
            }
        }
        return found;
    }

    /** What a fault recording register says. */
    static sluicegate.api.driver.FaultRecord decode(long low, long high) {
        int code = (int) FaultRecord.FR.get(high);
        var reason = FaultReason.of(code);
        boolean pasid = FaultRecord.PP.isSet(high);
        return new sluicegate.api.driver.FaultRecord(
                (int) FaultRecord.SID.get(high),
                pasid ? (int) FaultRecord.PV.get(high) : Pasid.NONE,
                FaultRecord.FI.inPlace(low),
                access(high),
                code,
                reason.map(FaultReason::name).orElse("RESERVED_" + Integer.toHexString(code).toUpperCase(java.util.Locale.ROOT)),
                reason.map(FaultReason::sentence).orElseGet(() -> String.format("%02xh: a code that the manual reserves", code)));
    }

    private static Access access(long high) {
        return switch (RequestType.of(high)) {
            case READ, PAGE_REQUEST -> FaultRecord.EXE.isSet(high) ? Access.EXECUTE : Access.READ;
            case WRITE -> Access.WRITE;
            case ATOMIC -> Access.ATOMIC;
        };
    }
}
