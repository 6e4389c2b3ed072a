package sluicegate.pgtable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.api.driver.DriverDomain.NOT_MAPPED;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/**
 * What every page-table format has to do together with the walker. A format joins by a subclass that lists its
 * geometries; the names of the tests are the rules.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PageTableFormatContract {
    static final int RW = Prot.READ | Prot.WRITE;
    private static final long MEMORY = 64L << 20;

    private final List<PageTable> tables = new ArrayList<>();
    private final ArrayMemory memory = new ArrayMemory(MEMORY, MEMORY);
    private TestArena arena = new TestArena(memory, MEMORY, MEMORY);
    private int invalidations;

    /** The geometries to test. */
    abstract Stream<PageTableFormat> formats();

    /** What a mapping with a permission really grants: more where a format can't tell the two apart. */
    int granted(int prot) {
        return prot;
    }

    PageTable table(PageTableFormat format) {
        var self = new PageTable[1];
        self[0] = new PageTable(format, memory, arena, gather -> {
            assertThat(gather.isEmpty()).isFalse();
            invalidations++;
            self[0].freeTables(gather);
        });
        tables.add(self[0]);
        return self[0];
    }

    ArrayMemory memory() {
        return memory;
    }

    @AfterEach
    void everyTableIsGivenBack() {
        tables.forEach(PageTable::free);
        tables.clear();
        long left = arena.allocatedBytes();
        invalidations = 0;
        arena = new TestArena(memory, MEMORY, MEMORY);
        assertThat(left).isZero();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void everyPageSizeMapsLooksUpAndUnmapsAtBothEndsOfTheSpace(PageTableFormat format) {
        var table = table(format);
        for (long size : sizes(format)) {
            for (long iova : new long[] {0, (1L << format.inputBits()) - size}) {
                long address = (1L << format.outputBits()) - size;
                assertThat(table.map(iova, address, size, 1, RW)).isEqualTo(size);
                assertThat(table.iovaToPhys(iova)).isEqualTo(address);
                assertThat(table.iovaToPhys(iova + size - 1)).isEqualTo(address + size - 1);
                assertThat(table.iovaToPhys(iova + size / 2)).isEqualTo(address + size / 2);
                assertThat(leaves(table)).containsExactly(new Leaf(iova, size, address, RW));
                assertThat(unmap(table, iova, size)).isEqualTo(size);
                assertThat(table.iovaToPhys(iova)).isEqualTo(NOT_MAPPED);
                assertThat(leaves(table)).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aRunOfPagesOfEverySizeCrossesTables(PageTableFormat format) {
        for (long size : sizes(format)) {
            var table = table(format);
            int level = format.leafLevel(Long.numberOfTrailingZeros(size));
            long count = Math.min(3 * (1L << format.granuleShift() - 3), (1L << format.inputBits() - 2) / size);
            long iova = level < format.levels() ? (1L << format.shift(level + 1)) - 2 * size : 0;
            assertThat(table.map(iova < 0 ? 0 : iova, 0, size, count, Prot.READ)).isEqualTo(count * size);
            for (long i = 0; i < count; i++) {
                assertThat(table.iovaToPhys(iova + i * size + 0x123)).isEqualTo(i * size + 0x123);
            }
            assertThat(table.iovaToPhys(iova + count * size)).isEqualTo(NOT_MAPPED);
            assertThat(leaves(table)).hasSize((int) count).allMatch(leaf -> leaf.prot() == Prot.READ && leaf.size() == size);
            assertThat(unmap(table, iova, count * size)).isEqualTo(count * size);
            assertThat(leaves(table)).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void permissionsAreKept(PageTableFormat format) {
        var table = table(format);
        long size = smallest(format);
        table.map(0, 0, size, 1, Prot.READ);
        table.map(size, 0, size, 1, Prot.WRITE);
        table.map(2 * size, 0, size, 1, RW);
        assertThat(leaves(table)).extracting(Leaf::prot).containsExactly(granted(Prot.READ), granted(Prot.WRITE), RW);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void mappingOverAMappingFailsAndLeavesNothingOfTheCall(PageTableFormat format) {
        var table = table(format);
        long size = smallest(format);
        long perTable = 1L << format.granuleShift() - 3;
        long there = (perTable + 5) * size;
        table.map(there, 0, size, 1, RW);
        assertRefused(Errno.EEXIST, () -> table.map(there, size, size, 1, RW));
        assertRefused(Errno.EEXIST, () -> table.map(there - 3 * size, 0, size, 8, RW));
        assertThat(invalidations).isZero();
        assertRefused(Errno.EEXIST, () -> table.map(4 * size, 0, size, 2 * perTable, RW));
        assertThat(leaves(table)).containsExactly(new Leaf(there, size, 0, RW));
        assertThat(invalidations).as("what hardware could see for a moment is invalidated").isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aSmallPageInsideALargeOneFails(PageTableFormat format) {
        var table = table(format);
        for (long size : sizes(format)) {
            if (size > smallest(format)) {
                table.map(0, 0, size, 1, RW);
                assertRefused(Errno.EEXIST, () -> table.map(smallest(format), 0, smallest(format), 1, RW));
                assertThat(unmap(table, 0, size)).isEqualTo(size);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void aLargePageReplacesAnEmptyTableButNotOneInUse(PageTableFormat format) {
        var table = table(format);
        long small = smallest(format);
        for (long size : sizes(format)) {
            if (size >= 1L << format.shift(2)) {
                long used = arena.allocatedBytes();
                table.map(small, 0, small, 1, RW);
                assertThat(arena.allocatedBytes()).isGreaterThan(used);
                assertRefused(Errno.EEXIST, () -> table.map(0, 0, size, 1, RW));
                assertThat(unmap(table, small, small)).isEqualTo(small);
                int before = invalidations;
                assertThat(table.map(0, size, size, 1, RW)).isEqualTo(size);
                assertThat(invalidations).isEqualTo(before + 1);
                assertThat(leaves(table)).containsExactly(new Leaf(0, size, size, RW));
                assertThat(unmap(table, 0, size)).isEqualTo(size);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void unmappingAPieceOfALargePageTakesAllOfItAndGoesNoFurther(PageTableFormat format) {
        var table = table(format);
        long small = smallest(format);
        for (long size : sizes(format)) {
            if (size > small) {
                table.map(size, 0, size, 1, RW);
                table.map(2 * size, size, size, 1, RW);
                assertThat(unmap(table, size, small)).isEqualTo(size);
                assertThat(leaves(table)).containsExactly(new Leaf(2 * size, size, size, RW));
                table.map(size, 0, size, 1, RW);
                assertThat(unmap(table, 2 * size - small, 2 * small)).as("from its middle").isEqualTo(size);
                assertThat(leaves(table)).containsExactly(new Leaf(2 * size, size, size, RW));
                assertThat(unmap(table, 2 * size, size)).isEqualTo(size);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void unmappingStopsAtTheFirstHole(PageTableFormat format) {
        var table = table(format);
        long size = smallest(format);
        table.map(0, 0, size, 3, RW);
        table.map(5 * size, 0, size, 1, RW);
        assertThat(unmap(table, 0, 6 * size)).isEqualTo(3 * size);
        assertThat(unmap(table, 0, 6 * size)).isZero();
        assertThat(leaves(table)).hasSize(1);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void tablesInsideTheRangeAreGatheredAndStayUntilInvalidated(PageTableFormat format) {
        var table = table(format);
        long size = smallest(format);
        long perTable = 1L << format.granuleShift() - 3;
        table.map(0, 0, size, 3 * perTable, RW);
        long full = arena.allocatedBytes();
        var gather = new IotlbGather();
        // All but the first and the last page: only the table in the middle lies inside.
        assertThat(table.unmap(size, (3 * perTable - 2) * size, gather)).isEqualTo((3 * perTable - 2) * size);
        assertThat(gather.tableCount()).isEqualTo(1);
        assertThat(arena.allocatedBytes()).as("nothing is freed before the invalidation").isEqualTo(full);
        table.freeTables(gather);
        assertThat(arena.allocatedBytes()).isEqualTo(full - (1L << format.granuleShift()));
        assertThat(gather.start()).isEqualTo(size);
        assertThat(gather.end()).isEqualTo((3 * perTable - 1) * size - 1);
        assertThat(gather.pageSize()).isEqualTo(size);
        assertThat(leaves(table)).extracting(Leaf::iova).containsExactly(0L, (3 * perTable - 1) * size);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void unmappingAllOfAHigherTableGathersItToo(PageTableFormat format) {
        var table = table(format);
        long empty = arena.allocatedBytes();
        long size = smallest(format);
        int level = Math.min(3, format.levels());
        long span = 1L << format.shift(level);
        if (span / size <= 1 << 19) {
            assertThat(table.map(0, 0, size, span / size, RW)).isEqualTo(span);
            assertThat(unmap(table, 0, span)).isEqualTo(span);
            // What is above belongs to more than this range and stays.
            assertThat(arena.allocatedBytes()).isEqualTo(empty + ((long) format.levels() - level << format.granuleShift()));
        }
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatHasNoMemoryForATableIsMappedInPart(PageTableFormat format) {
        var table = table(format);
        long size = smallest(format);
        long perTable = 1L << format.granuleShift() - 3;
        arena.budget((long) (format.levels() - 1) << format.granuleShift());
        assertThat(table.map(0, 0, size, 2 * perTable, RW)).isEqualTo(perTable * size);
        assertThat(table.iovaToPhys((perTable - 1) * size)).isEqualTo((perTable - 1) * size);
        assertThat(table.iovaToPhys(perTable * size)).isEqualTo(NOT_MAPPED);
    }

    @ParameterizedTest
    @MethodSource("formats")
    void whatBreaksARuleIsRefused(PageTableFormat format) {
        var table = table(format);
        long size = smallest(format);
        long beyond = 1L << format.inputBits();
        assertRefused(Errno.EINVAL, () -> table.map(1, 0, size, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, size / 2, size, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 0, size / 2, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 0, 3 * size, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 0, 0, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 0, size, -1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 0, size, 1, Prot.NOEXEC));
        assertRefused(Errno.EINVAL, () -> table.map(beyond, 0, size, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(-size, 0, size, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(beyond - size, 0, size, 2, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 0, size, Long.MAX_VALUE, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, 1L << format.outputBits(), size, 1, RW));
        assertRefused(Errno.EINVAL, () -> table.map(0, (1L << format.outputBits()) - size, size, 2, RW));
        assertRefused(Errno.EINVAL, () -> unmap(table, beyond, size));
        assertRefused(Errno.EINVAL, () -> unmap(table, -size, size));
        assertRefused(Errno.EINVAL, () -> unmap(table, 0, -1));
        assertRefused(Errno.EINVAL, () -> unmap(table, 8, size));
        assertThat(table.iovaToPhys(beyond)).isEqualTo(NOT_MAPPED);
        assertThat(table.iovaToPhys(-1)).isEqualTo(NOT_MAPPED);
        assertThat(table.map(0, 0, size, 0, RW)).isZero();
        assertThat(leaves(table)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("formats")
    void randomMapsAndUnmapsAgreeWithASortedMap(PageTableFormat format) {
        var random = new Random(20261121);
        var table = table(format);
        var model = new TreeMap<Long, Leaf>();
        var sizes = sizes(format);
        long window = Math.min(1L << format.inputBits(), 4 * sizes[sizes.length - 1]);
        for (int round = 0; round < 3000; round++) {
            long size = sizes[random.nextInt(sizes.length)];
            long iova = random.nextLong(window / size) * size;
            if (random.nextInt(3) > 0) {
                long count = 1 + random.nextInt((int) Math.min(40, (window - iova) / size));
                long address = random.nextLong(1L << 20) * size & (1L << format.outputBits() - 1) - 1;
                var over = model.floorEntry(iova + count * size - 1);
                if (over != null && over.getValue().end() > iova) {
                    assertRefused(Errno.EEXIST, () -> table.map(iova, address, size, count, RW));
                } else {
                    assertThat(table.map(iova, address, size, count, RW)).isEqualTo(count * size);
                    for (long i = 0; i < count; i++) {
                        model.put(iova + i * size, new Leaf(iova + i * size, size, address + i * size, RW));
                    }
                }
            } else {
                long length = Math.min((1 + random.nextInt(60)) * size, window - iova);
                assertThat(unmap(table, iova, length)).isEqualTo(unmap(model, iova, length));
            }
            long probe = random.nextLong(window);
            var holder = model.floorEntry(probe);
            assertThat(table.iovaToPhys(probe)).isEqualTo(holder == null || holder.getValue().end() <= probe
                    ? NOT_MAPPED : holder.getValue().address() + probe - holder.getKey());
        }
        assertThat(leaves(table)).containsExactlyElementsOf(model.values());
        long granule = 1L << format.granuleShift();
        for (int i = 0; i < 100; i++) {
            long first = random.nextLong(window) & -granule;
            long end = Math.min(window, first + random.nextLong(window));
            var seen = new ArrayList<Long>();
            table.visit(first, end - first, (level, slot, entry, iova) -> seen.add(iova));
            assertThat(seen).containsExactlyElementsOf(model.values().stream()
                    .filter(leaf -> leaf.iova() < end && leaf.end() > first).map(Leaf::iova).toList());
        }
    }

    private static long unmap(TreeMap<Long, Leaf> model, long iova, long size) {
        long at = iova;
        while (at < iova + size) {
            var entry = model.floorEntry(at);
            if (entry == null || entry.getValue().end() <= at) {
                break;
            }
            model.remove(entry.getKey());
            if (entry.getKey() != at) {
                return entry.getValue().size();
            }
            at += entry.getValue().size();
        }
        return at - iova;
    }

    @ParameterizedTest
    @MethodSource("formats")
    void threadsMapAndUnmapNeighboursThatShareTables(PageTableFormat format) throws Exception {
        var table = table(format);
        int threads = 4;
        var barrier = new CyclicBarrier(threads);
        var pool = Executors.newFixedThreadPool(threads);
        try {
            var work = new ArrayList<Callable<Long>>();
            for (int thread = 0; thread < threads; thread++) {
                long me = thread;
                work.add(() -> mapAndUnmap(table, me, barrier));
            }
            for (var wrong : pool.invokeAll(work)) {
                assertThat(wrong.get()).isZero();
            }
        } finally {
            pool.shutdownNow();
        }
        assertThat(leaves(table)).isEmpty();
    }

    private static long mapAndUnmap(PageTable table, long me, CyclicBarrier barrier) throws Exception {
        var format = table.format();
        long size = smallest(format);
        var gather = new IotlbGather();
        long wrong = 0;
        for (int round = 0; round < 200; round++) {
            barrier.await();
            // Neighbours in one table, then whole tables side by side: installed and taken out by all at once.
            long pages = (round & 1) == 0 ? 48 : 1L << format.granuleShift() - 3;
            long iova = (me + round % 3 * 4) * pages * size;
            wrong += table.map(iova, iova, size, pages, RW) == pages * size ? 0 : 1;
            for (long i = 0; i < pages; i++) {
                wrong += table.iovaToPhys(iova + i * size) == iova + i * size ? 0 : 1;
            }
            gather.reset();
            wrong += table.unmap(iova, pages * size, gather) == pages * size ? 0 : 1;
            table.freeTables(gather);
            wrong += table.iovaToPhys(iova) == NOT_MAPPED ? 0 : 1;
        }
        return wrong;
    }

    record Leaf(long iova, long size, long address, int prot) {
        long end() {
            return iova + size;
        }
    }

    static List<Leaf> leaves(PageTable table) {
        var leaves = new ArrayList<Leaf>();
        var format = table.format();
        table.visit((level, slot, entry, iova) -> leaves.add(new Leaf(iova, 1L << format.leafShift(level, entry),
                format.leafAddress(level, entry), format.leafProt(level, entry))));
        return leaves;
    }

    /** As a driver does: unmap, invalidate, free. */
    static long unmap(PageTable table, long iova, long size) {
        var gather = new IotlbGather();
        long bytes = table.unmap(iova, size, gather);
        table.freeTables(gather);
        return bytes;
    }

    static long[] sizes(PageTableFormat format) {
        return LongStream.range(0, 63).map(bit -> 1L << bit).filter(size -> (format.pageSizes() & size) != 0).toArray();
    }

    private static long smallest(PageTableFormat format) {
        return Long.lowestOneBit(format.pageSizes());
    }

    private static void assertRefused(Errno errno, Runnable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call::run)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
