package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.ArmLpae;
import sluicegate.pgtable.PageTable;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventqBaseRegister;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * What an earlier driver of this kind left in the unit's arena: the fence of a unit that was left blocked, or all tables of one
 * that went on translating. They are read from memory, because nobody is left to ask. Tables of firmware look the same but are
 * not in the arena, and are left alone.
 */
final class LeftTables {
    private static final int SPLIT = 8;
    private static final int MAX_BITS = 25;
    private static final int LEAF_BITS = 10;
    private static final int MAX_CONTEXT_BITS = 20;

    private final IommuUnit unit;
    private final PhysicalMemory memory;
    /** By address: bytes. */
    private final Map<Long, Long> blocks = new LinkedHashMap<>();
    private final Map<Long, ArmLpae> pageTables = new HashMap<>();
    private long base;

    /** Finds what hangs on the registers as they are. Changes nothing. */
    LeftTables(IommuUnit unit, Smmuv3Window window) {
        this.unit = unit;
        this.memory = unit.memory();
        long events = window.read64(EventqBaseRegister.OFFSET);
        add(EventqBaseRegister.ADDR.inPlace(events), (long) Reports.EVENTS.recordBytes() << EventqBaseRegister.LOG2SIZE.get(events));
        base = StrtabBaseRegister.ADDR.inPlace(window.read64(StrtabBaseRegister.OFFSET));
        streams(Integer.toUnsignedLong(window.read32(StrtabBaseCfgRegister.OFFSET)));
    }

    private void streams(long format) {
        int bits = (int) Math.min(StrtabBaseCfgRegister.LOG2SIZE.get(format), MAX_BITS);
        if (StrtabBaseCfgRegister.FMT.get(format) == StrtabBaseCfgRegister.LINEAR) {
            if (add(base, (long) StreamTableEntry.BYTES << bits)) {
                entries(base, 1L << bits);
            }
        } else if (bits > SPLIT && StrtabBaseCfgRegister.SPLIT.get(format) == SPLIT
                && add(base, (long) L1StreamTableDescriptor.BYTES << bits - SPLIT)) {
            for (long i = 0; i < 1L << bits - SPLIT; i++) {
                long descriptor = memory.get64(base + i * L1StreamTableDescriptor.BYTES);
                long table = L1StreamTableDescriptor.L2PTR.inPlace(descriptor);
                if (L1StreamTableDescriptor.SPAN.get(descriptor) == SPLIT + 1
                        && add(table, (long) StreamTableEntry.BYTES << SPLIT)) {
                    entries(table, 1L << SPLIT);
                }
            }
        }
    }

    private void entries(long table, long count) {
        for (long i = 0; i < count; i++) {
            long entry = table + i * StreamTableEntry.BYTES;
            long word = memory.get64(entry);
            if (!StreamTableEntry.V.isSet(word)) {
                continue;
            }
            int config = (int) StreamTableEntry.CONFIG.get(word);
            if (config == StreamTableEntry.CONFIG_S1) {
                contexts(word);
            } else if (config == StreamTableEntry.CONFIG_S2 || config == StreamTableEntry.CONFIG_NESTED) {
                stage2(memory.get64(entry + 2 * Long.BYTES), memory.get64(entry + 3 * Long.BYTES));
            }
        }
    }

