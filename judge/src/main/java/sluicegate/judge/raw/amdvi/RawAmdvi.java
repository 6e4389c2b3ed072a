package sluicegate.judge.raw.amdvi;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Access;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.judge.raw.RawBench;
import sluicegate.judge.run.Outcome;
import sluicegate.judge.run.Outcome.Reported;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;

/** An AMD IOMMU and one device behind it. Commands and events go through its rings and are polled. */
public final class RawAmdvi implements RawBench<AmdviCase> {
    private static final int PAGE = 4096;
    private static final int DMA_LENGTH = 4;
    private static final int POLLS = 100_000;
    /** 256 commands or events of 16 bytes. */
    private static final long RING_LENGTH = 8L << 56;
    private static final int RING_BYTES = PAGE;
    private static final long INVALIDATE_ALL = 8L << 60;

    private final Machine machine;
    private final RegisterWindow registers;
    private final DmaMaster dma;
    private final int deviceId;
    private final AmdviTables tables;
    private final AmdviManual manual;
    private final long features;
    private final long commands;
    private final long events;
    private final byte[] page = new byte[PAGE];
    /** What memory holds the tables of, and the entries that the unit is to mark. */
    private Optional<AmdviCase> prepared = Optional.empty();
    private Map<Long, Long> marks = Map.of();
    private int tail;

    /**
     * Takes the first unit of a machine and switches it on.
     *
     * @param machine powered off by {@link #close}
     * @param device the device to use, such as {@code 00:10.0}
     * @param deviceTlbs whether the unit lets devices have TLBs (IotlbSup of its capability)
     */
    public RawAmdvi(Machine machine, String device, boolean deviceTlbs) {
        this.machine = machine;
        registers = machine.units().get(0).registers();
        var function = machine.buses().stream().flatMap(bus -> bus.devices().stream())
                .filter(each -> each.name().endsWith(device)).map(PciFunction.class::cast).findFirst().orElseThrow();
        dma = function.dma();
        deviceId = function.address().requesterId();
        features = registers.read64(ExtendedFeatureRegister.OFFSET);
        boolean longInterrupts = ExtendedFeatureRegister.GASUP.isSet(features);
        boolean wideInterrupts = ExtendedFeatureRegister.XTSUP.isSet(features);
        tables = new AmdviTables(machine, deviceId, ExtendedFeatureRegister.HDSUP.isSet(features), longInterrupts);
        manual = new AmdviManual(machine.memory(), features, gcr3OfGuest(), deviceTlbs, longInterrupts, wideInterrupts);
        commands = machine.allocate(RING_BYTES);
        events = machine.allocate(RING_BYTES);
        for (int i = 0; i < PAGE; i++) {
            page[i] = (byte) (1 + i % 251);
        }
        if (guestLevels() > 0) {
            enablePasids(function);
        }
        start(longInterrupts, wideInterrupts);
    }

    /** Levels of the deepest host tables (HATS). */
    public int hostLevels() {
        return ExtendedFeatureRegister.hostLevels(features);
    }

    /** Levels of the deepest guest tables, 0 without any. */
    public int guestLevels() {
        return ExtendedFeatureRegister.GTSUP.isSet(features) ? ExtendedFeatureRegister.guestLevels(features) : 0;
    }

    /** Whether GCR3 tables can be at addresses of a guest; then they are. */
    private boolean gcr3OfGuest() {
        return ExtendedFeature2Register.GCR3TRPMODESUP.isSet(registers.read64(ExtendedFeature2Register.OFFSET));
    }

    private static void enablePasids(PciFunction function) {
        var config = function.config();
        int at = ConfigHeader.EXTENDED_CAPABILITIES;
        while (ExtendedCapabilityHeader.ID.get(config.read32(at)) != ExtendedCapabilityId.PASID.code()) {
            at = ExtendedCapabilityHeader.next(Integer.toUnsignedLong(config.read32(at)));
        }
        config.write16(at + PasidCapability.CONTROL_REGISTER.offset(), (int) PasidCapability.ENABLE.mask());
    }

    private void start(boolean longInterrupts, boolean wideInterrupts) {
        registers.write64(DeviceTableBaseRegister.OFFSET, tables.deviceTable());
        registers.write64(CommandBufferBaseRegister.OFFSET, commands | RING_LENGTH);
        registers.write64(EventLogBaseRegister.OFFSET, events | RING_LENGTH);
        long control = ControlRegister.EVENTLOGEN.mask() | ControlRegister.CMDBUFEN.mask() | ControlRegister.IOMMUEN.mask()
                | (guestLevels() > 0 ? ControlRegister.GTEN.mask() : 0) | (longInterrupts ? ControlRegister.GAEN.mask() : 0)
                | (wideInterrupts ? ControlRegister.XTEN.mask() : 0) | (gcr3OfGuest() ? ControlRegister.GCR3TRPMODE.mask() : 0);
        registers.write64(ControlRegister.OFFSET, control);
    }

