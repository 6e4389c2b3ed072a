package sluicegate.core.impl.iova;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Eight threads with mixed sizes: nothing is given out twice, nothing is lost, memory stays as it is. For {@code
 * -Dsluicegate.soak.seconds}, three by default.
 */
final class IovaSoakTest {
    private static final int THREADS = 8;
    private static final int PAGES = 1 << 16;
    private static final long K4 = 4096;

    private final IovaAllocator space = new IovaAllocator("dom0", K4, 0, PAGES * K4 - 1);
    /** By page: which thread has it. */
    private final AtomicIntegerArray owners = new AtomicIntegerArray(PAGES);

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void eightThreadsWithMixedSizes() throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(Integer.getInteger("sluicegate.soak.seconds", 3));
        var pool = Executors.newFixedThreadPool(THREADS);
        try {
            var work = new ArrayList<Callable<Long>>();
            for (int i = 1; i <= THREADS; i++) {
                int me = i;
                work.add(() -> run(me, until));
            }
            long done = 0;
            for (var future : pool.invokeAll(work)) {
                done += future.get();
            }
            assertThat(done).isGreaterThan(THREADS * 1_000L);
        } finally {
            pool.shutdownNow();
        }
        assertThat(space.freePages()).as("all came back").isEqualTo(PAGES - 1);
        space.flush();
        assertThat(space.allocate(PAGES / 2 * K4, -1L)).as("in one piece").isEqualTo(PAGES / 2 * K4);
        assertThat(space.nodes()).as("the tree of 65,536 pages").isLessThanOrEqualTo(1 + 16);
    }

    private long run(int me, long until) {
        var random = new SplittableRandom(me);
        var live = new ArrayList<long[]>();
        long done = 0;
        while (System.nanoTime() < until) {
            for (int i = 0; i < 200; i++, done++) {
                if (random.nextInt(1_000) == 0) {
                    space.reclaim();
                }
                if (live.size() < 150 && random.nextInt(live.size() + 20) < 60) {
                    allocate(me, random, live);
                } else if (!live.isEmpty()) {
                    free(me, live, random.nextInt(live.size()));
                }
            }
        }
        while (!live.isEmpty()) {
            free(me, live, live.size() - 1);
        }
        return done;
    }

    private void allocate(int me, SplittableRandom random, List<long[]> live) {
        long pages = 1 + random.nextInt(1 << random.nextInt(8));
        long limit = random.nextBoolean() ? -1L : PAGES / 2 * K4 - 1;
        try {
            long iova = space.allocate(pages * K4, limit);
            assertThat(Long.compareUnsigned(iova + pages * K4 - 1, limit)).isNotPositive();
            for (int page = (int) (iova / K4); page < iova / K4 + pages; page++) {
                assertThat(owners.getAndSet(page, me)).as("page %d was somebody's", page).isZero();
            }
            live.add(new long[] {iova, pages});
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.ENOSPC);
        }
    }

    private void free(int me, List<long[]> live, int index) {
        var range = live.set(index, live.get(live.size() - 1));
        live.remove(live.size() - 1);
        for (int page = (int) (range[0] / K4); page < range[0] / K4 + range[1]; page++) {
            assertThat(owners.getAndSet(page, 0)).isEqualTo(me);
        }
        space.free(range[0], range[1] * K4);
    }
}
