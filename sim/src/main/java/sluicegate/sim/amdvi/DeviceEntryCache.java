package sluicegate.sim.amdvi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import sluicegate.sim.cache.CacheEpoch;

/**
 * The device table cache. It has room for all entries, so one stays until software invalidates it; those with V clear as well.
 *
 * <p>Reads take no lock and allocate nothing; fills and invalidations are rare and take turns.
 */
final class DeviceEntryCache {
    private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(DeviceEntry[].class);
    private static final int FUNCTIONS = 256;

    private final CacheEpoch epoch;
    /** By device and function, for each bus; buses that no request has come from share one that stays empty. */
    private final DeviceEntry[][] byBus = new DeviceEntry[256][];
    private final DeviceEntry[] empty = new DeviceEntry[FUNCTIONS];

    DeviceEntryCache(CacheEpoch epoch) {
        this.epoch = epoch;
        Arrays.fill(byBus, empty);
    }

    /** The entry of a device, or null. */
    DeviceEntry find(int deviceId) {
        return (DeviceEntry) ENTRY.getAcquire(byBus[deviceId >>> 8 & 0xff], deviceId & 0xff);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated in the meantime. */
    synchronized void fill(int deviceId, DeviceEntry entry, long since) {
        if (epoch.current() == since) {
            int bus = deviceId >>> 8 & 0xff;
            if (byBus[bus] == empty) {
                byBus[bus] = new DeviceEntry[FUNCTIONS];
            }
            ENTRY.setRelease(byBus[bus], deviceId & 0xff, entry);
        }
    }

    /** Forgets the entry of a device. */
    synchronized void invalidate(int deviceId) {
        epoch.advance();
        var entries = byBus[deviceId >>> 8 & 0xff];
        if (entries != empty) {
            ENTRY.setRelease(entries, deviceId & 0xff, null);
        }
    }

    /** Forgets all entries. */
    synchronized void invalidateAll() {
        epoch.advance();
        for (var entries : byBus) {
            for (int i = 0; entries != empty && i < FUNCTIONS; i++) {
                ENTRY.setRelease(entries, i, null);
            }
        }
    }
}
