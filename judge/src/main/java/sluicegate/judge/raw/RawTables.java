package sluicegate.judge.raw;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.SecondStageEntry;

/**
 * The tables of a {@link RawCase} in memory: one of each kind, all in one block, so that an inverted low bit of an address leads
 * from one to another. Each table's entry is at an index of its own; all others are zero.
 */
final class RawTables {
    private static final int BLOCK = 0x1_0000;
    private static final long TABLE = 0x1000;
    private static final int INDEX4 = 6;
    private static final long INDEX3 = 3;
    private static final int DOMAIN_ID = 1;
    /** Where in the buffer the page is, and where in the page the DMA goes. */
    private static final long PAGE = 0x5000;
    private static final long OFFSET = 0x120;
    private static final long LARGE_PAGE = 0x20_0000;

    private final PhysicalMemory memory;
    private final long block;
    private final long buffer;
    private final int sourceId;

    /** @param buffer aligned to 16 MiB and below 256 MiB */
    RawTables(Machine machine, MemoryArena arena, long buffer, int sourceId) {
        this.memory = machine.memory();
        this.buffer = buffer;
        this.sourceId = sourceId;
        this.block = allocate(arena);
    }

    /** At no multiple of 2 MiB: then a table that is taken for a page of that size has reserved bits set, wherever it is. */
    private static long allocate(MemoryArena arena) {
        List<Long> unfit = new ArrayList<>();
        long found = arena.allocate(BLOCK);
        while ((found & LARGE_PAGE - 1) == 0) {
            unfit.add(found);
            found = arena.allocate(BLOCK);
        }
        unfit.forEach(address -> arena.free(address, BLOCK));
        return found;
    }

    long root() {
        return block;
    }

    private long context() {
        return block + TABLE;
    }

    /** The table of a level. */
    private long table(int level) {
        return block + (6 - level) * TABLE;
    }

    long page() {
        return buffer + PAGE;
    }

    long iova(int levels) {
        return (levels == 4 ? (long) INDEX4 << 39 : 0) | INDEX3 << 30 | page() | OFFSET;
    }

    /** Writes all words, with the inversions of the case. */
    void write(RawCase raw) {
        var words = words(raw);
        for (var word : Word.values()) {
            if (word != Word.ROOT_ADDRESS) {
                memory.set64Release(place(word), words.get(word) ^ raw.flipped(word));
            }
        }
    }

    private Map<Word, Long> words(RawCase raw) {
        var words = new EnumMap<Word, Long>(Word.class);
        words.put(Word.ROOT_LOW, RootEntry.P.set(RootEntry.CTP.setInPlace(0, context()), 1));
        words.put(Word.ROOT_HIGH, 0L);
        words.put(Word.CONTEXT_LOW, ContextEntry.P.set(ContextEntry.SSPTPTR.setInPlace(0, table(raw.levels())), 1));
        var width = raw.levels() == 4 ? AddressWidth.BITS_48 : AddressWidth.BITS_39;
        words.put(Word.CONTEXT_HIGH, ContextEntry.DID.set(ContextEntry.AW.set(0, width.code()), DOMAIN_ID));
        words.put(Word.LEVEL4, table(3) | SecondStageEntry.RW);
        words.put(Word.LEVEL3, raw.leafLevel() == 3 ? leaf(0) : table(2) | SecondStageEntry.RW);
        words.put(Word.LEVEL2, raw.leafLevel() == 2 ? leaf(buffer & -LARGE_PAGE) : table(1) | SecondStageEntry.RW);
        words.put(Word.LEVEL1, page() | SecondStageEntry.RW);
        return words;
    }

    private static long leaf(long address) {
        return address | SecondStageEntry.RW | SecondStageEntry.PS.mask();
    }

    private long place(Word word) {
        long root = root() + (long) (sourceId >>> 8) * RootEntry.BYTES;
        long context = context() + (long) (sourceId & 0xff) * ContextEntry.BYTES;
        return switch (word) {
            case ROOT_ADDRESS -> throw new IllegalArgumentException("a register");
            case ROOT_LOW -> root;
            case ROOT_HIGH -> root + Long.BYTES;
            case CONTEXT_LOW -> context;
            case CONTEXT_HIGH -> context + Long.BYTES;
            case LEVEL4 -> table(4) + Long.BYTES * INDEX4;
            case LEVEL3 -> table(3) + Long.BYTES * INDEX3;
            case LEVEL2 -> table(2) + Long.BYTES * (page() >>> 21 & 511);
            case LEVEL1 -> table(1) + Long.BYTES * (page() >>> 12 & 511);
        };
    }
}
