package sluicegate.qemu.qtest;

import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * Registers of a unit or a device, each access one request. A write is not posted but waited for like a read: the unit has done what the
 * write asks for when it returns, which costs a driver nothing, because what it would do next is to ask whether it is done.
 * Thread-safe.
 */
public final class QtestWindow implements RegisterWindow {
    private final QtestChannel channel;
    private final String owner;
    private final long base;
    private final long size;

    /**
     * @param owner whose they are, for messages
     * @param base physical address of the window
     * @param size in bytes
     */
    public QtestWindow(QtestChannel channel, String owner, long base, long size) {
        this.channel = channel;
        this.owner = owner;
        this.base = base;
        this.size = size;
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public int read32(long offset) {
        check(offset, 4);
        channel.begin();
        try {
            int request = channel.read32(base + offset);
            channel.run();
            return (int) channel.value(request);
        } finally {
            channel.end();
        }
    }

    @Override
    public long read64(long offset) {
        check(offset, 8);
        channel.begin();
        try {
            int request = channel.read64(base + offset);
            channel.run();
            return channel.value(request);
        } finally {
            channel.end();
        }
    }

    @Override
    public void write32(long offset, int value) {
        check(offset, 4);
        channel.begin();
        try {
            channel.write32(base + offset, value);
            channel.run();
        } finally {
            channel.end();
        }
    }

    @Override
    public void write64(long offset, long value) {
        check(offset, 8);
        channel.begin();
        try {
            channel.write64(base + offset, value);
            channel.run();
        } finally {
            channel.end();
        }
    }

    /** QEMU checks less: it reads what is not there as ones, and some misaligned accesses abort it. */
    private void check(long offset, int bytes) {
        if (offset < 0 || offset > size - bytes || offset % bytes != 0) {
            throw IommuException.of(Errno.EINVAL, "Access of %d bytes at %s of %s: its register window has %s bytes, use a "
                    + "multiple of %d", bytes, Hex.of(offset), owner, Hex.of(size), bytes);
        }
    }
}
