package sluicegate.machine.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Objects;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * Physical memory in chunks of {@code long}s on the heap: a flat array indexed by the upper bits of the address leads to
 * the chunk, which appears with the first write to it.
 *
 * <p>Until then a chunk is one that all untouched chunks share and that only ever holds zeros, so that a read needs no
 * branch for it. A hole in the address map is a chunk without words, and a chunk that memory covers in part has that part
 * only; so the bounds check of the array is the check of the address map. For this, memory has to start at a multiple of
 * {@link #CHUNK_BYTES}.
 *
 * <p>Word accesses are opaque or stronger: never torn (Java Language Specification 17.7 with 64-bit JVMs, VarHandle),
 * coherent, and not lifted out of loops that poll.
 */
public final class HeapMemory implements MachineMemory {
    /** Bytes of a chunk: 2 MiB. */
    public static final int CHUNK_BYTES = 1 << HeapMemory.SHIFT;

    private static final int SHIFT = 21;
    private static final int CHUNK_WORDS = 1 << SHIFT - 3;
    private static final long OFFSET_MASK = (1L << SHIFT) - 1;
    private static final long[] HOLE = {};

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final VarHandle CHUNK = MethodHandles.arrayElementVarHandle(long[][].class);
    private static final VarHandle BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final AddressMap map;
    private final long[][] chunks;
    /** What an untouched chunk reads as; one for each size of chunk that there is. */
    private final long[][] untouched;

    /** @throws IommuException EINVAL if a range does not start at a multiple of {@link #CHUNK_BYTES} */
    public HeapMemory(AddressMap map) {
        this.map = Objects.requireNonNull(map, "map");
        int count = (int) ((map.limit() + OFFSET_MASK) >>> SHIFT);
        chunks = new long[count][];
        untouched = new long[count][];
        Arrays.fill(chunks, HOLE);
        var zeros = new long[CHUNK_WORDS];
        for (var range : map.ranges()) {
            if ((range.start() & OFFSET_MASK) != 0) {
                throw IommuException.of(Errno.EINVAL, "Memory %s has to start at a multiple of 2 MiB",
                        Hex.range(range.start(), range.length()));
            }
            for (long at = range.start(); at < range.limit(); at += CHUNK_BYTES) {
                long words = Math.min(CHUNK_BYTES, range.limit() - at) >>> 3;
                chunks[(int) (at >>> SHIFT)] = words == CHUNK_WORDS ? zeros : new long[(int) words];
            }
        }
        System.arraycopy(chunks, 0, untouched, 0, count);
    }

    @Override
    public AddressMap map() {
        return map;
    }

    @Override
    public boolean contains(long address, long length) {
        long chunk = address >>> SHIFT;
        if (chunk < chunks.length && length >= 0) {
            long left = ((long) chunks[(int) chunk].length << 3) - (address & OFFSET_MASK);
            if (left > 0 && length <= left) {
                return true;
            }
        }
        return map.contains(address, length);
    }

    @Override
    public long size() {
        return map.size();
    }

    @Override
    public long get64(long address) {
        var chunk = chunkAt(address, 7);
        return (long) WORD.getOpaque(chunk, wordIn(chunk, address));
    }

    @Override
    public long get64Acquire(long address) {
        var chunk = chunkAt(address, 7);
        return (long) WORD.getAcquire(chunk, wordIn(chunk, address));
    }

    @Override
    public void set64(long address, long value) {
        var chunk = writable(address, 7);
        WORD.setOpaque(chunk, wordIn(chunk, address), value);
    }

    @Override
    public void set64Release(long address, long value) {
        var chunk = writable(address, 7);
        WORD.setRelease(chunk, wordIn(chunk, address), value);
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        var chunk = writable(address, 7);
        return WORD.compareAndSet(chunk, wordIn(chunk, address), expected, value);
    }

    @Override
    public int get32(long address) {
        var chunk = chunkAt(address, 3);
        return (int) ((long) WORD.getAcquire(chunk, wordIn(chunk, address)) >>> shiftIn(address));
    }

    @Override
    public void set32Release(long address, int value) {
        var chunk = writable(address, 3);
        merge(chunk, wordIn(chunk, address), Integer.toUnsignedLong(value) << shiftIn(address),
                0xffff_ffffL << shiftIn(address));
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        if ((address & 7) != 0) {
            throw misaligned(address, 8);
        }
        if (count <= 0) {
            if (count < 0) {
                throw IommuException.of(Errno.EINVAL, "A fill of %d words at %s is none", count, Hex.of(address));
            }
            return;
        }
        checkRange(address, (long) count << 3);
        VarHandle.releaseFence();
        long value = first;
        long at = address;
        int left = count;
        while (left > 0) {
            var chunk = writable(at, 7);
            int from = (int) (at & OFFSET_MASK) >>> 3;
            int words = Math.min(left, chunk.length - from);
            for (int i = from; i < from + words; i++) {
                WORD.setOpaque(chunk, i, value);
                value += step;
            }
            left -= words;
            at += (long) words << 3;
        }
    }

    @Override
    public void clear(long address, long length) {
        if (((address | length) & 7) != 0) {
            throw misaligned(address | length, 8);
        }
        checkRange(address, length);
        long at = address;
        long left = length;
        while (left > 0) {
            long part = Math.min(left, CHUNK_BYTES - (at & OFFSET_MASK));
            int index = (int) (at >>> SHIFT);
            if (chunks[index] != untouched[index]) {
                fill64(at, 0, 0, (int) (part >>> 3));
            }
            at += part;
            left -= part;
        }
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        if (length == 0) {
            return;
        }
        checkRange(address, length);
        long at = address;
        int to = offset;
        int end = offset + length;
        while (to < end) {
            var chunk = chunks[(int) (at >>> SHIFT)];
            long word = (long) WORD.getOpaque(chunk, (int) (at & OFFSET_MASK) >>> 3);
            int skip = (int) at & 7;
            if (skip == 0 && end - to >= 8) {
                BYTES.set(target, to, word);
                to += 8;
                at += 8;
            } else {
                int bytes = Math.min(8 - skip, end - to);
                word >>>= skip << 3;
                for (int i = 0; i < bytes; i++, word >>>= 8) {
                    target[to++] = (byte) word;
                }
                at += bytes;
            }
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        if (length == 0) {
            return;
        }
        checkRange(address, length);
        long at = address;
        int from = offset;
        int end = offset + length;
        while (from < end) {
            var chunk = writable(at, 0);
            int index = (int) (at & OFFSET_MASK) >>> 3;
            int skip = (int) at & 7;
            if (skip == 0 && end - from >= 8) {
                // Release: bytes become visible in ascending order, as the contract says.
                WORD.setRelease(chunk, index, (long) BYTES.get(source, from));
                from += 8;
                at += 8;
            } else {
                int bytes = Math.min(8 - skip, end - from);
                long value = 0;
                for (int i = bytes - 1; i >= 0; i--) {
                    value = value << 8 | source[from + i] & 0xff;
                }
                merge(chunk, index, value << (skip << 3), (-1L >>> (8 - bytes << 3)) << (skip << 3));
                from += bytes;
                at += bytes;
            }
        }
    }

    /** Replaces some bits of a word and leaves its others to whoever writes them at the same time. */
    private static void merge(long[] chunk, int index, long value, long mask) {
        long old;
        do {
            old = (long) WORD.getOpaque(chunk, index);
        } while (!WORD.weakCompareAndSetRelease(chunk, index, old, old & ~mask | value));
    }

    private static int shiftIn(long address) {
        return (int) (address & 4) << 3;
    }

    private static int wordIn(long[] chunk, long address) {
        int word = (int) (address & OFFSET_MASK) >>> 3;
        if (word >= chunk.length) {
            throw outside(address);
        }
        return word;
    }

    private long[] chunkAt(long address, int alignment) {
        long index = address >>> SHIFT;
        if (index >= chunks.length || (address & alignment) != 0) {
            throw refuse(address, alignment);
        }
        return chunks[(int) index];
    }

    private long[] writable(long address, int alignment) {
        var chunk = chunkAt(address, alignment);
        int index = (int) (address >>> SHIFT);
        return chunk != untouched[index] ? chunk : touch(index);
    }

    /** Gives an untouched chunk words of its own; of several threads that do, one wins. A hole stays one. */
    private long[] touch(int index) {
        var zeros = untouched[index];
        if (zeros.length == 0) {
            return zeros;
        }
        CHUNK.compareAndSet(chunks, index, zeros, new long[zeros.length]);
        return (long[]) CHUNK.getAcquire(chunks, index);
    }

    private void checkRange(long address, long length) {
        if (!contains(address, length)) {
            throw IommuException.of(Errno.EFAULT, "%s is not all memory", Hex.range(address, length));
        }
    }

    private static IommuException refuse(long address, int alignment) {
        return (address & alignment) != 0 ? misaligned(address, alignment + 1) : outside(address);
    }

    private static IommuException misaligned(long address, int size) {
        return IommuException.of(Errno.EINVAL, "%s is not a multiple of %d", Hex.of(address), size);
    }

    private static IommuException outside(long address) {
        return IommuException.of(Errno.EFAULT, "%s is not memory", Hex.of(address));
    }
}
