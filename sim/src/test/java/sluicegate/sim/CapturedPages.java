package sluicegate.sim;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.zip.GZIPInputStream;
import sluicegate.api.platform.PhysicalMemory;

/** The pages of a capture as memory that nobody can write. */
public final class CapturedPages implements PhysicalMemory {
    private static final int PAGE = 4096;
    private final Map<Long, ByteBuffer> pages = new HashMap<>();

    public CapturedPages(Path file) {
        try (var in = new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            while (true) {
                long address = Long.reverseBytes(in.readLong());
                pages.put(address, ByteBuffer.wrap(in.readNBytes(PAGE)).order(ByteOrder.LITTLE_ENDIAN));
            }
        } catch (EOFException e) {
            // That was all.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean contains(long address, long length) {
        return pages.containsKey(address & -PAGE) && pages.containsKey(address + length - 1 & -PAGE);
    }

    @Override
    public long size() {
        return (long) pages.size() * PAGE;
    }

    @Override
    public long get64(long address) {
        return pages.get(address & -PAGE).getLong((int) (address & PAGE - 1));
    }

    @Override
    public long get64Acquire(long address) {
        return get64(address);
    }

    @Override
    public int get32(long address) {
        return pages.get(address & -PAGE).getInt((int) (address & PAGE - 1));
    }

    @Override
    public void set64(long address, long value) {
        throw readOnly();
    }

    @Override
    public void set64Release(long address, long value) {
        throw readOnly();
    }

    @Override
    public boolean compareAndSet64(long address, long expected, long value) {
        throw readOnly();
    }

    @Override
    public void set32Release(long address, int value) {
        throw readOnly();
    }

    @Override
    public void read(long address, byte[] target, int offset, int length) {
        throw new UnsupportedOperationException("not needed");
    }

    @Override
    public void write(long address, byte[] source, int offset, int length) {
        throw readOnly();
    }

    @Override
    public void fill64(long address, long first, long step, int count) {
        throw readOnly();
    }

    private static AssertionError readOnly() {
        return new AssertionError("a capture is only looked at");
    }
}
