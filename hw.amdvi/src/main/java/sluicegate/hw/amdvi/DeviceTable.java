package sluicegate.hw.amdvi;

import java.util.function.IntConsumer;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;

/**
 * The device table of one unit: an entry for each of the 65536 device ids, all of which block at first. It has as many segments
 * as the unit knows, each a piece of memory of its own, so that none of them has to be large (section 2.2.2, "device table segmentation").
 *
 * <p>How an entry changes ({@code update_dte256}, which stores 128 bits at once, where a word is the most here). What is not
 * looked at is written first, and one store decides: where the entry blocks, words 3 to 1 come before word 0; where it is to
 * block, word 0 comes first. Between two entries that translate, a single word that differs (the top of a table that has
 * grown, a device TLB that is allowed) is one store; if more differ, the entry blocks in between and hardware forgets that
 * before the others are written, so that no request meets a root pointer with the domain id of another. After each such
 * step hardware forgets the entry. What is about remapped interrupts stays as it is.
 *
 * <p>Thread-safe; one change at a time.
 */
final class DeviceTable {
    static final int ENTRIES = 1 << 16;
    static final long BYTES = (long) ENTRIES * DeviceTableEntry.BYTES;
    private static final int ID_BITS = 16;

    private final PhysicalMemory memory;
    private final long[] segments;
    private final int segmentShift;
    private IntConsumer forget = deviceId -> {};

    /**
     * @param segmentBits it has two to that power segments
     * @throws sluicegate.api.types.IommuException ENOMEM
     */
    DeviceTable(PhysicalMemory memory, MemoryArena arena, int segmentBits) {
        this.memory = memory;
        this.segments = new long[1 << segmentBits];
        this.segmentShift = ID_BITS - segmentBits;
        for (int i = 0; i < segments.length; i++) {
            try {
                segments[i] = arena.allocate(segmentBytes());
            } catch (RuntimeException e) {
                free(arena, i);
                throw e;
            }
        }
        clear();
    }

    private long segmentBytes() {
        return (long) DeviceTableEntry.BYTES << segmentShift;
    }

    /** What the base register of a segment is to hold. */
    private long register(int segment) {
        int pages = (int) (segmentBytes() / MemoryArena.PAGE_SIZE);
        return DeviceTableBaseRegister.SIZE.set(DeviceTableBaseRegister.BASE.setInPlace(0, segments[segment]), pages - 1);
    }

    /**
     * Has hardware use this table from now on; what it has cached of another one is the caller's to have forgotten.
     *
     * <p>Translation may be on. Each segment's base is one store, before which its ids are in the old table and after which they are in
     * this one. That of segment 0 comes last: with more segments than before, what is left of the old table has its entries in
     * the same places, and all other ids are in the new one.
     */
    void install(AmdviWindow window) {
        for (int segment = segments.length - 1; segment > 0; segment--) {
            window.write64(DeviceTableBases.offset(segment), register(segment));
        }
        window.control(ControlRegister.DEVTBLSEGEN.mask(), ControlRegister.DEVTBLSEGEN.set(0, ID_BITS - segmentShift));
        window.write64(DeviceTableBases.offset(0), register(0));
    }

    /** Whether it has that page of the arena. */
    boolean uses(long page) {
        for (long segment : segments) {
            if (page >= segment && page < segment + segmentBytes()) {
                return true;
            }
        }
        return false;
    }

    /** From now on hardware uses the table; {@code forget} returns when it knows nothing older of an entry. */
    synchronized void live(IntConsumer forget) {
        this.forget = forget;
    }

    /** Makes all entries block. The caller has hardware forget them. */
    synchronized void clear() {
        for (int id = 0; id < ENTRIES; id++) {
            long entry = addressOf(id);
            memory.set64(entry, DeviceEntry.BLOCKED.word0());
            memory.set64(entry + 8, DeviceEntry.BLOCKED.word1());
        }
    }

    /**
     * Writes the entry of a device id; returns when hardware uses nothing older.
     *
     * @throws sluicegate.api.types.IommuException what {@code forget} throws. The entry then blocks or is the new one
     */
    synchronized void write(int deviceId, DeviceEntry target) {
        long entry = addressOf(deviceId);
        long now0 = memory.get64(entry);
        long now1 = memory.get64(entry + 8);
        long now2 = memory.get64(entry + 16);
        long target2 = now2 & ~DeviceEntry.OWN_WORD2 | target.word2();
        boolean same0 = now0 == target.word0();
        boolean same1 = now1 == target.word1();
        boolean same2 = now2 == target2;
        if (DeviceEntry.blocks(target.word0())) {
            memory.set64Release(entry, target.word0());
            memory.set64(entry + 16, target2);
            memory.set64(entry + 8, target.word1());
        } else {
            int differing = (same0 ? 0 : 1) + (same1 ? 0 : 1) + (same2 ? 0 : 1);
            if (!DeviceEntry.blocks(now0) && differing > 1) {
                memory.set64Release(entry, DeviceEntry.BLOCKED.word0());
                forget.accept(deviceId);
            }
            memory.set64(entry + 16, target2);
            memory.set64Release(entry + 8, target.word1());
            memory.set64Release(entry, target.word0());
        }
        // Even of an entry that is the same hardware may know an older one, if it failed to forget that.
        forget.accept(deviceId);
    }

    /** What an entry is to say about remapped interrupts; before hardware uses the table. */
    synchronized void interrupts(int deviceId, long word2) {
        long place = addressOf(deviceId) + 16;
        memory.set64(place, memory.get64(place) & DeviceEntry.OWN_WORD2 | word2 & ~DeviceEntry.OWN_WORD2);
    }

    /** Gives the table back. Hardware uses another one, or none. */
    void free(MemoryArena arena) {
        free(arena, segments.length);
    }

    private void free(MemoryArena arena, int count) {
        for (int i = 0; i < count; i++) {
            arena.free(segments[i], segmentBytes());
        }
    }

    /** A word of an entry, as it is now. */
    long word(int deviceId, int word) {
        return memory.get64Acquire(addressOf(deviceId) + word * 8L);
    }

    long addressOf(int deviceId) {
        return segments[deviceId >>> segmentShift] + (long) (deviceId & (1 << segmentShift) - 1) * DeviceTableEntry.BYTES;
    }
}
