package sluicegate.judge.raw;

import java.util.EnumMap;
import java.util.Map;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.judge.raw.ScalableCase.Stage;

/**
 * The tables of a {@link ScalableCase} in memory: one of each kind, all in one block, so that an inverted low bit of an address leads
 * from one to another. Each table's entry is at an index of its own; all others are zero. Where stages are nested, the second maps the
 * block and the page to themselves. Bits are written out by hand, accessed and dirty ones set.
 */
final class ScalableTables {
    private static final int BLOCK = 0x1_0000;
    private static final long TABLE = 0x1000;
    private static final long INDEX4 = 6;
    private static final long INDEX3 = 3;
    /** Where in the buffer the page is, and where in the page the DMA goes. */
    private static final long PAGE = 0x5000;
    private static final long OFFSET = 0x120;
    private static final long LARGE_PAGE = 0x20_0000;
    /** P, RW, US, A, D of the first stage; R, W, A, D of the second. */
    private static final long FIRST = 0x67;
    private static final long SECOND = 0x303;
    private static final long PS = 0x80;
    private static final long WIDTH_48 = 2 << 2;
    private static final long DOMAIN_ID = 1;
    private static final long WALKS_SNOOP = 1 << 23;

    private final PhysicalMemory memory;
    private final long block;
    private final long buffer;
    private final int sourceId;
    private final boolean walksMaySnoop;

    /**
     * Takes memory for them.
     *
     * @param buffer aligned to 16 MiB and below 256 MiB
     * @param walksMaySnoop whether PWSNP is there to be set (ECAP_REG.SMPWCS)
     */
    ScalableTables(Machine machine, MemoryArena arena, long buffer, int sourceId, boolean walksMaySnoop) {
        this.memory = machine.memory();
        this.buffer = buffer;
        this.sourceId = sourceId;
        this.walksMaySnoop = walksMaySnoop;
        this.block = arena.allocate(BLOCK);
        if (block >>> 30 != 0 || block >>> 21 == page() >>> 21 || (sourceId & 0x80) != 0) {
            throw new IllegalStateException("tables at " + block + " beside a buffer at " + buffer + ": nested tables can't map both");
        }
        // What nested translation needs besides: the block, mapped to itself.
        for (long at = 0; at < BLOCK; at += TABLE) {
            memory.set64(table(12) + (block + at >>> 12 & 511) * 8, block + at | SECOND);
        }
    }

    private long table(int number) {
        return block + number * TABLE;
    }

    private long first(int level) {
        return table(8 - level);
    }

    private long second(int level) {
        return table(12 - level);
    }

    long root() {
        return block;
    }

    long page() {
        return buffer + PAGE;
    }

    long iova(Stage stage) {
        return (stage == Stage.PASS_THROUGH ? 0 : INDEX4 << 39 | INDEX3 << 30) | page() | OFFSET;
    }

    /** Writes all words, with the inversions of the case. */
    void write(ScalableCase raw) {
        // That of the other kind of case.
        memory.set64(second(4), 0);
        memory.set64(second(4) + INDEX4 * 8, 0);
        memory.set64(second(3), 0);
        memory.set64(second(3) + INDEX3 * 8, 0);
        memory.set64Release(second(2) + (block >>> 21 & 511) * 8, table(12) | SECOND);
        var words = words(raw);
        for (var word : ScalableWord.values()) {
            memory.set64Release(place(word, raw.stage()), words.get(word) ^ raw.flipped(word));
        }
    }

    private Map<ScalableWord, Long> words(ScalableCase raw) {
        var words = new EnumMap<ScalableWord, Long>(ScalableWord.class);
        words.put(ScalableWord.ROOT, table(1) | 1);
        words.put(ScalableWord.CONTEXT0, table(2) | 1);
        words.put(ScalableWord.CONTEXT1, 0L);
        words.put(ScalableWord.CONTEXT2, 0L);
        words.put(ScalableWord.CONTEXT3, 0L);
        words.put(ScalableWord.DIRECTORY, table(3) | 1);
        words.put(ScalableWord.PASID0, second(4) | (long) raw.stage().ordinal() + 1 << 6 | WIDTH_48 | 1);
        words.put(ScalableWord.PASID1, (walksMaySnoop ? WALKS_SNOOP : 0) | DOMAIN_ID);
        words.put(ScalableWord.PASID2, first(4));
        words.put(ScalableWord.PASID3, 0L);
        words.put(ScalableWord.PASID7, 0L);
        words.put(ScalableWord.FIRST4, first(3) | FIRST);
        words.put(ScalableWord.FIRST3, raw.leafLevel() == 3 ? FIRST | PS : first(2) | FIRST);
        words.put(ScalableWord.FIRST2, raw.leafLevel() == 2 ? buffer & -LARGE_PAGE | FIRST | PS : first(1) | FIRST);
        words.put(ScalableWord.FIRST1, page() | FIRST);
        int leaf = raw.stage() == Stage.NESTED ? 1 : raw.leafLevel();
        words.put(ScalableWord.SECOND4, second(3) | SECOND);
        words.put(ScalableWord.SECOND3, leaf == 3 ? SECOND | PS : second(2) | SECOND);
        words.put(ScalableWord.SECOND2, leaf == 2 ? buffer & -LARGE_PAGE | SECOND | PS : second(1) | SECOND);
        words.put(ScalableWord.SECOND1, page() | SECOND);
        return words;
    }

    private long place(ScalableWord word, Stage stage) {
        boolean nested = stage == Stage.NESTED;
        long index2 = page() >>> 21 & 511;
        long index1 = page() >>> 12 & 511;
        long context = table(1) + (sourceId & 0x7f) * 32L;
        return switch (word) {
            case ROOT -> root() + (sourceId >>> 8) * 16L;
            case CONTEXT0 -> context;
            case CONTEXT1 -> context + 8;
            case CONTEXT2 -> context + 16;
            case CONTEXT3 -> context + 24;
            case DIRECTORY -> table(2);
            case PASID0 -> table(3);
            case PASID1 -> table(3) + 8;
            case PASID2 -> table(3) + 16;
            case PASID3 -> table(3) + 24;
            case PASID7 -> table(3) + 56;
            case FIRST4 -> first(4) + INDEX4 * 8;
            case FIRST3 -> first(3) + INDEX3 * 8;
            case FIRST2 -> first(2) + index2 * 8;
            case FIRST1 -> first(1) + index1 * 8;
            case SECOND4 -> second(4) + (nested ? 0 : INDEX4 * 8);
            case SECOND3 -> second(3) + (nested ? 0 : INDEX3 * 8);
            case SECOND2 -> second(2) + index2 * 8;
            case SECOND1 -> second(1) + index1 * 8;
        };
    }
}
