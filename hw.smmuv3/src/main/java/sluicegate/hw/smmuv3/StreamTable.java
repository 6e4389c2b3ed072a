package sluicegate.hw.smmuv3;

import java.util.Arrays;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * The stream table of one unit (sections 3.3.1, 5.1 and 5.2): what becomes of the requests of each stream. Every entry aborts
 * until something else is written. With two levels a second-level table is made when the first of its streams is
 * wanted; streams without one have no entry, and the unit records C_BAD_STREAMID for them.
 *
 * <p>Not thread-safe: the unit has one change made at a time.
 */
final class StreamTable {
    /** log2 of the entries of a second-level table. */
    private static final int SPLIT = 8;
    private static final int MAX_LEVEL_1_BITS = 17;
    /** A linear table takes 64 bytes a stream; this one is 4 MiB. */
    private static final int MAX_LINEAR_BITS = 16;
    private static final int NONE = -1;

    private final String unit;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final boolean twoLevel;
    private final int bits;
    private final long base;

    private StreamTable(String unit, Smmuv3Capabilities capabilities, PhysicalMemory memory, MemoryArena arena, long base) {
        this.unit = unit;
        this.memory = memory;
        this.arena = arena;
        this.twoLevel = isTwoLevel(capabilities);
        this.bits = bits(capabilities);
        this.base = base == NONE ? arena.allocate(bytes(capabilities)) : base;
    }

    private static boolean isTwoLevel(Smmuv3Capabilities capabilities) {
        return capabilities.twoLevelStreams() && capabilities.streamBits() > SPLIT;
    }

    private static int bits(Smmuv3Capabilities capabilities) {
        return Math.min(capabilities.streamBits(), isTwoLevel(capabilities) ? SPLIT + MAX_LEVEL_1_BITS : MAX_LINEAR_BITS);
    }

    private static long bytes(Smmuv3Capabilities capabilities) {
        int bits = bits(capabilities);
        return isTwoLevel(capabilities)
                ? (long) L1StreamTableDescriptor.BYTES << bits - SPLIT
                : (long) StreamTableEntry.BYTES << bits;
    }

    /** What SMMU_STRTAB_BASE_CFG says of a table that this driver makes. */
    static long format(Smmuv3Capabilities capabilities) {
        long format = StrtabBaseCfgRegister.LOG2SIZE.set(0, bits(capabilities));
        if (!isTwoLevel(capabilities)) {
            return StrtabBaseCfgRegister.FMT.set(format, StrtabBaseCfgRegister.LINEAR);
        }
        format = StrtabBaseCfgRegister.SPLIT.set(format, SPLIT);
        return StrtabBaseCfgRegister.FMT.set(format, StrtabBaseCfgRegister.TWO_LEVEL);
    }

    /** A new table whose streams all abort. @throws IommuException ENOMEM */
    static StreamTable create(String unit, Smmuv3Capabilities capabilities, PhysicalMemory memory, MemoryArena arena) {
        var table = new StreamTable(unit, capabilities, memory, arena, NONE);
        if (!table.twoLevel) {
            table.fill(table.base, 1 << table.bits);
        }
        return table;
    }

    /**
     * A table that an earlier driver left in the arena and that hardware is using, made to abort every stream, one entry
     * after the other. The caller has the hardware look at it again.
     *
     * @param base from SMMU_STRTAB_BASE
     */
    static StreamTable adopt(String unit, Smmuv3Capabilities capabilities, PhysicalMemory memory, MemoryArena arena, long base) {
        var table = new StreamTable(unit, capabilities, memory, arena, base);
        if (table.twoLevel) {
            table.detachAll();
        } else {
            table.abortAll(base, 1 << table.bits);
        }
        return table;
    }

    /** Whether that is a table as {@link #adopt} wants it. */
    static boolean fits(Smmuv3Capabilities capabilities, PhysicalMemory memory, long base, long format) {
        return base != 0 && format == format(capabilities) && memory.contains(base, bytes(capabilities))
                && (base & Math.max(bytes(capabilities), MemoryArena.PAGE_SIZE) - 1) == 0;
    }

