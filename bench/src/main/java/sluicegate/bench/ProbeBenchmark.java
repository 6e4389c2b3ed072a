package sluicegate.bench;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;

/**
 * Probing many devices: firmware, ids, group, default domain, attach. The driver does nothing, so what is measured is the core. It
 * is to grow linearly with the number of devices. {@link #main} says what a probed device takes in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 15)
@Measurement(iterations = 15)
public class ProbeBenchmark {
    @Param({"1000", "10000"})
    int devices;

    private ManyDevices bus;
    private DriverEntry driver;
    private IommuCore core;

    @Setup(Level.Invocation)
    public void machine() {
        bus = new ManyDevices(devices);
        driver = new DriverEntry(new NullDriver(), "null", "bench", "0", 0, 0, List.of(NullDriver.COMPATIBLE));
        core = new IommuCore();
        bus.units().forEach(core::addUnit);
    }

    @TearDown(Level.Invocation)
    public void powerOff() {
        core.close();
    }

    /** Devices arrive after the driver. */
    @Benchmark
    public int probe() {
        core.addDriver(driver);
        core.addBus(bus);
        return core.groups().size();
    }

    /** Devices wait for the driver; its registration probes them all. */
    @Benchmark
    public int deferAndReplay() {
        core.addBus(bus);
        core.addDriver(driver);
        return core.groups().size();
    }

    /** Prints bytes for each probed device, those of the bus itself not counted. */
    public static void main(String[] args) {
        for (int count : new int[] {1_000, 10_000}) {
            var benchmark = new ProbeBenchmark();
            benchmark.devices = count;
            benchmark.machine();
            long before = used();
            int groups = benchmark.probe();
            long after = used();
            System.out.printf("%d devices in %d groups: %d bytes each%n", count, groups, (after - before) / count);
            benchmark.powerOff();
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
