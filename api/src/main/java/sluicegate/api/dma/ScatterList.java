package sluicegate.api.dma;

import java.util.Arrays;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * Pieces of memory that are one buffer ({@code struct scatterlist}): what a driver puts in, and, once it is mapped, the ranges that it
 * tells its device, which may be fewer. Made to be used again and again: {@link #clear} keeps its room. For one thread at a time;
 * not to be changed while it is mapped.
 */
public final class ScatterList {
    private static final int FIELDS = 4;
    private static final int ADDRESS = 0;
    private static final int LENGTH = 1;
    private static final int IOVA = 2;
    private static final int MAPPED_LENGTH = 3;

    private long[] words;
    private int size;
    private int mapped;

    /** @param room for how many pieces; it grows if there are more */
    public ScatterList(int room) {
        words = new long[FIELDS * Math.max(1, room)];
    }

    /**
     * Adds a piece.
     *
     * @param address physical address
     * @param length in bytes, at least 1
     * @return this
     * @throws IommuException EINVAL if it is empty or passes 2^64; EBUSY if the list is mapped
     */
    public ScatterList add(long address, long length) {
        requireUnmapped();
        if (length == 0 || Long.compareUnsigned(address + length - 1, address) < 0) {
            throw IommuException.of(Errno.EINVAL, "A piece of %s bytes at %s is empty or passes 2^64", Hex.of(length), Hex.of(address));
        }
        if (FIELDS * (size + 1) > words.length) {
            words = Arrays.copyOf(words, 2 * words.length);
        }
        words[FIELDS * size + ADDRESS] = address;
        words[FIELDS * size + LENGTH] = length;
        size++;
        return this;
    }

    /** Makes it empty. @throws IommuException EBUSY if the list is mapped */
    public void clear() {
        requireUnmapped();
        size = 0;
    }

    private void requireUnmapped() {
        if (mapped != 0) {
            throw IommuException.of(Errno.EBUSY, "A scatter list of %d pieces is mapped at %s; unmap it first", size, Hex.of(iova(0)));
        }
    }

    /** How many pieces it has. */
    public int size() {
        return size;
    }

    /** Physical address of piece {@code index}. */
    public long address(int index) {
        return words[FIELDS * index + ADDRESS];
    }

    /** Bytes of piece {@code index}. */
    public long length(int index) {
        return words[FIELDS * index + LENGTH];
    }

    /** How many ranges the device is to be told; 0 if it is not mapped ({@code dma_map_sg}'s result). */
    public int mapped() {
        return mapped;
    }

    /** Where range {@code index} begins for the device ({@code sg_dma_address}). */
    public long iova(int index) {
        return words[FIELDS * index + IOVA];
    }

    /** Bytes of range {@code index} ({@code sg_dma_len}). */
    public long mappedLength(int index) {
        return words[FIELDS * index + MAPPED_LENGTH];
    }

    /** For who maps it: sets a range that the device is to be told; {@code index} is below {@link #size}. */
    public void place(int index, long iova, long length) {
        words[FIELDS * index + IOVA] = iova;
        words[FIELDS * index + MAPPED_LENGTH] = length;
    }

    /** For who maps or unmaps it: says how many ranges have been placed. */
    public void placed(int count) {
        mapped = count;
    }
}
