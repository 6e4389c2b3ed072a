package sluicegate.examples.tinyvtd;

import sluicegate.api.driver.FaultRecord;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.FaultEventAddressRegister;
import sluicegate.spec.vtd.FaultEventControlRegister;
import sluicegate.spec.vtd.FaultEventDataRegister;
import sluicegate.spec.vtd.FaultEventUpperAddressRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.RequestType;

/** Takes refused requests out of the fault recording registers and reports them (section 7.2.1). */
final class Faults {
    /** A device that faults without end must not keep the machine's interrupts for itself. */
    private static final int ROUNDS = 64;

    private final Hardware hardware;
    private final FaultSink sink;
    private Interrupts.Vector vector;

    Faults(Hardware hardware, FaultSink sink) {
        this.hardware = hardware;
        this.sink = sink;
    }

    void open(Interrupts interrupts) {
        mask();
        vector = interrupts.allocate(hardware.name() + "-fault", this::drain);
        var registers = hardware.registers();
        registers.write32(FaultEventDataRegister.OFFSET, vector.data());
        registers.write32(FaultEventAddressRegister.OFFSET, (int) vector.address());
        registers.write32(FaultEventUpperAddressRegister.OFFSET, (int) (vector.address() >>> 32));
        registers.write32(FaultEventControlRegister.OFFSET, 0);
        drain();
    }

    void close() {
        mask();
        if (vector != null) {
            vector.close();
            vector = null;
        }
    }

    private void mask() {
        hardware.registers().write32(FaultEventControlRegister.OFFSET, (int) FaultEventControlRegister.IM.mask());
    }

    /** The next interrupt comes when nothing was pending. */
    synchronized void drain() {
        var registers = hardware.registers();
        int status = registers.read32(FaultStatusRegister.OFFSET);
        for (int round = 0; FaultStatusRegister.PPF.isSet(status) || FaultStatusRegister.PFO.isSet(status); round++) {
            boolean lost = FaultStatusRegister.PFO.isSet(status) || round == ROUNDS;
            registers.write32(FaultStatusRegister.OFFSET, (int) FaultStatusRegister.PFO.mask());
            for (int i = 0; i < hardware.faultRecords(); i++) {
                take(sluicegate.spec.vtd.FaultRecord.offset(hardware.cap(), i), round < ROUNDS);
            }
            if (lost) {
                sink.overflow();
            }
            status = registers.read32(FaultStatusRegister.OFFSET);
        }
    }

    private void take(int offset, boolean report) {
        var registers = hardware.registers();
        long high = registers.read64(offset + Long.BYTES);
        if (!sluicegate.spec.vtd.FaultRecord.F.isSet(high)) {
            return;
        }
        long iova = sluicegate.spec.vtd.FaultRecord.FI.inPlace(registers.read64(offset));
        registers.write32(offset + Long.BYTES + Integer.BYTES, (int) (sluicegate.spec.vtd.FaultRecord.F.mask() >>> 32));
        if (report) {
            int code = (int) sluicegate.spec.vtd.FaultRecord.FR.get(high);
            var reason = FaultReason.of(code);
            sink.fault(new FaultRecord((int) sluicegate.spec.vtd.FaultRecord.SID.get(high), Pasid.NONE, iova,
                    RequestType.of(high) == RequestType.WRITE ? Access.WRITE : Access.READ, code,
                    reason.map(FaultReason::name).orElse("RESERVED_" + code),
                    reason.map(FaultReason::sentence).orElse("a code that the manual reserves")));
        }
    }
}
