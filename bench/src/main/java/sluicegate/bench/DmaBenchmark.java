package sluicegate.bench;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.DmaMapper;
import sluicegate.api.dma.ScatterList;
import sluicegate.api.driver.DomainType;

/**
 * What a device's driver pays for a buffer: IOVA, ledger, page table, and the invalidation, at once (strict) or shared with others
 * (lazy). Streaming: 64 KiB scatter lists of pages that do not follow each other, over 1 GiB of memory.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class DmaBenchmark {
    private static final long PAGE = 4096;
    private static final int PAGES = 16;
    private static final long MEMORY = 4L << 30;
    private static final long GIB = 1L << 30;

    @Param({"DMA", "DMA_FQ"})
    private DomainType type;

    private BenchMachine bench;
    private DmaMapper dma;
    private final ScatterList list = new ScatterList(PAGES);
    private long at;

    @Setup
    public void boot() {
        bench = new BenchMachine();
        if (type == DomainType.DMA_FQ) {
            bench.spare.group().orElseThrow().setDefaultType(Optional.of(type));
        }
        dma = bench.core.dmaMapper(bench.spare);
        dma.mapSingle(MEMORY, PAGE, DmaDirection.BIDIRECTIONAL, 0); // a neighbour that keeps the upper tables
    }

    @TearDown
    public void powerOff() {
        bench.close();
    }

    @Benchmark
    public long mapAndUnmapSingle() {
        long address = MEMORY + (at++ & 0xffff) * PAGE;
        long iova = dma.mapSingle(address, PAGE, DmaDirection.BIDIRECTIONAL, 0);
        dma.unmapSingle(iova, PAGE, DmaDirection.BIDIRECTIONAL, 0);
        return iova;
    }

    /** Per page. */
    @Benchmark
    @OperationsPerInvocation(PAGES)
    public int streamScatterLists() {
        list.clear();
        for (int i = 0; i < PAGES; i++) {
            list.add(MEMORY + at, PAGE);
            at = at + 2 * PAGE & GIB - 1;
        }
        int ranges = dma.mapScatterList(list, DmaDirection.FROM_DEVICE, 0);
        dma.unmapScatterList(list, DmaDirection.FROM_DEVICE, 0);
        return ranges;
    }
}
