package sluicegate.judge.raw.smmuv3;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.function.BooleanSupplier;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.judge.raw.RawBench;
import sluicegate.judge.run.Outcome;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.judge.run.Subject;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.Cr0AckRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/** An SMMUv3. Commands and events go through its queues and are polled. */
public final class RawSmmu implements RawBench<StreamCase> {
    private static final int PAGE = 4096;
    private static final int DMA_LENGTH = 4;
    private static final int POLLS = 100_000;
    private static final int QUEUE_BITS = 5;
    private static final int WRAP = (1 << QUEUE_BITS + 1) - 1;
    private static final long ALL_STREAMS = 31;

    private final Machine machine;
    private final RegisterWindow registers;
    private final DmaMaster dma;
    private final int streamId;
    private final StreamTables tables;
    private final StreamManual manual;
    private final long commands;
    private final long events;
    private final byte[] page = new byte[PAGE];
    private int producer;

    /**
     * Takes the first unit of a machine and switches it on.
     *
     * @param machine powered off by {@link #close}
     * @param device the device to use, such as {@code 00:05.0}
     */
    public RawSmmu(Machine machine, String device) {
        this.machine = machine;
        registers = machine.units().get(0).registers();
        var function = machine.buses().stream().flatMap(bus -> bus.devices().stream())
                .filter(each -> each.name().endsWith(device)).map(PciFunction.class::cast).findFirst().orElseThrow();
        dma = function.dma();
        streamId = function.address().requesterId();
        tables = new StreamTables(machine.memory(), machine.allocate(Subject.BUFFER_SIZE), streamId);
        manual = new StreamManual(machine.memory());
        commands = machine.allocate(PAGE);
        events = machine.allocate(PAGE);
        for (int i = 0; i < PAGE; i++) {
            page[i] = (byte) (1 + i % 251);
        }
        start();
    }

    private void start() {
        registers.write64(StrtabBaseRegister.OFFSET, tables.streams());
        registers.write32(StrtabBaseCfgRegister.OFFSET, StreamTables.STREAM_BITS);
        registers.write64(CmdqBaseRegister.OFFSET, commands | QUEUE_BITS);
        registers.write32(CmdqProdRegister.OFFSET, 0);
        registers.write32(CmdqConsRegister.OFFSET, 0);
        registers.write64(EventqBaseRegister.OFFSET, events | QUEUE_BITS);
        registers.write32(EventqProdRegister.OFFSET, 0);
        registers.write32(EventqConsRegister.OFFSET, 0);
        control(Cr0Register.CMDQEN.mask());
        control(Cr0Register.CMDQEN.mask() | Cr0Register.EVENTQEN.mask() | Cr0Register.SMMUEN.mask());
    }

    private void control(long value) {
        registers.write32(Cr0Register.OFFSET, (int) value);
        await(() -> registers.read32(Cr0AckRegister.OFFSET) == (int) value, "SMMU_CR0ACK");
    }

    private void await(BooleanSupplier condition, String what) {
        for (int i = 0; i < POLLS; i++) {
            if (condition.getAsBoolean()) {
                return;
            }
        }
        throw new IllegalStateException(machine.name() + ": " + what + " stays as it is");
    }

    @Override
    public String kind() {
        return machine.kind();
    }

    @Override
    public Outcome expected(StreamCase raw) {
        prepare(raw);
        var answer = manual.answer(tables.entry(), iova(raw), raw.write());
        if (answer.event().isPresent()) {
            return new Transfer(DmaStatus.FAULT, new byte[raw.write() ? 0 : DMA_LENGTH], answer.recorded()
                    ? Set.of(reported(answer.event().get(), iova(raw), raw.write()))
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
    public Outcome run(StreamCase raw) {
        prepare(raw);
        forgetEverything();
        takeEvents();
        var data = new byte[raw.write() ? 0 : DMA_LENGTH];
        var status = raw.write()
                ? dma.write(Pasid.NONE, iova(raw), new byte[] {(byte) 0xa1, (byte) 0xb2, (byte) 0xc3, (byte) 0xd4}, 0, DMA_LENGTH)
                : dma.read(Pasid.NONE, iova(raw), data, 0, DMA_LENGTH);
        return new Transfer(status, data, takeEvents());
    }

    @Override
    public boolean pageWritten() {
        var now = new byte[PAGE];
        machine.memory().read(tables.page(), now, 0, PAGE);
        return !Arrays.equals(now, page);
    }

    private long iova(StreamCase raw) {
        return tables.iova() ^ raw.iovaFlips();
    }

    private void prepare(StreamCase raw) {
        tables.write(raw);
        machine.memory().write(tables.page(), page, 0, PAGE);
    }

    private void forgetEverything() {
        command(CommandOpcode.CFGI_STE_RANGE, ALL_STREAMS);
        command(CommandOpcode.TLBI_NSNH_ALL, 0);
        command(CommandOpcode.SYNC, 0);
        await(() -> (registers.read32(CmdqConsRegister.OFFSET) & WRAP) == producer, "SMMU_CMDQ_CONS");
    }

    private void command(int opcode, long high) {
        long slot = commands + 16L * (producer & WRAP >>> 1);
        machine.memory().set64(slot, opcode);
        machine.memory().set64(slot + 8, high);
        producer = producer + 1 & WRAP;
        registers.write32(CmdqProdRegister.OFFSET, producer);
    }

    private Set<Reported> takeEvents() {
        var faults = new HashSet<Reported>();
        int consumer = registers.read32(EventqConsRegister.OFFSET) & WRAP;
        int last = registers.read32(EventqProdRegister.OFFSET) & WRAP;
        for (; consumer != last; consumer = consumer + 1 & WRAP) {
            long slot = events + (long) EventRecord.BYTES * (consumer & WRAP >>> 1);
            long word0 = machine.memory().get64(slot);
            long word1 = machine.memory().get64(slot + 8);
            int event = (int) EventRecord.ID.get(word0);
            faults.add(event >= EventType.F_WALK_EABT.code()
                    ? reported(event, machine.memory().get64(slot + 16), !TranslationFaultEvent.RNW.isSet(word1))
                    : reported(event, 0, false));
        }
        registers.write32(EventqConsRegister.OFFSET, consumer);
        return faults;
    }

    /** Of an error of configuration the record has neither address nor access. */
    private Reported reported(int event, long iova, boolean write) {
        boolean told = event >= EventType.F_WALK_EABT.code();
        return new Reported(streamId, told ? iova & -PAGE : 0, told && write ? Access.WRITE : Access.READ, event,
                EventType.of(event).map(EventType::name).orElse("reserved"));
    }

    @Override
    public void close() {
        machine.powerOff();
    }

    @Override
    public String toString() {
        return machine.name() + " (" + machine.kind() + ")";
    }
}
