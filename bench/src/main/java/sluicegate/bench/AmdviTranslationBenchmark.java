package sluicegate.bench;

import java.util.Random;
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
import sluicegate.api.types.Pasid;
import sluicegate.sim.amdvi.AmdviUnit;
import sluicegate.sim.unit.RequestAccess;

/**
 * What the AMD-Vi unit model takes for a request, as {@link TranslationBenchmark} for VT-d: a hit goes round 16 pages, a miss
 * jumps in 1 GiB of 4 KiB pages. A miss looks up where the lowest table of its 2 MiB is and reads its entry there; with two stages
 * it finds that entry and the page by way of the host tables.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class AmdviTranslationBenchmark {
    private static final long SPAN = 1L << 30;

    /** {@code guest} is guest tables for requests without PASID, {@code pasid} and {@code nested} are for requests with one. */
    @Param({"host", "guest", "pasid", "nested"})
    public String stage;

    private AmdviBenchUnit bench;
    private AmdviUnit unit;
    private int pasid;
    private final long[] near = new long[16];
    private final long[] far = new long[1 << 16];
    private int at;

    @Setup(Level.Trial)
    public void boot() {
        bench = new AmdviBenchUnit(stage, SPAN);
        unit = bench.unit;
        pasid = stage.equals("pasid") || stage.equals("nested") ? AmdviBenchUnit.PASID : Pasid.NONE;
        var random = new Random(7);
        for (int i = 0; i < near.length; i++) {
            near[i] = i * 4096L + 8 * i;
        }
        for (int i = 0; i < far.length; i++) {
            far[i] = random.nextLong(SPAN / 8) * 8;
        }
        for (long iova : far) {
            if (unit.translate(AmdviBenchUnit.REQUESTER, pasid, iova, RequestAccess.READ) < 0) {
                throw new IllegalStateException("the set-up does not translate");
            }
        }
    }

    @TearDown(Level.Trial)
    public void powerOff() {
        bench.close();
    }

    @Benchmark
    public long translateHit() {
        return unit.translate(AmdviBenchUnit.REQUESTER, pasid, near[at++ & near.length - 1], RequestAccess.READ);
    }

    @Benchmark
    public long translateMiss() {
        return unit.translate(AmdviBenchUnit.REQUESTER, pasid, far[at++ & far.length - 1], RequestAccess.READ);
    }
}
