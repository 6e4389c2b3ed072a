package sluicegate.hw.smmuv3;

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

    /** Where the next descriptor can be written unseen, if there are no SubstreamIDs. */
    long spare() {
        return current == base ? base + ContextDescriptor.BYTES : base;
    }

    /** The stream table entries point to this place now. */
    void use(long pointer) {
        current = pointer;
    }

    /** Writes a descriptor where nobody looks. */
    void writeUnseen(long pointer, long[] descriptor) {
        for (int i = 0; i < descriptor.length; i++) {
            memory.set64Release(pointer + (long) i * Long.BYTES, descriptor[i]);
        }
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
        long table = twoLevel ? L1ContextDescriptor.L2PTR.inPlace(memory.get64(level1(ssid))) : current;
        int index = twoLevel ? ssid & (1 << LEAF_BITS) - 1 : ssid;
        return new MemoryPlace(memory, table + (long) index * ContextDescriptor.BYTES, sync);
    }

    private long level1(int ssid) {
        return base + (long) (ssid >>> LEAF_BITS) * L1ContextDescriptor.BYTES;
    }

    /** Gives everything back. No hardware uses it. */
    void free() {
        if (twoLevel) {
            for (int i = 0; i < 1 << bits - LEAF_BITS; i++) {
                long descriptor = memory.get64(base + (long) i * L1ContextDescriptor.BYTES);
                if (L1ContextDescriptor.V.isSet(descriptor)) {
                    arena.free(L1ContextDescriptor.L2PTR.inPlace(descriptor), LEAF_BYTES);
                }
            }
        }
        arena.free(base, bytes());
    }
}
