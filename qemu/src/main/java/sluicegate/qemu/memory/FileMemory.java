package sluicegate.qemu.memory;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Objects;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.MachineMemory;

/**
 * Physical memory that is a file, mapped here and in QEMU: a store here is there at once, in the same order. The ranges of
 * the address map lie in the file one behind the other.
 *
 * <p>One view for each GiB of the address space, found by the upper bits of the address; ranges start at multiples of that.
 * Thread-safe. The mapping goes when this object is collected.
 */
public final class FileMemory implements MachineMemory {
    private static final int SHIFT = 30;
    private static final long OFFSET_MASK = (1L << SHIFT) - 1;
    private static final ByteBuffer HOLE = ByteBuffer.allocateDirect(0).order(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle LONG =
            MethodHandles.byteBufferViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteBufferViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle BYTES = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final AddressMap map;
    private final ByteBuffer[] views;

    /**
     * @param file of the size of all ranges
     * @throws IommuException EIO if it can't be mapped; EINVAL if a range does not start at a multiple of 1 GiB
     */
    public FileMemory(AddressMap map, Path file) {
        this.map = map;
        this.views = new ByteBuffer[(int) (map.limit() + OFFSET_MASK >>> SHIFT)];
        Arrays.fill(views, HOLE);
        try (var open = new RandomAccessFile(file.toFile(), "rw")) {
            long position = 0;
            for (var range : map.ranges()) {
                if ((range.start() & OFFSET_MASK) != 0) {
                    throw IommuException.of(Errno.EINVAL, "Memory %s has to start at a multiple of 1 GiB",
                            Hex.range(range.start(), range.length()));
                }
                for (long at = range.start(); at < range.limit(); at += 1L << SHIFT) {
                    long length = Math.min(1L << SHIFT, range.limit() - at);
                    views[(int) (at >>> SHIFT)] = open.getChannel().map(MapMode.READ_WRITE, position, length)
                            .order(ByteOrder.LITTLE_ENDIAN);
                    position += length;
                }
            }
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, file + " cannot be mapped: " + e.getMessage(), e);
        }
    }

    @Override
    public AddressMap map() {
        return map;
    }

    @Override
    public boolean contains(long address, long length) {
        return map.contains(address, length);
    }

    @Override
    public long size() {
        return map.size();
    }

    @Override
    public long get64(long address) {
        return (long) LONG.getOpaque(view(address, 8), (int) (address & OFFSET_MASK));
    }

    @Override
    public void set64(long address, long value) {
        LONG.setOpaque(view(address, 8), (int) (address & OFFSET_MASK), value);
    }

    @Override
    public long get64Acquire(long address) {
        return (long) LONG.getAcquire(view(address, 8), (int) (address & OFFSET_MASK));
    }

    @Override
    public void set64Release(long address, long value) {
        LONG.setRelease(view(address, 8), (int) (address & OFFSET_MASK), value);
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        return LONG.compareAndSet(view(address, 8), (int) (address & OFFSET_MASK), expected, value);
    }

    @Override
    public int get32(long address) {
        return (int) INT.getAcquire(view(address, 4), (int) (address & OFFSET_MASK));
    }

    @Override
    public void set32Release(long address, int value) {
        INT.setRelease(view(address, 4), (int) (address & OFFSET_MASK), value);
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        if (count < 0 || (address & 7) != 0) {
            throw IommuException.of(Errno.EINVAL, "A fill of %d words at %s: give none or more, at a multiple of 8", count,
                    Hex.of(address));
        }
        check(address, (long) count << 3);
        VarHandle.releaseFence();
        long value = first;
        long at = address;
        int left = count;
        while (left > 0) {
            var view = views[(int) (at >>> SHIFT)];
            int offset = (int) (at & OFFSET_MASK);
            int words = Math.min(left, view.capacity() - offset >>> 3);
            for (int i = 0; i < words; i++, offset += 8, value += step) {
                LONG.setOpaque(view, offset, value);
            }
            left -= words;
            at += (long) words << 3;
        }
    }

    @Override
    public void clear(long address, long length) {
        if (((address | length) & 7) != 0) {
            throw IommuException.of(Errno.EINVAL, "%s is not made of words of 8 bytes", Hex.range(address, length));
        }
        check(address, length);
        long at = address;
        long left = length;
        while (left > 0) {
            long part = Math.min(left, 1L << SHIFT);
            fill64(at, 0, 0, (int) (part >>> 3));
            at += part;
            left -= part;
        }
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, target.length);
        check(address, length);
        long at = address;
        int to = offset;
        int end = offset + length;
        while (to < end) {
            var view = views[(int) (at >>> SHIFT)];
            int index = (int) (at & OFFSET_MASK);
            int step = 1;
            if ((index & 7) == 0 && end - to >= 8) {
                BYTES.set(target, to, (long) LONG.getOpaque(view, index));
                step = 8;
            } else {
                target[to] = view.get(index);
            }
            to += step;
            at += step;
        }
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, source.length);
        check(address, length);
        long at = address;
        int from = offset;
        int end = offset + length;
        while (from < end) {
            var view = views[(int) (at >>> SHIFT)];
            int index = (int) (at & OFFSET_MASK);
            // Release: bytes become visible in ascending order, as the contract says.
            int step = 1;
            if ((index & 7) == 0 && end - from >= 8) {
                LONG.setRelease(view, index, (long) BYTES.get(source, from));
                step = 8;
            } else {
                VarHandle.releaseFence();
                view.put(index, source[from]);
            }
            from += step;
            at += step;
        }
    }

    private void check(long address, long length) {
        if (length != 0 && !map.contains(address, length)) {
            throw IommuException.of(Errno.EFAULT, "%s is not all memory", Hex.range(address, length));
        }
    }

    private ByteBuffer view(long address, int bytes) {
        long index = address >>> SHIFT;
        if (index >= views.length || (address & bytes - 1) != 0
                || (address & OFFSET_MASK) + bytes > views[(int) index].capacity()) {
            throw (address & bytes - 1) != 0
                    ? IommuException.of(Errno.EINVAL, "%s is not a multiple of %d", Hex.of(address), bytes)
                    : IommuException.of(Errno.EFAULT, "%s is not memory", Hex.of(address));
        }
        return views[(int) index];
    }
}
