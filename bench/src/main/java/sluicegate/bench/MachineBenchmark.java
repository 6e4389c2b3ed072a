package sluicegate.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.api.Domain;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.qemu.QemuMachine;
import sluicegate.qemu.process.Programs;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.vtd.GlobalStatusRegister;

/**
 * The same calls on the model and on QEMU, side by side: core and driver are the same, the hardware is not. QEMU's 00:05.0
 * is an edu device, its 00:06.0 an SD host controller.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class MachineBenchmark {
    private static final long MAPPED = 0x4000_0000L;
    private static final long COMING_AND_GOING = 0x4001_0000L;
    private static final long PAGE = 4096;

    @Param({"q35-vtd 0000:00:05.0", "qemu:q35-vtd 0000:00:05.0", "qemu:q35-vtd 0000:00:06.0"})
    public String device;

    private final byte[] word = new byte[8];
    private final byte[] page = new byte[(int) PAGE];
    private final IommuCore core = new IommuCore();
    private Machine machine;
    private Domain domain;
    private DmaMaster dma;
    private RegisterWindow registers;
    private long buffer;

    @Setup
    public void boot() {
        var names = device.split(" ");
        machine = names[0].startsWith("qemu:")
                ? QemuMachine.boot(names[0], 0, Programs.ofHost())
                : EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(
                        Path.of(System.getProperty("sluicegate.machines", "sim/machines"), names[0]))), names[0], 0);
        core.addDriver(new DriverEntry(new VtdDriver(), "intel-vtd", "bench", "0", 0, 0, List.of("intel,vtd")));
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        core.awaitProbed(machine, Duration.ofSeconds(20));
        var found = core.device(names[1]);
        domain = core.allocateDomain(found, Set.of());
        domain.attach(found);
        dma = found.busDevice().dma();
        registers = machine.units().get(0).registers();
        buffer = machine.allocate(PAGE);
        domain.map(MAPPED, buffer, PAGE, Prot.READ | Prot.WRITE);
    }

    @TearDown
    public void powerOff() {
        core.close();
        machine.powerOff();
    }

    @Benchmark
    public DmaStatus write8Bytes() {
        return ok(dma.write(Pasid.NONE, MAPPED, word, 0, word.length));
    }

    @Benchmark
    public DmaStatus read8Bytes() {
        return ok(dma.read(Pasid.NONE, MAPPED, word, 0, word.length));
    }

    @Benchmark
    public DmaStatus writePage() {
        return ok(dma.write(Pasid.NONE, MAPPED, page, 0, page.length));
    }

    /** A page mapped, written to and unmapped, with the invalidation that has completed. */
    @Benchmark
    public long mapWriteUnmap() {
        domain.map(COMING_AND_GOING, buffer, PAGE, Prot.READ | Prot.WRITE);
        ok(dma.write(Pasid.NONE, COMING_AND_GOING, word, 0, word.length));
        return domain.unmap(COMING_AND_GOING, PAGE);
    }

    @Benchmark
    public int readRegister() {
        return registers.read32(GlobalStatusRegister.OFFSET);
    }

    private static DmaStatus ok(DmaStatus status) {
        if (status != DmaStatus.OK) {
            throw new IllegalStateException("The DMA ended with " + status);
        }
        return status;
    }
}
