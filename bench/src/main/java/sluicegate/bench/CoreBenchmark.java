package sluicegate.bench;

import java.util.OptionalLong;
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
import sluicegate.api.Domain;
import sluicegate.api.driver.Capability;
import sluicegate.api.types.Prot;

/**
 * What an application's call takes from the core's handle down to registers and tables: a question to a device's ops, the
 * look-up of its domain, of an address, and a strict map and unmap, whose invalidation the unit model has completed when
 * the call returns.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class CoreBenchmark {
    private static final long IOVA = 1L << 32;
    private static final long ADDRESS = 1L << 32;
    private static final int READ_WRITE = Prot.READ | Prot.WRITE;
    private static final long PAGE = 4096;

    private BenchMachine bench;
    private Domain domain;
    private long at;

    @Setup
    public void boot() {
        bench = new BenchMachine();
        domain = bench.domain;
        // Neighbours on either side keep the page tables of what comes and goes between them.
        domain.map(IOVA - PAGE, ADDRESS, PAGE, READ_WRITE);
        domain.map(IOVA + (1 << 21), ADDRESS, PAGE, READ_WRITE);
    }

    @TearDown
    public void powerOff() {
        bench.close();
    }

    /** A question to the ops of a device, through the gate that keeps its driver from leaving meanwhile. */
    @Benchmark
    public boolean askOpsOfDevice() {
        return bench.device.capable(Capability.CACHE_COHERENCY);
    }

    @Benchmark
    public Domain domainOfDevice() {
        return bench.device.domain().orElseThrow();
    }

    @Benchmark
    public OptionalLong iovaToPhys() {
        return domain.iovaToPhys(IOVA - PAGE);
    }

    /** A device into a domain and back to its default one, each with its context entry and the invalidations. */
    @Benchmark
    public void attachAndDetach() {
        bench.spareDomain.attach(bench.spare);
        bench.spareDomain.detach(bench.spare);
    }

    /** One page, with the ledger, through queued invalidation. */
    @Benchmark
    public long mapAndUnmapStrict() {
        long iova = IOVA + (at++ & 255) * PAGE;
        domain.map(iova, ADDRESS, PAGE, READ_WRITE);
        return domain.unmap(iova, PAGE);
    }

    /** 64 pages in one call each, which is one invalidation. */
    @Benchmark
    public long mapAndUnmapStrict64() {
        domain.map(IOVA + PAGE, ADDRESS + PAGE, 64 * PAGE, READ_WRITE);
        return domain.unmap(IOVA + PAGE, 64 * PAGE);
    }
}
