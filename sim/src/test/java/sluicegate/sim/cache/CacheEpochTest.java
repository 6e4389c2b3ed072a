package sluicegate.sim.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Counting invalidations, by one thread and by several that meet. */
class CacheEpochTest {
    private static final int ROUNDS = 50_000;
    private static final int THREADS = 4;

    private final CacheEpoch epoch = new CacheEpoch();

    @Test
    void everyInvalidationChangesTheCount() {
        long before = epoch.current();
        assertThat(before).isNotEqualTo(CacheEpoch.NEVER);
        epoch.advance();
        assertThat(epoch.current()).isGreaterThan(before);
    }

    /** Whether they count in one word still or in words of their own already: none is lost, and who looks later sees it. */
    @Test
    void nothingIsLostWhenThreadsMeet() throws Exception {
        var together = new CyclicBarrier(THREADS);
        var pool = Executors.newFixedThreadPool(THREADS);
        try {
            var work = new ArrayList<Callable<Integer>>();
            for (int t = 0; t < THREADS; t++) {
                work.add(() -> {
                    together.await(10, TimeUnit.SECONDS);
                    int unseen = 0;
                    for (int i = 0; i < ROUNDS; i++) {
                        long before = epoch.current();
                        epoch.advance();
                        unseen += epoch.current() > before ? 0 : 1;
                    }
                    return unseen;
                });
            }
            for (var each : pool.invokeAll(work)) {
                assertThat(each.get()).isZero();
            }
            assertThat(epoch.current()).isEqualTo((long) THREADS * ROUNDS);
        } finally {
            pool.shutdownNow();
        }
    }
}
