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
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.DmaStatus;
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

    /** {@code substream} is stage 1 for requests with a SubstreamID, the others are for requests without; DMAs never have one. */
    @Param({"first", "second", "nested", "substream"})
    public String stage;

    private Smmuv3BenchMachine bench;
    private Smmuv3Unit unit;
    private DmaMaster dma;
    private int stream;
    private int substream;
    private final byte[] buffer = new byte[8];
    private final long[] near = new long[16];
    private final long[] far = new long[1 << 16];
    private int at;

    @Setup(Level.Trial)
    public void boot() {
        bench = new Smmuv3BenchMachine(stage, SPAN);
        unit = bench.unit;
        dma = bench.dma;
        stream = bench.stream;
        substream = stage.equals("substream") ? Smmuv3BenchMachine.SUBSTREAM : Pasid.NONE;
        var random = new Random(7);
        for (int i = 0; i < near.length; i++) {
            near[i] = i * 4096L + 8 * i;
        }
        for (int i = 0; i < far.length; i++) {
            far[i] = random.nextLong(SPAN / 8) * 8;
        }
        if (dma.read(Pasid.NONE, near[1], buffer, 0, 8) != DmaStatus.OK) {
            throw new IllegalStateException("the set-up does not reach memory");
        }
        for (long iova : far) {
            if (unit.translate(stream, substream, iova, RequestAccess.READ) < 0) {
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
        return unit.translate(stream, substream, near[at++ & near.length - 1], RequestAccess.READ);
    }

    @Benchmark
    public long translateMiss() {
        return unit.translate(stream, substream, far[at++ & far.length - 1], RequestAccess.READ);
    }

    @Benchmark
    public DmaStatus dmaReadHit() {
        return dma.read(Pasid.NONE, near[at++ & near.length - 1], buffer, 0, 8);
    }

    @Benchmark
    public DmaStatus dmaReadMiss() {
        return dma.read(Pasid.NONE, far[at++ & far.length - 1], buffer, 0, 8);
    }

    @Benchmark
    public DmaStatus dmaWriteHit() {
        return dma.write(Pasid.NONE, near[at++ & near.length - 1], buffer, 0, 8);
    }
}
