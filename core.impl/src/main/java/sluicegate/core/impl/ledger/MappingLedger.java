package sluicegate.core.impl.ledger;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sluicegate.api.Domain.Mapping;

/**
 * The mappings of one domain, by ascending IOVA: an interval map that holds each range as it was mapped, less what was
 * unmapped since.
 *
 * <p>Sorted blocks of parallel arrays: a page mapped and unmapped again in a domain with a million mappings costs two binary
 * searches and a short move, and allocates nothing; a domain with no mappings takes next to no memory. A position is {@code
 * block << 32 | index}; it holds until the next change. Not thread-safe but for {@link #protOf}.
 */
public final class MappingLedger {
    /** The position that means there is none. */
    public static final long NONE = -1;

    private static final int BLOCK = 128;
    private static final int SPARES = 4;

    private static final long[] NO_LONGS = {};
    private static final int[] NO_INTS = {};

    private static final VarHandle VERSION;

    static {
        try {
            VERSION = MethodHandles.lookup().findVarHandle(MappingLedger.class, "version", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private static final class Block {
        long[] start = NO_LONGS;
        long[] address = NO_LONGS;
        long[] size = NO_LONGS;
        int[] prot = NO_INTS;
        int count;

        int capacity() {
            return prot.length;
        }

        void grow(int capacity) {
            start = Arrays.copyOf(start, capacity);
            address = Arrays.copyOf(address, capacity);
            size = Arrays.copyOf(size, capacity);
            prot = Arrays.copyOf(prot, capacity);
        }

        void move(int from, Block to, int at, int length) {
            System.arraycopy(start, from, to.start, at, length);
            System.arraycopy(address, from, to.address, at, length);
            System.arraycopy(size, from, to.size, at, length);
            System.arraycopy(prot, from, to.prot, at, length);
        }
    }

    /** Only the first block may be empty, and only while it is alone. */
    private Block[] blocks = {new Block()};
    private int blockCount = 1;
    /** Blocks to be used again, so that ranges that come and go by the hundred allocate nothing. */
    private final Block[] spares = new Block[SPARES];
    private int spareCount;
    private long entries;
    /** Odd while a change is under way, for readers that take part in no lock. */
    @SuppressWarnings("FieldMayBeFinal")
    private int version;

    /** How many ranges it holds. */
    public long size() {
        return entries;
    }

    public boolean isEmpty() {
        return entries == 0;
    }

    public long startAt(long position) {
        return block(position).start[index(position)];
    }

    public long addressAt(long position) {
        return block(position).address[index(position)];
    }

    public long sizeAt(long position) {
        return block(position).size[index(position)];
    }

    public int protAt(long position) {
        return block(position).prot[index(position)];
    }

    public Mapping at(long position) {
        return new Mapping(startAt(position), addressAt(position), sizeAt(position), protAt(position));
    }

    /** The lowest range. */
    public long first() {
        return entries == 0 ? NONE : 0;
    }

    /** The highest range. */
    public long last() {
        return entries == 0 ? NONE : (long) (blockCount - 1) << 32 | blocks[blockCount - 1].count - 1;
    }

    /** The range after {@code position}. */
    public long next(long position) {
        int b = (int) (position >>> 32);
        if (index(position) + 1 < blocks[b].count) {
            return position + 1;
        }
        return b + 1 < blockCount ? (long) (b + 1) << 32 : NONE;
    }

    /** The range that holds {@code iova}. */
    public long holding(long iova) {
        long position = floor(iova);
        return position != NONE && Long.compareUnsigned(iova - startAt(position), sizeAt(position)) < 0 ? position : NONE;
    }

    /** The lowest range that shares an address with {@code [first, last]}. */
    public long overlapping(long first, long last) {
        long position = holding(first);
        if (position != NONE) {
            return position;
        }
        position = floor(first);
        position = position == NONE ? first() : next(position);
        return position != NONE && Long.compareUnsigned(startAt(position), last) <= 0 ? position : NONE;
    }

    /**
     * What the range that holds {@code iova} allows, 0 if there is none. For any thread, whatever is changed meanwhile: it looks
     * again if something was.
     */
    public int protOf(long iova) {
        while (true) {
            int before = (int) VERSION.getAcquire(this);
            if ((before & 1) == 0) {
                try {
                    long position = holding(iova);
                    int prot = position == NONE ? 0 : protAt(position);
                    if (unchangedSince(before)) {
                        return prot;
                    }
                } catch (RuntimeException e) { // what was looked at moved away
                    if (unchangedSince(before)) {
                        throw e;
                    }
                }
            }
            Thread.onSpinWait();
        }
    }

    private boolean unchangedSince(int before) {
        VarHandle.acquireFence();
        return (int) VERSION.getOpaque(this) == before;
    }

    private void beginChange() {
        VERSION.setOpaque(this, version + 1);
        VarHandle.storeStoreFence();
    }

    private void endChange() {
        VERSION.setRelease(this, version + 1);
    }

    /** Adds a range that overlaps none. */
    public void insert(long iova, long address, long size, int prot) {
        beginChange();
        try {
            put(iova, address, size, prot);
        } finally {
            endChange();
        }
    }

    private void put(long iova, long address, long size, int prot) {
        long floor = floor(iova);
        int b = floor == NONE ? 0 : (int) (floor >>> 32);
        int i = floor == NONE ? 0 : index(floor) + 1;
        var block = blocks[b];
        if (block.count == BLOCK) {
            var upper = split(b, i == BLOCK && b == blockCount - 1 ? BLOCK : BLOCK / 2);
            if (i > block.count || block.count == BLOCK) {
                i -= block.count;
                block = upper;
            }
        }
        if (block.count == block.capacity()) {
            block.grow(Math.min(BLOCK, Math.max(4, 2 * block.count)));
        }
        block.move(i, block, i + 1, block.count - i);
        block.start[i] = iova;
        block.address[i] = address;
        block.size[i] = size;
        block.prot[i] = prot;
        block.count++;
        entries++;
    }

    /** Takes {@code [first, last]} out; ranges that reach beyond it keep what lies outside. */
    public void remove(long first, long last) {
        beginChange();
        try {
            take(first, last);
        } finally {
            endChange();
        }
    }

    private void take(long first, long last) {
        for (long p = overlapping(first, last); p != NONE; p = overlapping(first, last)) {
            long start = startAt(p);
            long address = addressAt(p);
            long end = start + sizeAt(p) - 1;
            boolean keepsHead = Long.compareUnsigned(start, first) < 0;
            boolean keepsTail = Long.compareUnsigned(end, last) > 0;
            int prot = protAt(p);
            if (keepsHead) {
                block(p).size[index(p)] = first - start;
            } else {
                delete(p);
            }
            if (keepsTail) {
                put(last + 1, address + (last + 1 - start), end - last, prot);
            }
        }
    }

    /** Takes everything out. */
    public void clear() {
        beginChange();
        for (int b = 1; b < blockCount; b++) {
            blocks[b].count = 0;
            keep(blocks[b]);
            blocks[b] = null;
        }
        blockCount = 1;
        blocks[0].count = 0;
        entries = 0;
        endChange();
    }

    public List<Mapping> toList() {
        var list = new ArrayList<Mapping>((int) Math.min(entries, Integer.MAX_VALUE - 8));
        for (long p = first(); p != NONE; p = next(p)) {
            list.add(at(p));
        }
        return list;
    }

    /** The last range that begins at or below {@code iova}. */
    private long floor(long iova) {
        int low = 0;
        int high = blockCount - 1;
        while (low < high) {
            int middle = low + high + 1 >>> 1;
            if (Long.compareUnsigned(blocks[middle].start[0], iova) <= 0) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        var block = blocks[low];
        int from = 0;
        int to = block.count;
        while (from < to) {
            int middle = from + to >>> 1;
            if (Long.compareUnsigned(block.start[middle], iova) <= 0) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from == 0 ? NONE : (long) low << 32 | from - 1;
    }

    private Block split(int b, int at) {
        var upper = spareCount == 0 ? new Block() : spares[--spareCount];
        if (upper.capacity() != BLOCK) {
            upper.grow(BLOCK);
        }
        var lower = blocks[b];
        lower.move(at, upper, 0, lower.count - at);
        upper.count = lower.count - at;
        lower.count = at;
        if (blockCount == blocks.length) {
            blocks = Arrays.copyOf(blocks, 2 * blockCount);
        }
        System.arraycopy(blocks, b + 1, blocks, b + 2, blockCount - b - 1);
        blocks[b + 1] = upper;
        blockCount++;
        return upper;
    }

    private void delete(long position) {
        int b = (int) (position >>> 32);
        int i = index(position);
        var block = blocks[b];
        block.move(i + 1, block, i, block.count - i - 1);
        block.count--;
        entries--;
        if (block.count == 0 && blockCount > 1) {
            System.arraycopy(blocks, b + 1, blocks, b, blockCount - b - 1);
            blocks[--blockCount] = null;
            keep(block);
        }
    }

    private void keep(Block block) {
        if (spareCount < SPARES) {
            spares[spareCount++] = block;
        }
    }

    private Block block(long position) {
        return blocks[(int) (position >>> 32)];
    }

    private static int index(long position) {
        return (int) position;
    }
}
