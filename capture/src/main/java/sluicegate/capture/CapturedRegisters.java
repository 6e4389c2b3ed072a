package sluicegate.capture;

import java.util.SortedMap;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** The registers of a unit as they were. Immutable. */
final class CapturedRegisters implements RegisterWindow {
    private final String unit;
    private final long base;
    private final SortedMap<Long, Integer> words;
    private final long size;

    /**
     * @param base physical address of the window
     * @param words by physical address, none below {@code base}
     */
    CapturedRegisters(String unit, long base, SortedMap<Long, Integer> words) {
        this.unit = unit;
        this.base = base;
        this.words = words;
        this.size = words.isEmpty() ? 0 : words.lastKey() - base + Integer.BYTES;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read32(long offset) {
        var word = offset < 0 || offset % Integer.BYTES != 0 ? null : words.get(base + offset);
        if (word == null) {
            throw IommuException.of(Errno.EINVAL, "The capture holds no register at %s of unit %s", Hex.of(offset), unit);
        }
        return word;
    }

    @Override
    public long read64(long offset) {
        return Integer.toUnsignedLong(read32(offset)) | Integer.toUnsignedLong(read32(offset + Integer.BYTES)) << Integer.SIZE;
    }

    @Override
    public void write32(long offset, int value) {
        throw ReadOnly.refusal("Register " + Hex.of(offset) + " of unit " + unit);
    }

    @Override
    public void write64(long offset, long value) {
        throw ReadOnly.refusal("Register " + Hex.of(offset) + " of unit " + unit);
    }
}
