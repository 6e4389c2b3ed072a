package sluicegate.judge.raw;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.judge.run.Outcome;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.judge.run.Subject;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextCommandRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.IotlbInvalidateRegister;
import sluicegate.spec.vtd.RequestType;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * A VT-d unit and one device behind it. Invalidation is by register, faults are polled.
 *
 * @param <C> what it is tried with
 */
abstract class VtdBench<C extends Flipped<C>> implements RawBench<C> {
    private static final int PAGE = 4096;
    private static final int DMA_LENGTH = 4;
    private static final int POLLS = 100_000;

    final Machine machine;
    final RegisterWindow registers;
    private final DmaMaster dma;
    final int sourceId;
    final long buffer;
    final long cap;
    final long ecap;
    private final byte[] page = new byte[PAGE];

    /**
     * Takes the first unit of a machine.
     *
     * @param machine powered off by {@link #close}
     * @param device the device to use, such as {@code 00:05.0}
     */
    VtdBench(Machine machine, String device) {
        this.machine = machine;
        IommuUnit unit = machine.units().get(0);
        registers = unit.registers();
        var function = machine.buses().stream().flatMap(bus -> bus.devices().stream())
                .filter(each -> each.name().endsWith(device)).map(PciFunction.class::cast).findFirst().orElseThrow();
        dma = function.dma();
        sourceId = function.address().requesterId();
        buffer = machine.allocate(Subject.BUFFER_SIZE);
        cap = registers.read64(CapabilityRegister.OFFSET);
        ecap = registers.read64(ExtendedCapabilityRegister.OFFSET);
        for (int i = 0; i < PAGE; i++) {
            page[i] = (byte) (1 + i % 251);
        }
    }

    @Override
    public final String kind() {
        return machine.kind();
    }

    /** Writes all tables, with the inversions of the case. */
    abstract void write(C raw);

    /** What RTADDR_REG is to be. */
    abstract long root(C raw);

    abstract long iova(C raw);

    /** Where the page is. */
    abstract long page();

    /** What the manual says of tables that are written. */
    abstract Manual.Answer answer(C raw);

    @Override
    public final Outcome expected(C raw) {
        prepare(raw);
        long iova = iova(raw);
        var answer = answer(raw);
        var access = raw.write() ? Access.WRITE : Access.READ;
        if (answer.fault().isPresent()) {
            return new Transfer(DmaStatus.FAULT, new byte[raw.write() ? 0 : DMA_LENGTH], answer.recorded()
                    ? Set.of(reported(sourceId, iova, access, answer.fault().get().code()))
                    : Set.of());
        }
        boolean reached = machine.memory().contains(answer.address(), DMA_LENGTH);
        var data = new byte[raw.write() ? 0 : DMA_LENGTH];
        if (reached) {
            machine.memory().read(answer.address(), data, 0, data.length);
        }
        return new Transfer(reached ? DmaStatus.OK : DmaStatus.NO_TARGET, data, Set.of());
    }

    @Override
    public final Outcome run(C raw) {
        prepare(raw);
        use(root(raw));
        takeFaults();
        var data = new byte[raw.write() ? 0 : DMA_LENGTH];
        var status = raw.write()
                ? dma.write(Pasid.NONE, iova(raw), new byte[] {(byte) 0xa1, (byte) 0xb2, (byte) 0xc3, (byte) 0xd4}, 0, DMA_LENGTH)
                : dma.read(Pasid.NONE, iova(raw), data, 0, DMA_LENGTH);
        return new Transfer(status, data, takeFaults());
    }

    @Override
    public final boolean pageWritten() {
        var now = new byte[PAGE];
        machine.memory().read(page(), now, 0, PAGE);
        return !Arrays.equals(now, page);
    }

    private void prepare(C raw) {
        write(raw);
        machine.memory().write(page(), page, 0, PAGE);
    }

    /** Latches the root table, forgets all, and translates from here on (11.4.4, 6.6). */
    void use(long root) {
        registers.write64(RootTableAddressRegister.OFFSET, root);
        command(GlobalCommandRegister.SRTP, GlobalStatusRegister.RTPS, true);
        registers.write64(ContextCommandRegister.OFFSET,
                ContextCommandRegister.CIRG.set(ContextCommandRegister.ICC.mask(), ContextCommandRegister.GLOBAL));
        await(() -> !ContextCommandRegister.ICC.isSet(registers.read64(ContextCommandRegister.OFFSET)), "CCMD_REG.ICC");
        int iotlb = ExtendedCapabilityRegister.iotlbInvalidateOffset(ecap);
        registers.write64(iotlb, IotlbInvalidateRegister.IIRG.set(IotlbInvalidateRegister.IVT.mask(), IotlbInvalidateRegister.GLOBAL));
        await(() -> !IotlbInvalidateRegister.IVT.isSet(registers.read64(iotlb)), "IOTLB_REG.IVT");
        if (!GlobalStatusRegister.TES.isSet(registers.read32(GlobalStatusRegister.OFFSET))) {
            command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, true);
        }
    }

    final void command(Field command, Field status, boolean on) {
        int now = registers.read32(GlobalStatusRegister.OFFSET);
        registers.write32(GlobalCommandRegister.OFFSET, GlobalCommandRegister.command(now, command, on));
        await(() -> status.isSet(registers.read32(GlobalStatusRegister.OFFSET)) == on, "GSTS_REG." + status.name());
    }

    private void await(java.util.function.BooleanSupplier condition, String what) {
        for (int i = 0; i < POLLS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
        }
        throw new IllegalStateException(machine.name() + ": " + what + " stays as it is");
    }

    private Set<Reported> takeFaults() {
        var faults = new HashSet<Reported>();
        for (int i = 0; i < CapabilityRegister.faultRecordingCount(cap); i++) {
            int offset = FaultRecord.offset(cap, i);
            long high = registers.read64(offset + Long.BYTES);
            if (FaultRecord.F.isSet(high)) {
                faults.add(reported((int) FaultRecord.SID.get(high), FaultRecord.FI.inPlace(registers.read64(offset)),
                        RequestType.of(high) == RequestType.WRITE ? Access.WRITE : Access.READ, (int) FaultRecord.FR.get(high)));
                registers.write32(offset + Long.BYTES + Integer.BYTES, (int) (FaultRecord.F.mask() >>> 32));
            }
        }
        registers.write32(FaultStatusRegister.OFFSET, (int) FaultStatusRegister.PFO.mask());
        return faults;
    }

    @Override
    public final void close() {
        machine.powerOff();
    }

    @Override
    public final String toString() {
        return machine.name() + " (" + machine.kind() + ")";
    }

    private static Reported reported(int sourceId, long iova, Access access, int code) {
        return new Reported(sourceId, iova & -PAGE, access, code, FaultReason.of(code).map(FaultReason::name).orElse("reserved"));
    }
}
