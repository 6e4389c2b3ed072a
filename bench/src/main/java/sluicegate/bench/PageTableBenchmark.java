package sluicegate.bench;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Prot;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.VtdSecondStage;
import sluicegate.spec.vtd.AddressWidth;

/**
 * The radix walker on VT-d's second-stage format with four levels, in the memory of an embedded machine. Figures are for one page,
 * whatever the size of the call.
 *
 * <p>Tables are there already when pages are mapped, and stay when they are unmapped, as in the kernel's own measurements:
 * what is measured is the work on leaves.
 */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PageTableBenchmark {
    /** Pages that one invocation maps or unmaps. */
    static final int PAGES = 16384;

    private static final int READ_WRITE = Prot.READ | Prot.WRITE;

    private static final long SIZE_4K = 1L << 12;
    private static final long SIZE_2M = 1L << 21;
    private static final long SIZE_1G = 1L << 30;

    private static PageTable emptyTable() {
        var map = new AddressMap(List.of(new AddressMap.Range(0, SIZE_1G)));
        var memory = new HeapMemory(map);
        var arena = new UnitArena("bench", memory, new PageAllocator(map, List.of()));
        return new PageTable(new VtdSecondStage(AddressWidth.BITS_48, SIZE_4K | SIZE_2M | SIZE_1G), memory, arena, gather -> {});
    }

    /** A window of pages that are all mapped, or all not. */
    @State(Scope.Thread)
    public static class Window {
        /** Size of a page. */
        @Param({"4096", "2097152"})
        public long pageSize;

        /** Pages in one call. */
        @Param({"1", "64"})
        public int run;

        PageTable table;
        final IotlbGather gather = new IotlbGather();
        long base;

        @Setup(Level.Trial)
        public void fill() {
            table = emptyTable();
            // One page off, so that no unmap covers a whole table and takes it out.
            base = (1L << 39) + pageSize;
            // A neighbour on either side keeps the tables of the ends.
            table.map(base - pageSize, 0, pageSize, 1, READ_WRITE);
            table.map(base + PAGES * pageSize, 0, pageSize, 1, READ_WRITE);
        }

        void mapAll() {
            for (long i = 0; i < PAGES; i += run) {
                table.map(base + i * pageSize, i * pageSize, pageSize, run, READ_WRITE);
            }
        }

        void unmapAll() {
            for (long i = 0; i < PAGES; i += run) {
                gather.reset();
                table.unmap(base + i * pageSize, run * pageSize, gather);
            }
        }
    }

    /** A window with nothing mapped. */
    @State(Scope.Thread)
    public static class Empty extends Window {
        /** Takes out what the last invocation mapped. */
        @Setup(Level.Invocation)
        public void clear() {
            if (table.iovaToPhys(base) != sluicegate.api.driver.DriverDomain.NOT_MAPPED) {
                unmapAll();
            } else {
                mapAll();
                unmapAll();
            }
        }
    }

    /** A window with everything mapped. */
    @State(Scope.Thread)
    public static class Full extends Window {
        /** Maps what the last invocation took out. */
        @Setup(Level.Invocation)
        public void refill() {
            mapAll();
        }
    }

    /** 1 GiB mapped by 4 KiB pages, and addresses in it at random. */
    @State(Scope.Thread)
    public static class Lookup {
        PageTable table;
        final long[] iovas = new long[1 << 16];
        int at;

        @Setup(Level.Trial)
        public void fill() {
            table = emptyTable();
            table.map(0, 0, SIZE_4K, SIZE_1G / SIZE_4K, READ_WRITE);
            var random = new Random(42);
            for (int i = 0; i < iovas.length; i++) {
                iovas[i] = random.nextLong(SIZE_1G);
            }
        }
    }

    @Benchmark
    @OperationsPerInvocation(PAGES)
    public void map(Empty window) {
        window.mapAll();
    }

    @Benchmark
    @OperationsPerInvocation(PAGES)
    public void unmap(Full window) {
        window.unmapAll();
    }

    /** One address, anywhere in 1 GiB. */
    @Benchmark
    public long iovaToPhys(Lookup lookup) {
        return lookup.table.iovaToPhys(lookup.iovas[lookup.at++ & lookup.iovas.length - 1]);
    }
}
