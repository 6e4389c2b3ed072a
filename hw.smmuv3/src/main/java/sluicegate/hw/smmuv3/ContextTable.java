package sluicegate.hw.smmuv3;

import java.util.HashSet;
import java.util.Set;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * The context descriptors of one device (sections 5.3 and 5.4): the one of its requests without a SubstreamID, and one for
 * each SubstreamID that is in use.
 *
 * <p>Without SubstreamIDs there are two places for the only descriptor, of which the stream table entry points to one: the next
 * is written where nobody looks, and changing the pointer is a single store. With SubstreamIDs the table is linear up to
 * 1024 descriptors, or where the unit has only that; else it has two levels, and the second is filled when needed.
 *
 * <p>A descriptor has tables and ASID in different words, so one that is in use can't be replaced by a single store
 * ({@link EntryWriter}). It is replaced with its table: a linear one is written once more with the new descriptor in it, and the
 * pointer in the stream table entry is the switch; of two levels it is the second that is written once more, and the switch is the
 * descriptor that leads to it (section 5.3.1).
 *
 * <p>Not thread-safe.
 */
final class ContextTable {
    /** log2 of the descriptors of a second-level table of 64 KiB. */
    private static final int LEAF_BITS = 10;
    private static final long LEAF_BYTES = (long) ContextDescriptor.BYTES << LEAF_BITS;
    /** Widest table in one piece, for units that have no other: 256 KiB for each device. */
    private static final int MAX_LINEAR_BITS = 12;

    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final int bits;
    private final boolean twoLevel;
    private final long base;
    private long current;
    /** Tables that nothing leads to any more, but that hardware may still know. */
    private final Set<Long> unforgotten = new HashSet<>();

    /** @param bits width of the SubstreamIDs, 0 for none. @throws sluicegate.api.types.IommuException ENOMEM */
    ContextTable(Smmuv3Capabilities capabilities, PhysicalMemory memory, MemoryArena arena, int bits) {
        this.memory = memory;
        this.arena = arena;
        this.bits = bits;
        this.twoLevel = bits > LEAF_BITS && capabilities.twoLevelContexts();
        this.base = arena.allocate(bytes());
        this.current = base;
    }

    /** Width of the SubstreamIDs for which there can be tables. */
    static int maxBits(Smmuv3Capabilities capabilities) {
        return capabilities.twoLevelContexts() ? capabilities.substreamBits()
                : Math.min(capabilities.substreamBits(), MAX_LINEAR_BITS);
    }

    private long bytes() {
        return twoLevel ? (long) L1ContextDescriptor.BYTES << bits - LEAF_BITS
                : Math.max((long) ContextDescriptor.BYTES << bits, 2L * ContextDescriptor.BYTES);
    }

    /** S1CDMax. */
    int bits() {
        return bits;
    }

    /** S1Fmt. */
    int format() {
        return twoLevel ? StreamTableEntry.S1FMT_64K_L2 : StreamTableEntry.S1FMT_LINEAR;
    }

    /** S1ContextPtr. */
    long pointer() {
        return current;
    }

    boolean isTwoLevel() {
        return twoLevel;
    }

    /**
     * Writes a descriptor where nobody looks: in one of the two places, or in another table in one piece with all that this has.
     *
     * @return the pointer that leads there, for {@link #use}, {@link #drop} or {@link #lose}
     * @throws sluicegate.api.types.IommuException ENOMEM
     */
    long prepare(int ssid, long[] descriptor) {
        long pointer = bits == 0 ? current == base ? base + ContextDescriptor.BYTES : base : arena.allocate(bytes());
        if (bits != 0) {
            copy(current, pointer, bytes());
        }
        write(pointer + (long) ssid * ContextDescriptor.BYTES, descriptor);
        return pointer;
    }

    /** The stream table entries point to this place now, and hardware has forgotten the one before. */
    void use(long pointer) {
        if (bits != 0 && pointer != current) {
            arena.free(current, bytes());
        }
        current = pointer;
    }

