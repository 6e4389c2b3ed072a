package sluicegate.sim.amdvi;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import sluicegate.sim.cache.CacheEpoch;

/**
 * What is kept of interrupt remapping tables: entries that can be used, by device and index. It has room for all, so one stays until
 * software invalidates the table of its device (INVALIDATE_INTERRUPT_TABLE, 2.4.5) or everything.
 *
 * <p>Reads take no lock; fills and invalidations are rare and take turns. Only fills create objects.
 */
final class InterruptEntries {
    private static final int DEVICES = 1 << 16;

    private final CacheEpoch epoch = new CacheEpoch();
    private final AtomicReferenceArray<AtomicLongArray> byDevice = new AtomicReferenceArray<>(DEVICES);
    /** Of which devices there is something, so that an invalidation of all need not look for them. */
    private int[] devices = new int[8];
    private int deviceCount;

    /** To be read before an entry's memory is, and handed to {@link #fill}. */
    long since() {
        return epoch.current();
    }

    /** The entry as an {@link InterruptWord}, 0 if there is none. */
    long find(int deviceId, int index) {
        var entries = byDevice.getAcquire(deviceId);
        return entries == null ? 0 : entries.getAcquire(index);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated in the meantime. */
    synchronized void fill(int deviceId, int index, long entry, long since) {
        if (epoch.current() == since) {
            var entries = byDevice.get(deviceId);
            if (entries == null) {
                entries = new AtomicLongArray(InterruptRemapper.MOST_ENTRIES);
                byDevice.setRelease(deviceId, entries);
                devices = deviceCount < devices.length ? devices : Arrays.copyOf(devices, 2 * deviceCount);
                devices[deviceCount++] = deviceId;
            }
            entries.setRelease(index, entry);
        }
    }

    /** Forgets the table of a device. */
    synchronized void invalidate(int deviceId) {
        epoch.advance();
        byDevice.setRelease(deviceId, null);
        for (int i = 0; i < deviceCount; i++) {
            if (devices[i] == deviceId) {
                devices[i] = devices[--deviceCount];
                return;
            }
        }
    }

    /** Forgets all tables. */
    synchronized void invalidateAll() {
        epoch.advance();
        while (deviceCount > 0) {
            byDevice.setRelease(devices[--deviceCount], null);
        }
    }
}
