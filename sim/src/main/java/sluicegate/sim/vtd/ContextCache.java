package sluicegate.sim.vtd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sluicegate.sim.cache.CacheEpoch;

/**
 * The context cache (VT-d 6.2.2): context entries by source id, each tagged with its domain id. It has room for every
 * source id, so an entry stays until software invalidates it.
 *
 * <p>Reads take no lock: an entry is one word. Fills and invalidations are rare and take turns.
 */
final class ContextCache {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int FUNCTIONS = 256;

    private final CacheEpoch epoch;
    /** Words by device and function, for each bus; what no request has come from shares one that stays empty. */
    private final long[][] byBus = new long[256][];
    private final long[] empty = new long[FUNCTIONS];

    ContextCache(CacheEpoch epoch) {
        this.epoch = epoch;
        java.util.Arrays.fill(byBus, empty);
    }

    /** The {@link ContextWord} for a source id, or {@link ContextWord#NONE}. */
    long find(int sourceId) {
        return (long) WORD.getAcquire(byBus[sourceId >>> 8 & 0xff], sourceId & 0xff);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated in the meantime. */
    synchronized void fill(int sourceId, long word, long since) {
        if (epoch.current() != since) {
            return;
        }
        int bus = sourceId >>> 8 & 0xff;
        if (byBus[bus] == empty) {
            byBus[bus] = new long[FUNCTIONS];
        }
        WORD.setRelease(byBus[bus], sourceId & 0xff, word);
    }

    /** Forgets everything. */
    void invalidateAll() {
        remove(0, 0, -1);
    }

    /** Forgets the entries of a domain. */
    void invalidateDomain(int did) {
        remove(0, 0, did);
    }

    /**
     * Forgets the entries of a domain that belong to a device.
     *
     * @param functionMask FM field: how many of the bits of the function number, from the highest down, to ignore
     */
    void invalidateDevice(int did, int sourceId, int functionMask) {
        int compared = comparedBits(functionMask);
        remove(sourceId & compared, compared, did);
    }

    /** The bits of a source id that count under a function mask. */
    static int comparedBits(int functionMask) {
        return 0xffff & ~(functionMask == 0 ? 0 : 0b111 & 0b111 << 3 - functionMask);
    }

    private synchronized void remove(int sourceId, int mask, int did) {
        epoch.advance();
        for (int bus = 0; bus < byBus.length; bus++) {
            var words = byBus[bus];
            if (words == empty) {
                continue;
            }
            for (int devfn = 0; devfn < FUNCTIONS; devfn++) {
                long word = words[devfn];
                if (word != ContextWord.NONE && ((bus << 8 | devfn) & mask) == sourceId
                        && (did < 0 || ContextWord.did(word) == did)) {
                    WORD.setRelease(words, devfn, ContextWord.NONE);
                }
            }
        }
    }
}
