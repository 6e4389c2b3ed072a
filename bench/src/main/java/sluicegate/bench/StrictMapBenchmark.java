package sluicegate.bench;

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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.ThreadParams;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Prot;

/**
 * What a strict map and unmap take of a driver and its unit together, with an invalidation that has completed when the call
 * returns; by one thread, and by two that have a device each and share the unit's queue of commands, but on {@code
 * virt-smmuv3-rich}, where each has a queue of its own.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class StrictMapBenchmark {
    private static final long IOVA = 1L << 32;
    private static final long ADDRESS = 1L << 32;
    private static final int READ_WRITE = Prot.READ | Prot.WRITE;
    private static final long PAGE = 4096;
    private static final String[] DEVICES = {"0000:00:02.0", "0000:00:05.0"};

    /** The unit that all threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        /** Which machine, and with that which hardware. */
        @Param({"q35-vtd-rich", "q35-vtd-scalable", "virt-smmuv3-accel", "virt-smmuv3-rich", "q35-amdvi-rich"})
        public String machine;

        private final DriverDomain[] domains = new DriverDomain[DEVICES.length];
        private DriverBenchUnit unit;

        @Setup
        public void boot() {
            unit = new DriverBenchUnit(machine);
            for (int i = 0; i < DEVICES.length; i++) {
                domains[i] = unit.attached(DEVICES[i]);
                // Neighbours on either side keep the page tables of what comes and goes between them.
                domains[i].mapPages(IOVA - PAGE, ADDRESS, PAGE, 1, READ_WRITE);
                domains[i].mapPages(IOVA + (1 << 21), ADDRESS, PAGE, 1, READ_WRITE);
            }
        }

        @TearDown
        public void powerOff() {
            unit.close();
        }
    }

    /** What each thread has for itself. */
    @State(Scope.Thread)
    public static class Own {
        private final IotlbGather gather = new IotlbGather();
        private DriverDomain domain;
        private long at;

        @Setup
        public void choose(Shared shared, ThreadParams threads) {
            domain = shared.domains[threads.getThreadIndex()];
        }
    }

    private static long mapAndUnmap(Own own, long iova, long pages) {
        own.domain.mapPages(iova, ADDRESS, PAGE, pages, READ_WRITE);
        own.gather.reset();
        long bytes = own.domain.unmapPages(iova, PAGE, pages, own.gather);
        own.domain.iotlbSync(own.gather);
        return bytes;
    }

    @Benchmark
    @Threads(1)
    public long page(Own own) {
        return mapAndUnmap(own, IOVA + (own.at++ & 255) * PAGE, 1);
    }

    @Benchmark
    @Threads(2)
    public long pageByTwoThreads(Own own) {
        return mapAndUnmap(own, IOVA + (own.at++ & 255) * PAGE, 1);
    }

    @Benchmark
    @Threads(1)
    public long pages64(Own own) {
        return mapAndUnmap(own, IOVA + PAGE, 64);
    }

    @Benchmark
    @Threads(2)
    public long pages64ByTwoThreads(Own own) {
        return mapAndUnmap(own, IOVA + PAGE, 64);
    }
}
