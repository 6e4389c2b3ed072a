package sluicegate.judge.raw.smmuv3;

import java.util.Map;
import sluicegate.api.platform.PhysicalMemory;

/**
 * The tables of a {@link StreamCase}, one of each kind, all in the first 64 KiB of the buffer, so that an inverted low bit of an
 * address leads from one to another. Bits are written down here as the manual has them, without {@code spec}.
 */
final class StreamTables {
    /** Streams of the table, behind the other tables. */
    static final int STREAM_BITS = 8;
    private static final long TABLE = 0x1000;
    private static final long CONTEXT = 0x8000;
    private static final long FIRST_LEVEL = 0x9000;
    private static final long STREAMS = 0x1_0000;
    private static final long PAGE = 0x20_5000;
    private static final long OFFSET = 0x120;
    private static final long INDEX0 = 6;

    private final PhysicalMemory memory;
    private final long buffer;
    private final int streamId;

    /** @param buffer aligned to 16 MiB, in the second GiB */
    StreamTables(PhysicalMemory memory, long buffer, int streamId) {
        this.memory = memory;
        this.buffer = buffer;
        this.streamId = streamId;
    }

    long streams() {
        return buffer + STREAMS;
    }

    long entry() {
        return streams() + 64L * streamId;
    }

    long page() {
        return buffer + PAGE;
    }

    long iova() {
        return INDEX0 << 39 | page() | OFFSET;
    }

    private long table(int level) {
        return buffer + FIRST_LEVEL + level * TABLE;
    }

    /** Where a level's descriptor is. */
    private long slot(int level) {
        return table(level) + (iova() >>> 39 - 9 * level & 511) * 8;
    }

    /** Writes all words, with the inversions of the case. */
    void write(StreamCase raw) {
        memory.set64(entry(), (0xbL | buffer + CONTEXT) ^ raw.flipped(StreamWord.STREAM_LOW));
        // SHCFG: as it came.
        memory.set64(entry() + 8, 1L << 44 ^ raw.flipped(StreamWord.STREAM_HIGH));
        // T0SZ 16, 4 KiB, EPD1, V, IPS 48 bits, AA64, R, A, ASID 1.
        long context = 16 | 1L << 30 | 1L << 31 | 5L << 32 | 1L << 41 | 1L << 45 | 1L << 46 | 1L << 48;
        memory.set64(buffer + CONTEXT, context ^ raw.flipped(StreamWord.CONTEXT));
        memory.set64(buffer + CONTEXT + 8, table(0) ^ raw.flipped(StreamWord.TABLE_BASE));
        for (var each : Map.of(0, StreamWord.LEVEL0, 1, StreamWord.LEVEL1, 2, StreamWord.LEVEL2, 3, StreamWord.LEVEL3).entrySet()) {
            int level = each.getKey();
            // Valid, and a table or a page; or a block; for everybody, with its access flag.
            long leaf = (level == 3 ? 3L : 1L) | 1L << 6 | 1L << 10;
            long descriptor = level == raw.leafLevel() ? leaf | page() & -1L << 39 - 9 * level
                    : level > raw.leafLevel() ? 0 : table(level + 1) | 3;
            memory.set64(slot(level), descriptor ^ raw.flipped(each.getValue()));
        }
    }

}