    @Override
    public String kind() {
        return machine.kind();
    }

    @Override
    public Outcome expected(AmdviCase raw) {
        prepare(raw);
        var answer = manual.answer(tables.entry(), deviceId, tables.pasid(raw), tables.iova(raw), raw.write(), tables.data(raw));
        marks = answer.marks();
        var data = new byte[raw.write() ? 0 : DMA_LENGTH];
        if (!answer.passes()) {
            return new Transfer(DmaStatus.FAULT, data, answer.event().map(event -> reported(event.low(), event.high())).map(Set::of)
                    .orElse(Set.of()));
        }
        if (tables.isInterrupt(raw)) {
            return new Transfer(DmaStatus.OK, data, Set.of());
        }
        boolean reached = machine.memory().contains(answer.address(), DMA_LENGTH);
        if (reached) {
            machine.memory().read(answer.address(), data, 0, data.length);
        }
        return new Transfer(reached ? DmaStatus.OK : DmaStatus.NO_TARGET, data, Set.of());
    }

    @Override
    public Outcome run(AmdviCase raw) {
        if (prepared.filter(now -> now == raw).isEmpty()) {
            expected(raw);
        }
        prepared = Optional.empty();
        forgetEverything();
        takeEvents();
        var data = new byte[raw.write() ? 0 : DMA_LENGTH];
        int pasid = tables.pasid(raw);
        int from = pasid < 0 ? Pasid.NONE : pasid;
        var status = raw.write() ? dma.write(from, tables.iova(raw), littleEndian(tables.data(raw)), 0, DMA_LENGTH)
                : dma.read(from, tables.iova(raw), data, 0, DMA_LENGTH);
        var faults = takeEvents();
        for (var mark : marks.entrySet()) {
            long now = machine.memory().get64(mark.getKey());
            if (now != mark.getValue()) {
                return new Outcome.Broken(status + " " + faults + ", the entry at " + Hex.of(mark.getKey()) + " is " + Hex.of(now)
                        + " and not " + Hex.of(mark.getValue()));
            }
        }
        var others = tables.changed(raw, marks.keySet());
        return others.isEmpty() ? new Transfer(status, data, faults)
                : new Outcome.Broken(status + " " + faults + ", entries were written: " + others);
    }

    private static byte[] littleEndian(int data) {
        return new byte[] {(byte) data, (byte) (data >>> 8), (byte) (data >>> 16), (byte) (data >>> 24)};
    }

    @Override
    public boolean pageWritten() {
        var now = new byte[PAGE];
        machine.memory().read(tables.page(), now, 0, PAGE);
        return !Arrays.equals(now, page);
    }

    private void prepare(AmdviCase raw) {
        tables.write(raw, marks.keySet());
        machine.memory().write(tables.page(), page, 0, PAGE);
        prepared = Optional.of(raw);
    }

    private void forgetEverything() {
        machine.memory().set64(commands + tail, INVALIDATE_ALL);
        machine.memory().set64(commands + tail + 8, 0);
        tail = tail + 16 & RING_BYTES - 1;
        registers.write64(CommandBufferTailRegister.OFFSET, tail);
        for (int i = 0; registers.read64(CommandBufferHeadRegister.OFFSET) != tail; i++) {
            if (i == POLLS) {
                throw new IllegalStateException(machine.name() + ": the command buffer stands still");
            }
        }
    }

    private Set<Reported> takeEvents() {
        var faults = new HashSet<Reported>();
        long at = registers.read64(EventLogHeadRegister.OFFSET);
        long end = registers.read64(EventLogTailRegister.OFFSET);
        for (; at != end; at = at + 16 & RING_BYTES - 1) {
            faults.add(reported(machine.memory().get64(events + at), machine.memory().get64(events + at + 8)));
        }
        registers.write64(EventLogHeadRegister.OFFSET, end);
        return faults;
    }

    /**
     * All of a record: its operand in the place of the page, device, domain or PASID as the source, and the flags, with TYPE among
     * them, after the name.
     */
    private static Reported reported(long low, long high) {
        int code = (int) (low >>> 60);
        long flags = low >>> 48 & 0xfff;
        int source = (int) (low & 0xffff_ffffL ^ low >>> 32 << 16);
        return new Reported(source, high, (flags & 0x20) != 0 ? Access.WRITE : Access.READ, code,
                EventCode.of(code).map(EventCode::name).orElse("reserved") + String.format(Locale.ROOT, " %03x", flags));
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
