package sluicegate.core.impl.iova;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Addresses for devices: where they come from and where they go. */
final class IovaAllocatorTest {
    private static final long K4 = 4096;
    private static final long END = (1L << 39) - 1;

    private final IovaAllocator space = new IovaAllocator("dom0", K4, 0, END);

    @Test
    void rangesComeFromTheTop() {
        assertThat(space.allocate(K4, 0xffff_ffffL)).isEqualTo(0xffff_f000L);
        assertThat(space.allocate(K4, 0xffff_ffffL)).isEqualTo(0xffff_e000L);
        assertThat(space.allocate(K4, END)).isEqualTo(END + 1 - K4);
        assertThat(space.allocate(K4, 0xff_ffffL)).as("a device that can name 24 bits").isEqualTo(0xff_f000L);
    }

    @Test
    void aLimitInTheMiddleOfAPageLeavesThatPageOut() {
        assertThat(space.allocate(K4, 0x2fffL)).isEqualTo(0x2000);
        assertThat(space.allocate(K4, 0x2ffeL)).isEqualTo(0x1000);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 31, 32, 33, 63, 64, 65, 100, 511, 513, 5000})
    void rangesAreAlignedToTheirSizeSoThatTheyCrossNoBoundary(long pages) {
        long rounded = pages == 1 ? K4 : Long.highestOneBit(pages - 1) * 2 * K4;
        for (int i = 0; i < 5; i++) {
            long iova = space.allocate(pages * K4, END);
            assertThat(iova % rounded).isZero();
            assertThat(iova / rounded).as("no multiple of %x inside", rounded).isEqualTo((iova + pages * K4 - 1) / rounded);
        }
    }

    @Test
    void aSizeIsRoundedUpToPages() {
        long iova = space.allocate(1, 0xffff_ffffL);
        assertThat(iova).isEqualTo(0xffff_f000L);
        assertThat(space.allocate(K4 + 1, 0xffff_ffffL)).isEqualTo(0xffff_c000L);
        space.free(iova, 1);
        assertThat(space.allocate(K4, 0xffff_ffffL)).isEqualTo(iova);
    }

    @Test
    void reservedWindowsAreNeverGivenOut() {
        var small = new IovaAllocator("dom1", K4, 0, 0xf_ffffL);
        small.reserve(0x8_0800, 0x8_17ff);
        small.reserve(0xf_f000, 0x10_0fff);
        var got = new ArrayList<Long>();
        for (long iova = small.tryAllocate(K4, -1L); iova != IovaAllocator.NONE; iova = small.tryAllocate(K4, -1L)) {
            got.add(iova);
        }
        assertThat(got).hasSize(256 - 4).doesNotHaveDuplicates().doesNotContain(0L, 0x8_0000L, 0x8_1000L, 0xf_f000L);
    }

    @Test
    void aWindowReservedLaterIsKeptFromCachesToo() {
        long iova = space.allocate(K4, 0xffff_ffffL);
        space.free(iova, K4);
        assertThat(space.cachedPages()).isEqualTo(1);
        space.reserve(iova, iova);
        assertThat(space.allocate(K4, 0xffff_ffffL)).isNotEqualTo(iova);
    }

    @Test
    void anApertureThatBeginsAndEndsInPagesGivesWholePagesOnly() {
        var odd = new IovaAllocator("dom1", K4, 0x1800, 0x47fe);
        assertThat(List.of(odd.tryAllocate(K4, -1L), odd.tryAllocate(K4, -1L), odd.tryAllocate(K4, -1L)))
                .containsExactly(0x3000L, 0x2000L, 0L);
        assertThat(new IovaAllocator("all", K4, 0, -1L).allocate(K4, -1L)).as("all of 64 bits").isEqualTo(-K4);
    }

    @Test
    void whatCachesHoldCountsBeforeThereIsNone() {
        var small = new IovaAllocator("dom1", K4, 0, 64 * K4 - 1);
        var pages = new ArrayList<Long>();
        for (int i = 0; i < 63; i++) {
            pages.add(small.allocate(K4, -1L));
        }
        pages.forEach(iova -> small.free(iova, K4));
        assertThat(small.cachedPages()).isEqualTo(63);
        assertThat(small.tryAllocate(32 * K4, -1L)).as("the easy way").isEqualTo(IovaAllocator.NONE);
        assertThat(small.allocate(32 * K4, -1L)).as("the hard way").isEqualTo(32 * K4);
    }

    @Test
    void errors() {
        assertThat(errno(() -> space.allocate(0, END))).isEqualTo(Errno.EINVAL);
        assertThat(errno(() -> space.allocate(1L << 40, END))).isEqualTo(Errno.ENOSPC);
        assertThat(errno(() -> space.allocate(-1L, END))).isEqualTo(Errno.ENOSPC);
        assertThat(errno(() -> space.allocate(K4, 0))).isEqualTo(Errno.ENOSPC);
        assertThat(errno(() -> space.free(0x1001, K4))).isEqualTo(Errno.EINVAL);
        assertThat(errno(() -> space.free(0x1000, 0))).isEqualTo(Errno.EINVAL);
        assertThat(errno(() -> space.free(END + 1, K4))).isEqualTo(Errno.EINVAL);
        assertThat(errno(() -> space.free(0x100_0000, 64 * K4))).as("never given out").isEqualTo(Errno.EINVAL);
        assertThat(errno(() -> new IovaAllocator("dom1", 3000, 0, END))).isEqualTo(Errno.EINVAL);
        assertThat(errno(() -> new IovaAllocator("dom1", K4, 0, 0xfff))).as("nothing but page 0").isEqualTo(Errno.EINVAL);
        var tight = new IovaAllocator("dom1", K4, 0, END, 20);
        assertThat(errno(() -> {
            for (long limit = END; limit > 0; limit -= 1L << 32) {
                tight.allocate(K4, limit);
            }
        })).as("scattered over more nodes than there may be").isEqualTo(Errno.ENOMEM);
    }

    @Test
    void aDeviceThatClaimsMoreGets32BitsUntilThereIsNone() {
        var first = new LowFirst("0000:00:05.0", true);
        assertThat(first.allocate(space, 1L << 31, END)).isEqualTo(1L << 31);
        assertThat(first.allocate(space, K4, END)).isLessThan(1L << 31);
        assertThat(first.low()).isTrue();
        assertThat(first.allocate(space, 1L << 31, END)).isGreaterThan(1L << 32);
        assertThat(first.low()).isFalse();
        assertThat(first.allocate(space, K4, END)).as("it stays believed").isGreaterThan(1L << 32);
    }

    @Test
    void theDepotGivesBackWhatIsNotUsed() {
        var live = new ArrayList<Long>();
        for (int i = 0; i < 20_000; i++) {
            live.add(space.allocate(K4, END));
        }
        boolean[] called = new boolean[1];
        space.onCrowded(() -> called[0] = true);
        live.forEach(iova -> space.free(iova, K4));
        assertThat(called[0]).isTrue();
        assertThat(space.cachedPages()).as("what caches may keep").isLessThan(10_000);
        long before = space.cachedPages();
        while (space.reclaim()) {
            assertThat(space.cachedPages()).isLessThan(before);
            before = space.cachedPages();
        }
        assertThat(before).isLessThan(3_000);
        assertThat(space.freePages()).isEqualTo((1L << 27) - 1);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void randomRangesNeverOverlapAndAreThereWheneverTheyFit(long seed) {
        var random = new Random(seed);
        var small = new IovaAllocator("dom1", K4, 0, 3000 * K4 - 1);
        small.reserve(1000 * K4, 1020 * K4 - 1);
        var live = new TreeMap<Long, Long>();
        live.put(0L, K4);
        live.put(1000 * K4, 20 * K4);
        for (int i = 0; i < 20_000; i++) {
            if (random.nextInt(100) < (i / 1000 % 2 == 0 ? 60 : 40)) {
                long size = (1 + random.nextInt(random.nextInt(5) == 0 ? 200 : 20)) * K4 - random.nextInt(3);
                long limit = random.nextInt(3) == 0 ? random.nextInt(3000) * K4 - 1 : -1L;
                allocate(small, live, size, limit);
            } else if (live.size() > 2) {
                var keys = live.keySet().stream().filter(key -> key != 0 && key != 1000 * K4).toList();
                long iova = keys.get(random.nextInt(keys.size()));
                small.free(iova, live.remove(iova));
            }
        }
        live.forEach((iova, size) -> {
            if (iova != 0 && iova != 1000 * K4) {
                small.free(iova, size);
            }
        });
        assertThat(small.freePages()).isEqualTo(3000 - 1 - 20);
        small.flush();
        assertThat(small.cachedPages()).isZero();
        assertThat(small.freePages()).isEqualTo(3000 - 1 - 20);
        assertThat(small.allocate(512 * K4, -1L)).as("all in one piece again").isEqualTo(2048 * K4);
    }

    private static void allocate(IovaAllocator small, TreeMap<Long, Long> live, long size, long limit) {
        try {
            long iova = small.allocate(size, limit);
            long last = iova + size - 1;
            assertThat(Long.compareUnsigned(last, limit)).isNotPositive();
            assertThat(last).isLessThan(3000 * K4);
            var below = live.floorEntry(last);
            assertThat(below.getKey() + below.getValue()).as("%x of %x overlaps %s", iova, size, below).isLessThanOrEqualTo(iova);
            assertThat(iova % rounded(size)).isZero();
            live.put(iova, size);
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
            assertThat(fits(live, size, limit)).as("%x up to %x in %s", size, limit, live).isFalse();
        }
    }

    private static long rounded(long size) {
        long pages = (size + K4 - 1) / K4;
        return pages == 1 ? K4 : Long.highestOneBit(pages - 1) * 2 * K4;
    }

    /** Whether an aligned block is free, counting what small ranges are rounded up to. */
    private static boolean fits(TreeMap<Long, Long> live, long size, long limit) {
        long block = rounded(size);
        long needed = block > 32 * K4 ? (size + K4 - 1) / K4 * K4 : block;
        for (long at = block; at + block <= 3000 * K4; at += block) {
            var below = live.floorEntry(at + block - 1);
            long end = below.getKey() == 0 || below.getKey() == 1000 * K4 ? below.getValue() : taken(below.getValue());
            if (below.getKey() + end <= at && (limit == -1L || at + needed - 1 <= limit)) {
                return true;
            }
        }
        return false;
    }

    private static long taken(long size) {
        return rounded(size) > 32 * K4 ? (size + K4 - 1) / K4 * K4 : rounded(size);
    }

    private static Errno errno(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        return catchThrowableOfType(IommuException.class, call).errno();
    }
}
