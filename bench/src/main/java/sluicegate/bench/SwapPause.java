package sluicegate.bench;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;

/**
 * How long a call of {@code map} or {@code unmap} takes at most while its unit goes from one driver to another, and what DMA notices of that. No JMH: what
 * matters is one call in each swap, the one that meets it. Run with {@code java -cp bench/target/benchmarks.jar
 * sluicegate.bench.SwapPause [SWAPS]}.
 */
public final class SwapPause {
    private static final int[] MAPPINGS = {10, 1_000, 100_000};
    private static final int WARM_UP = 10;
    private static final long PAGE = 4096;
    private static final long OTHERS = 1L << 30;
    private static final int RW = Prot.READ | Prot.WRITE;

    /** A machine and its driver. */
    private enum Kind {
        VTD("q35-vtd-rich", "intel,vtd", VtdDriver::new),
        VTD_SCALABLE("q35-vtd-scalable", "intel,vtd", VtdDriver::new),
        SMMUV3("virt-smmuv3-rich", "arm,smmu-v3", Smmuv3Driver::new),
        AMDVI("q35-amdvi-rich", "amd,iommu", AmdviDriver::new);

        final String machine;
        final String compatible;
        final Supplier<IommuDriver> driver;

        Kind(String machine, String compatible, Supplier<IommuDriver> driver) {
            this.machine = machine;
            this.compatible = compatible;
            this.driver = driver;
        }
    }

    private final EmbeddedMachine machine;
    private final IommuCore core = new IommuCore();
    private final Unit unit;
    private final Domain domain;
    private final long memory;
    /** The longest call since it was last set to 0, in nanoseconds. */
    private final AtomicLong longest = new AtomicLong();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong served = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    private volatile boolean over;

    private SwapPause(Kind kind, int mappings) {
        var folder = Path.of(System.getProperty("sluicegate.machines", "sim/machines"), kind.machine);
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(folder)), "bench", 0);
        core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.BLOCK, Duration.ofMinutes(1), false));
        for (int i = 0; i < 2; i++) {
            var driver = kind.driver.get();
            core.addDriver(new DriverEntry(driver, driver.name(), "bench", "0", 0, i, List.of(kind.compatible)));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        if (!core.awaitProbed(machine, Duration.ofSeconds(20))) {
            throw new IllegalStateException("not probed");
        }
        var device = core.device("0000:00:05.0");
        unit = device.unit().orElseThrow();
        domain = core.allocateDomain(device, Set.of());
        memory = machine.allocate(PAGE);
        for (long i = 0; i < mappings; i++) {
            domain.map(OTHERS + 2 * i * PAGE, memory, PAGE, RW); // each for itself: they neither touch nor make large pages
        }
        domain.attach(device);
    }

    private void map() {
        while (!over) {
            long begun = System.nanoTime();
            domain.map(PAGE, memory, PAGE, RW);
            long mapped = System.nanoTime();
            domain.unmap(PAGE, PAGE);
            longest.accumulateAndGet(Math.max(mapped - begun, System.nanoTime() - mapped), Math::max);
            calls.incrementAndGet();
        }
    }

    private void dma() {
        var dma = core.device("0000:00:05.0").busDevice().dma();
        var data = new byte[8];
        while (!over) {
            (dma.read(Pasid.NONE, OTHERS, data, 0, data.length) == DmaStatus.OK ? served : refused).incrementAndGet();
        }
    }

    /** The longest call in each of so many swaps, in ascending order. */
    private long[] measure(int swaps, LeavePolicy policy) throws InterruptedException {
        var threads = List.of(new Thread(this::map, "map"), new Thread(this::dma, "dma"));
        threads.forEach(Thread::start);
        var pauses = new long[swaps];
        for (int i = -WARM_UP; i < swaps; i++) {
            if (i == 0) {
                refused.set(0);
                served.set(0);
            }
            longest.set(0);
            unit.swap(unit.driver().orElseThrow().name(), policy);
            long before = calls.get();
            while (calls.get() < before + 2) { // so that the one that met the swap is over
                Thread.onSpinWait();
            }
            if (i >= 0) {
                pauses[i] = longest.get();
            }
        }
        over = true;
        for (var thread : threads) {
            thread.join();
        }
        Arrays.sort(pauses);
        return pauses;
    }

    private void close() {
        core.close();
        machine.powerOff();
    }

    public static void main(String[] arguments) throws InterruptedException {
        int swaps = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 100;
        System.out.println("| unit | mappings | policy | p50 ms | p99 ms | max ms | DMA served | refused |");
        System.out.println("|---|---|---|---|---|---|---|---|");
        for (var kind : Kind.values()) {
            for (int mappings : MAPPINGS) {
                for (var policy : LeavePolicy.values()) {
                    if (policy == LeavePolicy.KEEP && !kind.driver.get().adopts()) {
                        continue;
                    }
                    var bench = new SwapPause(kind, mappings);
                    try {
                        var pauses = bench.measure(swaps, policy);
                        System.out.printf("| %s | %,d | %s | %.1f | %.1f | %.1f | %,d | %,d |%n", kind.machine, mappings, policy,
                                millis(pauses, 0.5), millis(pauses, 0.99), millis(pauses, 1), bench.served.get(), bench.refused.get());
                    } finally {
                        bench.close();
                    }
                }
            }
        }
    }

    private static double millis(long[] sorted, double part) {
        return sorted[Math.min(sorted.length - 1, (int) (part * sorted.length))] / 1e6;
    }
}
