package sluicegate.bench;

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

/**
 * Probing many devices: firmware, ids, group, default domain, attach. The driver does nothing, so what is measured is the core. It
 * is to grow linearly with the number of devices. {@link #main} says what a probed device takes in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class ProbeBenchmark {
    @Param({"1000", "10000"})
    int devices;

    private CoreOfMany many;

    @Setup(Level.Invocation)
    public void machine() {
        many = new CoreOfMany(devices);
    }

    @TearDown(Level.Invocation)
    public void powerOff() {
        many.close();
    }

    /** Devices arrive after the driver. */
    @Benchmark
    public int probe() {
        many.addDriver();
        many.addBus();
        return many.core().groups().size();
    }

    /** Devices wait for the driver; its registration probes them all. */
    @Benchmark
    public int deferAndReplay() {
        many.addBus();
        many.addDriver();
        return many.core().groups().size();
    }

    /** Prints bytes for each probed device, those of the bus itself not counted. */
    public static void main(String[] args) {
        measure(1_000); // what is made once
        for (int count : new int[] {1_000, 10_000}) {
            System.out.printf("%d devices: %d bytes each%n", count, measure(count));
        }
    }

    private static long measure(int count) {
        try (var many = new CoreOfMany(count)) {
            long before = used();
            many.addDriver();
            many.addBus();
            long after = used();
            if (many.core().groups().size() != count) {
                throw new IllegalStateException(many.core().groups().size() + " groups of " + count + " devices");
            }
            return (after - before) / count;
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
