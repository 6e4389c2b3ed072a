package sluicegate.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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
 * is to grow linearly with the number of devices. {@link #main} says what one device takes, also in memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 2)
@Measurement(iterations = 5, time = 2)
public class ProbeBenchmark {
    private static final int[] COUNTS = {1_000, 2_000, 5_000, 10_000};
    private static final List<CoreOfMany> MEASURED = new ArrayList<>();

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

    /**
     * Prints what one probed device takes: bytes, those of the bus itself not counted, and processor time of the thread that
     * probes, which other work on the machine changes less than it changes the clock's.
     */
    public static void main(String[] args) {
        size(1_000); // what is made once
        for (int count : COUNTS) {
            System.out.printf("%d devices: %d bytes each%n", count, size(count));
        }
        for (int i = 0; i < 10; i++) {
            time(2_000); // until it is compiled
        }
        for (int count : COUNTS) {
            int rounds = 100_000 / count;
            double nanos = IntStream.range(0, rounds).mapToDouble(i -> time(count)).sorted().skip(rounds / 2).findFirst().orElseThrow();
            System.out.printf("%d devices: %.1f us each%n", count, nanos / 1e3 / count);
        }
        MEASURED.forEach(CoreOfMany::close);
    }

    private static double time(int count) {
        try (var many = new CoreOfMany(count)) {
            var threads = ManagementFactory.getThreadMXBean();
            long before = threads.getCurrentThreadCpuTime();
            probeAll(many, count);
            return threads.getCurrentThreadCpuTime() - before;
        }
    }

    private static long size(int count) {
        var many = new CoreOfMany(count);
        MEASURED.add(many); // or what it leaves behind would be counted with the next one
        long before = used();
        probeAll(many, count);
        return (used() - before) / count;
    }

    private static void probeAll(CoreOfMany many, int count) {
        many.addDriver();
        many.addBus();
        if (many.core().groups().size() != count) {
            throw new IllegalStateException(many.core().groups().size() + " groups of " + count + " devices");
        }
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
