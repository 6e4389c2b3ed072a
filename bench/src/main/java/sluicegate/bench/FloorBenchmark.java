package sluicegate.bench;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.concurrent.TimeUnit;

import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the machine itself takes for the steps that every path is made of; figures of other benchmarks mean little without
 * these from the same machine.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class FloorBenchmark {
    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final byte[] memory = new byte[1 << 20];
    private int at;

    /** Four dependent acquiring reads: the least that a walk of four levels costs. */
    @Benchmark
    public long fourDependentReads() {
        int offset = at = (at + 4096) & 0xff000;
        for (int level = 0; level < 4; level++) {
            offset = ((int) (long) LONGS.getAcquire(memory, offset) + offset + 8) & 0xffff8;
        }
        return offset;
    }

    /** One releasing write, as a page-table entry is published. */
    @Benchmark
    public void oneReleasingWrite() {
        at = (at + 8) & 0xffff8;
        LONGS.setRelease(memory, at, 1L);
    }
}
