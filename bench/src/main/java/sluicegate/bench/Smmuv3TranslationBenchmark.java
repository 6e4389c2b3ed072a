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
import sluicegate.sim.smmuv3.Smmuv3Unit;
import sluicegate.sim.unit.RequestAccess;

/**
 * What the SMMUv3 unit model takes for a request, as {@link TranslationBenchmark} for VT-d. A miss walks 4 levels of one stage,
 * or 24 descriptors of two.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class Smmuv3TranslationBenchmark {
    private static final long SPAN = 1L << 30;

    /** {@code substream} is stage 1 for requests with a SubstreamID, the others are for requests without. */
    @Param({"first", "second", "nested", "substream"})
    public String stage;

    private BareSmmuv3Unit bench;
    private Smmuv3Unit unit;
    private int substream;
    private final long[] near = new long[16];
    private final long[] far = new long[1 << 16];
    private int at;

    @Setup(Level.Trial)
    public void boot() {
        bench = new BareSmmuv3Unit(stage, SPAN);
        unit = bench.unit;
        substream = stage.equals("substream") ? BareSmmuv3Unit.SUBSTREAM : Pasid.NONE;
        var random = new Random(7);
        for (int i = 0; i < near.length; i++) {
            near[i] = i * 4096L + 8 * i;
        }
        for (int i = 0; i < far.length; i++) {
            far[i] = random.nextLong(SPAN / 8) * 8;
        }
        for (long iova : far) {
            if (unit.translate(BareSmmuv3Unit.STREAM, substream, iova, RequestAccess.READ) < 0) {
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
        return unit.translate(BareSmmuv3Unit.STREAM, substream, near[at++ & near.length - 1], RequestAccess.READ);
    }

    @Benchmark
    public long translateMiss() {
        return unit.translate(BareSmmuv3Unit.STREAM, substream, far[at++ & far.length - 1], RequestAccess.READ);
    }
}