    long base() {
        return base;
    }

    /** What to write into SMMU_STRTAB_BASE. */
    long baseRegister() {
        return StrtabBaseRegister.ADDR.setInPlace(StrtabBaseRegister.RA.mask(), base);
    }

    /** @throws IommuException EINVAL if there can be no entry for that stream */
    void check(int sid, String device) {
        if (bits < Integer.SIZE && Integer.toUnsignedLong(sid) >>> bits != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: stream id %s of %s is beyond the stream table, which ends with %s; correct "
                    + "what firmware says about the device", unit, Hex.of(Integer.toUnsignedLong(sid)), device,
                    Hex.of((1L << bits) - 1));
        }
    }

    /**
     * Makes the entry of a stream exist; it aborts if it is new.
     *
     * @return whether the way to it is new, so that hardware must be told
     * @throws IommuException ENOMEM
     */
    boolean ensure(int sid) {
        if (!twoLevel || L1StreamTableDescriptor.SPAN.isSet(memory.get64(descriptor(sid)))) {
            return false;
        }
        long table = arena.allocate((long) StreamTableEntry.BYTES << SPLIT);
        fill(table, 1 << SPLIT);
        memory.set64Release(descriptor(sid),
                L1StreamTableDescriptor.SPAN.set(L1StreamTableDescriptor.L2PTR.setInPlace(0, table), SPLIT + 1));
        return true;
    }

    /** The place of an entry that exists. */
    EntryWriter.Place place(int sid, Runnable sync) {
        return new MemoryPlace(memory, entry(sid), sync);
    }

    private long entry(int sid) {
        if (!twoLevel) {
            return base + (long) sid * StreamTableEntry.BYTES;
        }
        long table = L1StreamTableDescriptor.L2PTR.inPlace(memory.get64(descriptor(sid)));
        return table + (long) (sid & (1 << SPLIT) - 1) * StreamTableEntry.BYTES;
    }

    private long descriptor(int sid) {
        return base + (Integer.toUnsignedLong(sid) >>> SPLIT) * L1StreamTableDescriptor.BYTES;
    }

    private void fill(long table, int entries) {
        long[] abort = StreamEntries.abort();
        for (int i = 0; i < entries; i++) {
            memory.set64Release(table + (long) i * StreamTableEntry.BYTES, abort[0]);
        }
    }

    private void abortAll(long table, int entries) {
        var use = new StreamEntryUse();
        long[] abort = StreamEntries.abort();
        for (int i = 0; i < entries; i++) {
            EntryWriter.write(use, new MemoryPlace(memory, table + (long) i * StreamTableEntry.BYTES, () -> {}), abort);
        }
    }

    /**
     * Makes every stream abort and takes the second-level tables out. The hardware may know them until it is told.
     *
     * @return the tables, to be given to {@link #free(long[])} when it has been
     */
    long[] detachAll() {
        if (!twoLevel) {
            abortAll(base, 1 << bits);
            return new long[0];
        }
        long[] tables = new long[1 << bits - SPLIT];
        int count = 0;
        for (int i = 0; i < tables.length; i++) {
            long slot = base + (long) i * L1StreamTableDescriptor.BYTES;
            long descriptor = memory.get64(slot);
            if (descriptor != 0) {
                memory.set64Release(slot, 0);
                tables[count++] = L1StreamTableDescriptor.L2PTR.inPlace(descriptor);
            }
        }
        return Arrays.copyOf(tables, count);
    }

    /** Gives second-level tables back that hardware has forgotten. */
    void free(long[] tables) {
        for (long table : tables) {
            arena.free(table, (long) StreamTableEntry.BYTES << SPLIT);
        }
    }

    /** Gives the first level back. No hardware uses it. */
    void freeBase() {
        arena.free(base, twoLevel ? (long) L1StreamTableDescriptor.BYTES << bits - SPLIT : (long) StreamTableEntry.BYTES << bits);
    }
}
