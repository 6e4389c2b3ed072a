package sluicegate.sim.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class TranslationCacheTest {
    private static final int TAG = 5;
    private static final long PAGE = 4096;
    private static final long LEAF = 0x1234;

    private final CacheEpoch epoch = new CacheEpoch();
    private final TranslationCache cache = new TranslationCache(6, 12, epoch);

    private void fill(int tag, long iova) {
        cache.fill(tag, iova, LEAF + iova, epoch.current());
    }

    @Test
    void invalidatingARangeForgetsItsPagesOfThatTagAndNoOthers() {
        for (long page = 0; page < 32; page++) {
            fill(TAG, page * PAGE);
            fill(TAG + 1, page * PAGE);
        }
        epoch.advance();
        cache.invalidatePages(TAG, 8 * PAGE, 16 * PAGE - 1);
        for (long page = 0; page < 32; page++) {
            boolean gone = page >= 8 && page < 16;
            assertThat(cache.find(TAG, page * PAGE)).as("page %d", page).isEqualTo(gone ? TranslationCache.NONE : LEAF + page * PAGE);
            assertThat(cache.find(TAG + 1, page * PAGE)).as("page %d of another", page).isEqualTo(LEAF + page * PAGE);
        }
    }

    @Test
    void aSetThatWasEmptiedIsFilledAndForgottenAgain() {
        for (int round = 0; round < 3; round++) {
            fill(TAG, PAGE);
            assertThat(cache.find(TAG, PAGE)).isEqualTo(LEAF + PAGE);
            epoch.advance();
            cache.invalidatePages(TAG, PAGE, 2 * PAGE - 1);
            assertThat(cache.find(TAG, PAGE)).isEqualTo(TranslationCache.NONE);
        }
        fill(TAG, PAGE);
        epoch.advance();
        cache.invalidateTag(TAG);
        assertThat(cache.find(TAG, PAGE)).isEqualTo(TranslationCache.NONE);
    }

    /** Two threads, so that one empties the set that the other is about to fill. */
    @Test
    void afterAnInvalidationNothingIsFoundThatWasReadFromMemoryBeforeIt() throws Exception {
        var memory = new AtomicLong(1);
        var stop = new AtomicBoolean();
        var device = Executors.newSingleThreadExecutor();
        try {
            var filling = device.submit(() -> {
                while (!stop.get()) {
                    long since = epoch.current();
                    long leaf = memory.get();
                    // A walk takes a while, or not.
                    for (long step = leaf & 31; step > 0; step--) {
                        Thread.onSpinWait();
                    }
                    cache.fill(TAG, PAGE, leaf, since);
                }
            });
            for (long now = 2; now < 200_000; now++) {
                memory.set(now);
                epoch.advance();
                cache.invalidatePages(TAG, 0, 4 * PAGE - 1);
                for (int look = 0; look < 32; look++) {
                    long found = cache.find(TAG, PAGE);
                    if (found != TranslationCache.NONE && found < now) {
                        fail("%d is found after memory was changed to %d", found, now);
                    }
                }
            }
            stop.set(true);
            filling.get(10, TimeUnit.SECONDS);
        } finally {
            stop.set(true);
            device.shutdownNow();
        }
    }
}
