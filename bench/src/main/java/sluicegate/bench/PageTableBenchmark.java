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
import sluicegate.pgtable.AmdHost;
import sluicegate.pgtable.PageTable;
import sluicegate.pgtable.PageTableFormat;
import sluicegate.pgtable.VtdSecondStage;
import sluicegate.pgtable.X86LongMode;
import sluicegate.spec.vtd.AddressWidth;

/**
 * The radix walker on the formats of each vendor with four levels, in the memory of an embedded machine. Figures are for one page,
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

    /** Whose tables. */
    public enum Format {
        /** Intel's second stage, four levels. */
        VTD_SECOND_STAGE,
        /** AMD's host tables, four levels. */
        AMD_HOST,
        /** Four levels of an x86 processor: AMD's guest tables, Intel's first stage. */
        X86_LONG_MODE;

        PageTableFormat create() {
            long sizes = SIZE_4K | SIZE_2M | SIZE_1G;
            return switch (this) {
                case VTD_SECOND_STAGE -> new VtdSecondStage(AddressWidth.BITS_48, sizes);
                case AMD_HOST -> new AmdHost(4, sizes);
                case X86_LONG_MODE -> new X86LongMode(4, sizes, true);
            };
        }
    }

    private static PageTable emptyTable(Format format) {
        var map = new AddressMap(List.of(new AddressMap.Range(0, SIZE_1G)));
        var memory = new HeapMemory(map);
        var arena = new UnitArena("bench", memory, new PageAllocator(map, List.of()));
        return new PageTable(format.create(), memory, arena, gather -> {});
    }

    /** A window of pages that are all mapped, or all not. */
    @State(Scope.Thread)
    public static class Window {
        /** Whose tables. */
        @Param({"VTD_SECOND_STAGE", "AMD_HOST", "X86_LONG_MODE"})
        public Format format;

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
            table = emptyTable(format);
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
        /** Whose tables. */
        @Param({"VTD_SECOND_STAGE", "AMD_HOST", "X86_LONG_MODE"})
        public Format format;

        PageTable table;
        final long[] iovas = new long[1 << 16];
        int at;

        @Setup(Level.Trial)
        public void fill() {
            table = emptyTable(format);
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