    /** Gives back what {@link #prepare} made. No hardware knows it. */
    void drop(long pointer) {
        if (bits != 0) {
            arena.free(pointer, bytes());
        }
    }

    /** Hardware may know what {@link #prepare} made, though it is not used. */
    void lose(long pointer) {
        if (bits != 0) {
            unforgotten.add(pointer);
        }
    }

    private void copy(long from, long to, long bytes) {
        for (long at = 0; at < bytes; at += Long.BYTES) {
            memory.set64(to + at, memory.get64(from + at));
        }
    }

    private void write(long address, long[] descriptor) {
        for (int i = 0; i < descriptor.length; i++) {
            memory.set64Release(address + (long) i * Long.BYTES, descriptor[i]);
        }
    }

    /**
     * Replaces the second-level table of a descriptor by one with the new descriptor.
     *
     * @param sync has hardware forget all descriptors of the device
     * @throws sluicegate.api.types.IommuException ENOMEM, and nothing has changed; what {@code sync} throws
     */
    void exchange(int ssid, long[] descriptor, Runnable sync) {
        long leaf = arena.allocate(LEAF_BYTES);
        long old = L1ContextDescriptor.L2PTR.inPlace(memory.get64(level1(ssid)));
        copy(old, leaf, LEAF_BYTES);
        write(leaf + (long) (ssid & (1 << LEAF_BITS) - 1) * ContextDescriptor.BYTES, descriptor);
        unforgotten.add(old);
        memory.set64Release(level1(ssid), L1ContextDescriptor.L2PTR.setInPlace(L1ContextDescriptor.V.mask(), leaf));
        sync.run();
        freeUnforgotten();
    }

    /** Puts a descriptor into a table that no hardware uses. @throws sluicegate.api.types.IommuException ENOMEM */
    void put(int ssid, long[] descriptor) {
        ensure(ssid);
        write(address(ssid), descriptor);
    }

    private void freeUnforgotten() {
        unforgotten.forEach(table -> arena.free(table, twoLevel ? LEAF_BYTES : bytes()));
        unforgotten.clear();
    }

    /**
     * Makes the place of a descriptor exist.
     *
     * @return whether the way to it is new, so that hardware must be told
     * @throws sluicegate.api.types.IommuException ENOMEM
     */
    boolean ensure(int ssid) {
        if (!twoLevel || L1ContextDescriptor.V.isSet(memory.get64(level1(ssid)))) {
            return false;
        }
        long leaf = arena.allocate(LEAF_BYTES);
        memory.set64Release(level1(ssid), L1ContextDescriptor.L2PTR.setInPlace(L1ContextDescriptor.V.mask(), leaf));
        return true;
    }

    /** The place of a descriptor that exists. */
    EntryWriter.Place place(int ssid, Runnable sync) {
        return new MemoryPlace(memory, address(ssid), sync);
    }

    private long address(int ssid) {
        long table = twoLevel ? L1ContextDescriptor.L2PTR.inPlace(memory.get64(level1(ssid))) : current;
        int index = twoLevel ? ssid & (1 << LEAF_BITS) - 1 : ssid;
        return table + (long) index * ContextDescriptor.BYTES;
    }

    private long level1(int ssid) {
        return base + (long) (ssid >>> LEAF_BITS) * L1ContextDescriptor.BYTES;
    }

    /** Whether there are tables that nothing leads to. */
    boolean isUntidy() {
        return !unforgotten.isEmpty();
    }

    /** Gives tables back that nothing leads to. Hardware has forgotten all descriptors of the device. */
    void tidy() {
        freeUnforgotten();
    }

    /** Gives everything back. No hardware uses it. */
    void free() {
        freeUnforgotten();
        if (twoLevel) {
            for (int i = 0; i < 1 << bits - LEAF_BITS; i++) {
                long descriptor = memory.get64(base + (long) i * L1ContextDescriptor.BYTES);
                if (L1ContextDescriptor.V.isSet(descriptor)) {
                    arena.free(L1ContextDescriptor.L2PTR.inPlace(descriptor), LEAF_BYTES);
                }
            }
        }
        arena.free(bits == 0 ? base : current, bytes());
    }
}
