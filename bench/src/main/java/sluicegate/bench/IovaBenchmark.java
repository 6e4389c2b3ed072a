package sluicegate.bench;

import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.core.impl.iova.IovaAllocator;

/** An address for a device, taken and given back: from a warm cache, by two threads, where free pages are scattered, and among a million. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class IovaBenchmark {
    private static final long PAGE = 4096;
    private static final long LIMIT = (1L << 39) - 1;

    /** One space that all threads share. */
    @State(Scope.Benchmark)
    public static class Shared {
        private final IovaAllocator space = new IovaAllocator("bench", PAGE, 0, LIMIT);
    }

    /** A page that a cache holds. */
    @Benchmark
    public long warm(Shared shared) {
        long iova = shared.space.allocate(PAGE, 0xffff_ffffL);
        shared.space.free(iova, PAGE);
        return iova;
    }

    @Benchmark
    @Threads(2)
    public long warmTwoThreads(Shared shared) {
        return warm(shared);
    }

    /**
     * 10,000 single pages free at random places, all else above taken, and a range of 64 pages that fits below all of them: a size
     * that has no cache.
     */
    @State(Scope.Thread)
    public static class Fragmented {
        private final IovaAllocator space = new IovaAllocator("bench", PAGE, 0, LIMIT);

        @Setup
        public void scatter() {
            int blocks = 20_000;
            var random = new SplittableRandom(1);
            var blocksOf64 = new long[blocks];
            for (int i = 0; i < blocks; i++) {
                blocksOf64[i] = space.allocate(64 * PAGE, LIMIT);
            }
            // A block of which one page is free: freed, and 63 of its pages taken again.
            for (int i = 0; i < 10_000; i++) {
                int at = random.nextInt(blocks - i);
                space.free(blocksOf64[at], 64 * PAGE);
                space.reserve(blocksOf64[at], blocksOf64[at] + 63 * PAGE - 1);
                blocksOf64[at] = blocksOf64[blocks - i - 1];
            }
        }
    }

    @Benchmark
    public long fragmented64(Fragmented fragmented) {
        long iova = fragmented.space.allocate(64 * PAGE, LIMIT);
        fragmented.space.free(iova, 64 * PAGE);
        return iova;
    }

    /** A million ranges of 1 to 64 pages live, of which a random one goes for each new one. */
    @State(Scope.Thread)
    public static class Million {
        private static final int LIVE = 1_000_000;
        private final IovaAllocator space = new IovaAllocator("bench", PAGE, 0, LIMIT);
        private final long[] iovas = new long[LIVE];
        private final byte[] pages = new byte[LIVE];
        private final SplittableRandom random = new SplittableRandom(1);

        @Setup
        public void fill() {
            long before = used();
            for (int i = 0; i < LIVE; i++) {
                take(i);
            }
            System.out.printf("%n%.1f bytes for each live IOVA%n", (used() - before) / (double) LIVE);
        }

        private static long used() {
            System.gc();
            return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
        }

        private void take(int i) {
            pages[i] = (byte) (1 + random.nextInt(64));
            iovas[i] = space.allocate(pages[i] * PAGE, LIMIT);
        }
    }

    @Benchmark
    public long million(Million million) {
        int i = million.random.nextInt(Million.LIVE);
        million.space.free(million.iovas[i], million.pages[i] * PAGE);
        million.take(i);
        return million.iovas[i];
    }

    // ---- in processor time, for cores that others use as well

    private static final int OPERATIONS = 1_000;
    private static final int ROUNDS = 20_000;
    private static final int WARM_UP = 2_000;

    /**
     * What a page from a warm cache costs each of one, and of two, threads at once: processor time of the thread, so that what others do
     * on the same cores matters less; the lowest quarter of many rounds.
     */
    public static void main(String[] arguments) throws InterruptedException, ExecutionException {
        for (int repetition = 0; repetition < 3; repetition++) {
            double one = perThread(1);
            double two = perThread(2);
            System.out.printf("one thread %.1f ns, each of two at once %.1f ns: two do %.2f times the work of one%n", one, two, 2 * one / two);
        }
    }

    private static double perThread(int threads) throws InterruptedException, ExecutionException {
        var shared = new Shared();
        var pool = Executors.newFixedThreadPool(threads);
        try {
            var barrier = new CyclicBarrier(threads);
            var running = new ArrayList<Future<Double>>();
            for (int i = 0; i < threads; i++) {
                running.add(pool.submit(() -> {
                    barrier.await();
                    return lowestQuarter(shared.space);
                }));
            }
            double sum = 0;
            for (var each : running) {
                sum += each.get();
            }
            return sum / threads;
        } finally {
            pool.shutdown();
        }
    }

    private static double lowestQuarter(IovaAllocator space) {
        var clock = ManagementFactory.getThreadMXBean();
        var rounds = new double[ROUNDS];
        for (int round = -WARM_UP; round < ROUNDS; round++) {
            long begun = clock.getCurrentThreadCpuTime();
            for (int i = 0; i < OPERATIONS; i++) {
                space.free(space.allocate(PAGE, 0xffff_ffffL), PAGE);
            }
            if (round >= 0) {
                rounds[round] = (clock.getCurrentThreadCpuTime() - begun) / (double) OPERATIONS;
            }
        }
        Arrays.sort(rounds);
        return Arrays.stream(rounds, 0, ROUNDS / 4).average().orElseThrow();
    }
}
