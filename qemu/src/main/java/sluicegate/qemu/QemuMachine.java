package sluicegate.qemu;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MemoryRange;
import sluicegate.firmware.PciTree;
import sluicegate.firmware.UnitDescription;
import sluicegate.machine.PublishableMachine;
import sluicegate.machine.firmware.FirmwareUnit;
import sluicegate.machine.firmware.FirmwareWiring;
import sluicegate.machine.firmware.PlatformNames;
import sluicegate.machine.firmware.ReservedMemory;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.interrupt.VectorTable;
import sluicegate.machine.memory.DataAllocator;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.qemu.dma.DmaTrace;
import sluicegate.qemu.dma.Engines;
import sluicegate.qemu.firmware.AcpiTables;
import sluicegate.qemu.firmware.FwCfg;
import sluicegate.qemu.memory.FileMemory;
import sluicegate.qemu.pci.PciNames;
import sluicegate.qemu.pci.PciSetup;
import sluicegate.qemu.pci.QemuFunction;
import sluicegate.qemu.pci.QemuPciBus;
import sluicegate.qemu.process.Programs;
import sluicegate.qemu.process.QemuProcess;
import sluicegate.qemu.process.QemuProgram;
import sluicegate.qemu.process.WorkFolder;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.qemu.qtest.QtestWindow;

/**
 * A machine whose hardware is a QEMU process of its own. It needs no framework; the factory puts it on the service registry.
 *
 * <p>If QEMU dies, every access to registers, configuration space and DMA ends in EIO with how it died, memory stays
 * readable, {@link #warnings} say so, and {@link #powerOff} works as ever. Thread-safe.
 */
public final class QemuMachine implements PublishableMachine {
    /** {@link #kind} of such machines. */
    public static final String KIND = "qemu";

    /** Where in memory its tables come through, before anybody has memory. */
    private static final long FIRMWARE_BUFFER = 0x1_0000;
    private static final int CARD_WINDOW = 4096;

    private final MachineModel model;
    private final SegmentBase segments;
    private final List<AutoCloseable> parts = new ArrayList<>();
    private final List<String> warnings = new CopyOnWriteArrayList<>();
    private final AtomicBoolean on = new AtomicBoolean(true);
    private final QemuProcess process;
    private final QtestChannel channel;
    private final FileMemory memory;
    private final DataAllocator data;
    private final List<IommuUnit> units;
    private final QemuPciBus pci;
    private volatile Runnable withdrawal = () -> { };

    private QemuMachine(MachineModel model, int segment, Programs programs) {
        this.model = model;
        this.segments = new SegmentBase(segment);
        boolean complete = false;
        // What was opened is closed again if one of the steps fails; the files' names go in any case.
        try (var folder = new WorkFolder(name(), model.memory().size())) {
            var vectors = open(new VectorTable(name(), model.messageAddress()));
            var trace = new DmaTrace(model.trace(), vectors);
            process = open(start(programs, folder));
            channel = open(new QtestChannel(name(), process, folder.file(QemuCommand.SAID), trace,
                    QtestChannel.PATIENCE));
            memory = new FileMemory(model.memory(), folder.file(QemuCommand.MEMORY));
            var card = map(folder.file(QemuCommand.CARD));

            var ecam = model.wake(channel);
            var setup = new PciSetup(channel, ecam, model.window());
            var tree = PciTree.of(setup.run(model.rootBuses(), new PciNames()));
            long buffer = memory.map().ranges().get(0).start() + FIRMWARE_BUFFER;
            var firmware = firmware(new FwCfg(channel, memory, buffer, model.fwCfg()), tree);
            warnings.addAll(firmware.warnings());

            var reserved = new ArrayList<>(model.inUse());
            reserved.addAll(ReservedMemory.ranges(firmware));
            var pages = new PageAllocator(memory.map(), reserved);
            data = new DataAllocator(memory, pages);
            var described = units(firmware, pages, vectors);
            units = List.copyOf(described.values());
            var engines = new Engines(channel, trace, memory, card, tree, segments);
            pci = new QemuPciBus(this, channel, ecam, tree, segments,
                    new Wiring(new FirmwareWiring(firmware, segments), described, engines, setup, vectors));
            complete = true;
        } finally {
            if (!complete) {
                closeParts();
            }
        }
    }

    /**
     * Boots one of the machines that there are, without publishing it.
     *
     * @param name such as {@code qemu:q35-vtd}
     * @param segment the PCI segment number that its segment 0 gets
     * @throws IommuException ENOENT if there is no such machine or QEMU is not installed, EIO if QEMU does not do what is asked
     */
    public static QemuMachine boot(String name, int segment, Programs programs) {
        return boot(MachineModels.require(name), segment, programs);
    }

    /**
     * Boots a machine without publishing it.
     *
     * @param segment the PCI segment number that its segment 0 gets
     * @throws IommuException ENOENT if QEMU is not installed, EIO if it does not do what is asked
     */
    static QemuMachine boot(MachineModel model, int segment, Programs programs) {
        return new QemuMachine(model, segment, programs);
    }

    private <T extends AutoCloseable> T open(T part) {
        parts.add(part);
        return part;
    }

