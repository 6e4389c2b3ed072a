package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/**
 * From a StreamID to its entry, by way of the linear or two-level stream table in memory (3.3.1, 5.1). Level 1 descriptors
 * are not cached. Allocates nothing but the words of an entry.
 */
final class StreamTable {
    /** There is no entry for the StreamID. */
    static final long OUT_OF_RANGE = Long.MIN_VALUE;

    private static final int MAX_SPAN = 11;
    private static final int MIN_SPLIT = 6;
    private static final int ENTRY_SHIFT = 6;
    private static final int DESCRIPTOR_SHIFT = 3;

    private final PhysicalMemory memory;
    private final Smmuv3Capabilities capabilities;
    private volatile long base;
    private volatile long config;

    StreamTable(PhysicalMemory memory, Smmuv3Capabilities capabilities) {
        this.memory = memory;
        this.capabilities = capabilities;
    }

    /** SMMU_STRTAB_BASE. */
    long base() {
        return base;
    }

    void setBase(long value) {
        base = value & ~StrtabBaseRegister.LAYOUT.reservedMask(0);
    }

    /** SMMU_STRTAB_BASE_CFG. */
    long config() {
        return config;
    }

    void setConfig(long value) {
        config = value & ~StrtabBaseCfgRegister.LAYOUT.reservedMask(0);
    }

    /**
     * Where the entry of a stream is.
     *
     * @return its address, {@link #OUT_OF_RANGE}, or a {@link FaultWord} if a descriptor on the way can't be fetched
     */
    long locate(int streamId) {
        long cfg = config;
        int bits = (int) StrtabBaseCfgRegister.LOG2SIZE.get(cfg);
        long stream = Integer.toUnsignedLong(streamId);
        if (stream >>> Math.min(bits, capabilities.streamBits()) != 0) {
            return OUT_OF_RANGE;
        }
        long table = StrtabBaseRegister.ADDR.inPlace(base);
        boolean twoLevel = capabilities.twoLevelStreams()
                && StrtabBaseCfgRegister.FMT.get(cfg) == StrtabBaseCfgRegister.TWO_LEVEL;
        return twoLevel
                ? locateInTwoLevels(table, bits, split(cfg), stream)
                : aligned(table, bits + ENTRY_SHIFT) + (stream << ENTRY_SHIFT);
    }

    private long locateInTwoLevels(long table, int bits, int split, long stream) {
        long first = aligned(table, Math.max(ENTRY_SHIFT, bits - split + DESCRIPTOR_SHIFT));
        long address = first + (stream >>> split << DESCRIPTOR_SHIFT);
        if (!memory.contains(address, L1StreamTableDescriptor.BYTES)) {
            return FaultWord.fetch(EventType.F_STE_FETCH, address);
        }
        long descriptor = memory.get64Acquire(address);
        int span = (int) L1StreamTableDescriptor.SPAN.get(descriptor);
        int index = (int) stream & (1 << split) - 1;
        if (span == 0 || span > MAX_SPAN || span > split + 1 || index >>> span - 1 != 0) {
            return OUT_OF_RANGE;
        }
        long second = aligned(L1StreamTableDescriptor.L2PTR.inPlace(descriptor), ENTRY_SHIFT + span - 1);
        return second + ((long) index << ENTRY_SHIFT);
    }

    private static int split(long cfg) {
        int split = (int) StrtabBaseCfgRegister.SPLIT.get(cfg);
        return split == 8 || split == 10 ? split : MIN_SPLIT;
    }

    private static long aligned(long address, int bits) {
        return bits < Long.SIZE - 1 ? address & -1L << bits : 0;
    }

    /** Reads an entry into {@code words}; false if there is no memory. */
    boolean read(long address, long[] words) {
        if (!memory.contains(address, StreamTableEntry.BYTES)) {
            return false;
        }
        // Drivers set V last, so the first word is read first.
        words[0] = memory.get64Acquire(address);
        for (int i = 1; i < StreamTableEntry.WORDS; i++) {
            words[i] = memory.get64Acquire(address + 8L * i);
        }
        return true;
    }
}
