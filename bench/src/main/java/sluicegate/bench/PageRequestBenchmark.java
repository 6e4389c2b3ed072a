package sluicegate.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
import sluicegate.api.Device;
import sluicegate.api.PasidAttachment;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.sim.pci.DmaEngine;

/**
 * Page requests: the look-up that they begin with, and the way of one from device to handler and of the answer back, through queue,
 * interrupt, driver and core and the command queue. Beside it, what it takes at least to hand something to another thread and back.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PageRequestBenchmark {
    private static final int PASID = 5;
    private static final int BATCH = 32;
    private static final long PAGE = 4096;

    /** On which machine. */
    @Param({"virt-smmuv3-accel", "q35-amdvi-accel", "q35-vtd-accel"})
    public String machine;

    private EmbeddedMachine embedded;
    private IommuCore core;
    private Device device;
    private DmaEngine engine;
    private ExecutorService other;
    private volatile boolean back;

    @Setup
    public void boot() {
        var folder = Path.of(System.getProperty("sluicegate.machines", "sim/machines"), machine);
        embedded = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(folder)), "bench", 0);
        core = new IommuCore();
        core.addDriver(new DriverEntry(new Smmuv3Driver(), "smmuv3", "bench", "0", 0, 0, List.of("arm,smmu-v3")));
        core.addDriver(new DriverEntry(new AmdviDriver(), "amdvi", "bench", "0", 0, 1, List.of("amd,iommu")));
        core.addDriver(new DriverEntry(new VtdDriver(), "vtd", "bench", "0", 0, 2, List.of("intel,vtd")));
        embedded.units().forEach(core::addUnit);
        embedded.buses().forEach(core::addBus);
        if (!core.awaitProbed(embedded, Duration.ofSeconds(20))) {
            throw new IllegalStateException("not probed");
        }
        device = core.device("0000:00:10.0");
        engine = (DmaEngine) ((PciFunction) device.busDevice()).dma();
        core.allocateDomain(device, EnumSet.of(AllocFlag.PASID), group -> group.respond(PageResponse.SUCCESS)).attach(device, PASID);
        other = Executors.newSingleThreadExecutor();
    }

    @TearDown
    public void powerOff() {
        other.shutdown();
        core.close();
        embedded.powerOff();
    }

    /** What a fault begins with. */
    @Benchmark
    public Optional<PasidAttachment> attachmentOfPasid() {
        return device.attachment(PASID);
    }

    /** From the device's request until it has the answer. */
    @Benchmark
    public void requestToResponse() {
        engine.requestPage(PASID, PAGE, Prot.READ, 1, true);
        while (engine.takePageResponse(1).isEmpty()) {
            Thread.onSpinWait();
        }
    }

    /** As many as a device may have outstanding at once; the time is for all of them. */
    @Benchmark
    public void requestsAtOnce() {
        for (int group = 0; group < BATCH; group++) {
            engine.requestPage(PASID, group * PAGE, Prot.READ, group, true);
        }
        for (int group = 0; group < BATCH; group++) {
            while (engine.takePageResponse(group).isEmpty()) {
                Thread.onSpinWait();
            }
        }
    }

    /** The floor: a task handed to a thread that waits for it, and word back. A request takes two such steps on its way. */
    @Benchmark
    public void handOff() {
        back = false;
        other.execute(() -> back = true);
        while (!back) {
            Thread.onSpinWait();
        }
    }
}