    private void contexts(long word) {
        long table = StreamTableEntry.S1CONTEXTPTR.inPlace(word);
        int bits = (int) StreamTableEntry.S1CDMAX.get(word);
        if (bits == 0) {
            // One of the places of a page of them.
            long page = table & -MemoryArena.PAGE_SIZE;
            if (add(page, 2L * ContextDescriptor.BYTES)) {
                context(table);
            }
        } else if (bits <= MAX_CONTEXT_BITS && StreamTableEntry.S1FMT.get(word) == StreamTableEntry.S1FMT_LINEAR) {
            if (add(table, (long) ContextDescriptor.BYTES << bits)) {
                descriptors(table, 1L << bits);
            }
        } else if (bits > LEAF_BITS && bits <= MAX_CONTEXT_BITS && add(table, (long) L1ContextDescriptor.BYTES << bits - LEAF_BITS)) {
            for (long i = 0; i < 1L << bits - LEAF_BITS; i++) {
                long descriptor = memory.get64(table + i * L1ContextDescriptor.BYTES);
                long leaf = L1ContextDescriptor.L2PTR.inPlace(descriptor);
                if (L1ContextDescriptor.V.isSet(descriptor) && add(leaf, (long) ContextDescriptor.BYTES << LEAF_BITS)) {
                    descriptors(leaf, 1L << LEAF_BITS);
                }
            }
        }
    }

    private void descriptors(long table, long count) {
        for (long i = 0; i < count; i++) {
            context(table + i * ContextDescriptor.BYTES);
        }
    }

    private void context(long address) {
        long word = memory.get64(address);
        if (ContextDescriptor.V.isSet(word) && !ContextDescriptor.EPD0.isSet(word)) {
            int granule = granule(ContextDescriptor.TG0.get(word));
            int bits = Long.SIZE - (int) ContextDescriptor.T0SZ.get(word);
            long top = ContextDescriptor.TTB0.inPlace(memory.get64(address + Long.BYTES));
            format(() -> ArmLpae.stage1(granule, bits, Long.SIZE, 1L << granule), top);
        }
    }

    private void stage2(long walk, long table) {
        int granule = granule(StreamTableEntry.S2TG.get(walk));
        int bits = Long.SIZE - (int) StreamTableEntry.S2T0SZ.get(walk);
        format(() -> ArmLpae.stage2(granule, bits, Long.SIZE, 1L << granule, false), StreamTableEntry.S2TTB.inPlace(table));
    }

    private void format(java.util.function.Supplier<ArmLpae> format, long top) {
        try {
            pageTables.put(top, format.get());
        } catch (IllegalArgumentException noSuchTable) {
            // What was left may be broken; then it is nobody's page table.
        }
    }

    private static int granule(long code) {
        return code == ContextDescriptor.TG0_4K ? 12 : code == ContextDescriptor.TG0_16K ? 14 : 16;
    }

    /** Whether there is such a block that was not seen yet. */
    private boolean add(long address, long bytes) {
        return address != 0 && (address & Long.BYTES - 1) == 0 && memory.contains(address, bytes)
                && blocks.putIfAbsent(address, bytes) == null;
    }

    /** The stream table that was in use. */
    long base() {
        return base;
    }

    /**
     * Gives everything back. The hardware uses other tables and has forgotten these.
     *
     * @param inUse pages of the new driver, which are not given back whatever points to them: what was left may be broken
     */
    void free(LongPredicate inUse) {
        var arena = new Guarded(unit.arena(), inUse);
        pageTables.forEach((top, format) -> tryFree(() -> new PageTable(format, memory, arena, gather -> {}, top).free()));
        List<Long> addresses = new ArrayList<>(blocks.keySet());
        addresses.forEach(address -> tryFree(() -> arena.free(address, blocks.get(address))));
    }

    /** A table that is not, or not wholly, in the arena is none of a driver's: what is left of it stays. */
    private static void tryFree(Runnable free) {
        try {
            free.run();
        } catch (IommuException notOurs) {
            // Nothing was freed that should not have been.
        }
    }

    /** The arena without the pages that are in use. */
    private record Guarded(MemoryArena arena, LongPredicate inUse) implements MemoryArena {
        @Override
        public long allocate(long size) {
            return arena.allocate(size);
        }

        @Override
        public void free(long address, long size) {
            if (inUse.test(address)) {
                throw IommuException.of(Errno.EINVAL, "Page %s is in use, although a table that was left points to it",
                        Hex.of(address));
            }
            arena.free(address, size);
        }

        @Override
        public long allocatedBytes() {
            return arena.allocatedBytes();
        }
    }
}