    /**
     * Why a machine can't be booted with the programs of a host: no QEMU, or one that is too old. Empty if it can.
     *
     * @throws IommuException ENOENT if there is no such machine
     */
    public static Optional<String> missing(String name, Programs programs) {
        var model = MachineModels.require(name);
        var program = programs.find(model.program());
        return program.isEmpty() ? Optional.of(programs.missing(model.program(), model.debianPackage(), name))
                : tooOld(model, program.get());
    }

    private static Optional<String> tooOld(MachineModel model, Path program) {
        if (model.since() == 0) {
            return Optional.empty();
        }
        var version = new QemuProgram(program).major();
        return version.isPresent() && version.getAsInt() >= model.since() ? Optional.empty() : Optional.of(String.format(
                "%s needs QEMU %d or later, and %s is %s; put a newer one before it on the PATH (Debian: %s of a later release or of "
                + "its backports)", model.name(), model.since(), program,
                version.isPresent() ? "of version " + version.getAsInt() : "of a version that it does not tell", model.debianPackage()));
    }

    private QemuProcess start(Programs programs, WorkFolder folder) {
        var program = programs.require(model.program(), model.debianPackage(), name());
        tooOld(model, program).ifPresent(why -> {
            throw IommuException.of(Errno.ENOENT, "%s", why);
        });
        var command = new QemuCommand(model, program, folder).prepare();
        return new QemuProcess(name(), programs, command.line(), folder.file(QemuCommand.SAID));
    }

    private static ByteBuffer map(Path file) {
        try (var open = new RandomAccessFile(file.toFile(), "rw")) {
            return open.getChannel().map(MapMode.READ_WRITE, 0, CARD_WINDOW);
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, file + " cannot be mapped: " + e.getMessage(), e);
        }
    }

    private MachineDescription firmware(FwCfg fwCfg, PciTree tree) {
        var tables = AcpiTables.read(name(), fwCfg).folder();
        var ranges = memory.map().ranges().stream().map(range -> new MemoryRange(range.start(), range.length())).toList();
        var described = MachineDescription.of(name(), tables, tree, ranges);
        if (described.units().isEmpty()) {
            throw IommuException.of(Errno.EIO, "%s: QEMU's tables describe no unit", name());
        }
        return described;
    }

    private Map<UnitDescription, IommuUnit> units(MachineDescription firmware, PageAllocator pages, VectorTable vectors) {
        var reserved = new ReservedMemory(firmware, segments, new PlatformNames(name()));
        var built = new LinkedHashMap<UnitDescription, IommuUnit>();
        for (var unit : firmware.units()) {
            var regions = reserved.regionsOf(unit, memory, warnings::add);
            var said = new FirmwareUnit(firmware, unit, segments);
            built.put(unit, new QemuUnit(said.place(this, regions), said.compatible(),
                    new QtestWindow(channel, unit.name(), unit.base(), unit.registerSize()), memory,
                    new UnitArena(unit.name(), memory, pages), vectors));
        }
        return built;
    }

    /** What firmware says, in the terms of this machine. */
    private record Wiring(FirmwareWiring firmware, Map<UnitDescription, IommuUnit> units, Engines engines, PciSetup setup,
            Interrupts interrupts) implements QemuPciBus.Wiring {
        @Override
        public Optional<DmaDescription> identityOf(PciFunction function) {
            return firmware.identityOf(function)
                    .map(said -> new DmaDescription(units.get(said.unit()), said.specifiers(), said.ats()));
        }

        @Override
        public Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
            return firmware.unitInFrontOf(requester).map(units::get);
        }

        @Override
        public DmaMaster engineOf(QemuFunction function) {
            return engines.of(function);
        }

        @Override
        public Map<Integer, PciSetup.Region> regionsOf(PciTree.Node function) {
            return setup.regions(function.image());
        }
    }

    @Override
    public void onPowerOff(Runnable action) {
        withdrawal = action;
    }

    @Override
    public String name() {
        return model.name();
    }

    @Override
    public String kind() {
        return KIND;
    }

    @Override
    public String description() {
        return model.description();
    }

    @Override
    public PhysicalMemory memory() {
        return memory;
    }

    @Override
    public long allocate(long size) {
        return data.allocate(size);
    }

    @Override
    public void free(long address) {
        data.free(address);
    }

    @Override
    public List<IommuUnit> units() {
        return units;
    }

    @Override
    public List<Bus> buses() {
        return List.of(pci);
    }

    @Override
    public List<String> warnings() {
        var all = new ArrayList<>(warnings);
        channel.death().ifPresent(all::add);
        return List.copyOf(all);
    }

    @Override
    public Optional<String> failure() {
        return channel.death();
    }

    /** The process id of its QEMU. */
    public long pid() {
        return process.pid();
    }

    @Override
    public void powerOff() {
        if (on.compareAndSet(true, false)) {
            try {
                withdrawal.run();
            } finally {
                closeParts();
            }
        }
    }

    /** The last opened first: nobody asks QEMU any more when it is killed, and nobody waits for an interrupt. */
    private void closeParts() {
        for (int i = parts.size() - 1; i >= 0; i--) {
            try {
                parts.get(i).close();
            } catch (Exception e) {
                warnings.add("Powering off: " + e.getMessage());
            }
        }
    }

    @Override
    public String toString() {
        return name() + " (" + KIND + ")";
    }
}
