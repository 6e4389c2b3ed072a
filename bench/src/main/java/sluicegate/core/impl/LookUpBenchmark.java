package sluicegate.core.impl;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.api.driver.IommuOps;
import sluicegate.api.types.Pasid;
import sluicegate.bench.CoreOfMany;

/**
 * The look-ups on the paths of faults and translations, which take no lock and allocate nothing. Each asks for another one of
 * 1,000 devices than the time before. In the core's package, because that is what it keeps to itself.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class LookUpBenchmark {
    private static final int DEVICES = 1 << 10;

    private CoreOfMany many;
    private CoreDevice[] devices;
    private CoreUnit unit;
    private int[] sources;
    private int at;

    @Setup
    public void probe() {
        many = new CoreOfMany(DEVICES);
        many.addDriver();
        many.addBus();
        devices = many.core().devices().toArray(CoreDevice[]::new);
        unit = (CoreUnit) many.core().units().get(0);
        sources = unit.devices().stream().mapToInt(device -> ((CoreDevice) device).sources().get(0)).toArray();
    }

    @TearDown
    public void powerOff() {
        many.close();
    }

    private CoreDevice device() {
        return devices[at++ & DEVICES - 1];
    }

    /** Device, its driver's binding, ops. */
    @Benchmark
    public IommuOps opsOfDevice() {
        return device().requireBound().binding().ops();
    }

    /** Device, its group, domain. */
    @Benchmark
    public CoreDomain domainOfDevice() {
        return device().requireGroup().domainOf(Pasid.NONE).orElseThrow();
    }

    /** Unit and source id, as they stand in a fault record, to the device. */
    @Benchmark
    public CoreDevice deviceOfFault() {
        return unit.sources().find(sources[at++ % sources.length]).orElseThrow();
    }
}
