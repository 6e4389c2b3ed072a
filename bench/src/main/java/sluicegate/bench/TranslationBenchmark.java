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
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.vtd.VtdUnit;

/**
 * What the VT-d unit model takes for a request: configuration, tags and permissions are looked at every time. {@code hit}s go round 16
 * pages; {@code miss}es jump in 1 GiB of 4 KiB pages, of which the IOTLB holds a few per cent. All tables were written by
 * the driver.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class TranslationBenchmark {
    private static final long SPAN = 1L << 30;
    private static final long TARGET = 1L << 32;

    /** Which machine: the second is driven in scalable mode, by tables of the first stage. */
    @Param({"q35-vtd-rich", "q35-vtd-scalable"})
    public String machine;

    private BenchMachine bench;
    private VtdUnit unit;
    private DmaMaster dma;
    private int requesterId;
    private final byte[] buffer = new byte[8];
    private final long[] near = new long[16];
    private final long[] far = new long[1 << 16];
    private int at;

    @Setup(Level.Trial)
    public void boot() {
        bench = new BenchMachine(machine);
        bench.mapSmallPages(0, TARGET, SPAN);
        unit = bench.unit;
        dma = bench.device.busDevice().dma();
        requesterId = bench.requesterId();
        var random = new Random(7);
        for (int i = 0; i < near.length; i++) {
            near[i] = i * 4096L + 8 * i;
        }
        for (int i = 0; i < far.length; i++) {
            far[i] = random.nextLong(SPAN / 8) * 8;
        }
        if (dma.read(Pasid.NONE, near[1], buffer, 0, 8) != DmaStatus.OK) {
            throw new IllegalStateException("the set-up does not translate");
        }
    }

    @TearDown(Level.Trial)
    public void powerOff() {
        bench.close();
    }

    @Benchmark
    public long translateHit() {
        return unit.translate(requesterId, Pasid.NONE, near[at++ & near.length - 1], RequestAccess.READ);
    }

    @Benchmark
    public long translateMiss() {
        return unit.translate(requesterId, Pasid.NONE, far[at++ & far.length - 1], RequestAccess.READ);
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
