package sluicegate.sim.pci;

import sluicegate.api.platform.PciConfig;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;

/** Configuration space of one function: an image with some bits that can be written. Thread-safe. */
final class ConfigSpace implements PciConfig {
    private final String function;
    private final byte[] bytes;
    private final byte[] writable;
    private volatile Runnable changed = () -> { };

    /** @param function name of the function, for messages */
    ConfigSpace(String function, PciConfigImage image) {
        this.function = function;
        this.bytes = image.config();
        this.writable = ConfigMasks.of(image);
    }

    /** Whom to tell after a write changed something; called without a lock. */
    void onChange(Runnable listener) {
        changed = listener;
    }

    @Override
    public int size() {
        return bytes.length;
    }

    @Override
    public int read8(int offset) {
        return read(offset, 1);
    }

    @Override
    public int read16(int offset) {
        return read(offset, 2);
    }

    @Override
    public int read32(int offset) {
        return read(offset, 4);
    }

    @Override
    public void write16(int offset, int value) {
        write(offset, 2, value);
    }

    @Override
    public void write32(int offset, int value) {
        write(offset, 4, value);
    }

    private synchronized int read(int offset, int size) {
        check(offset, size);
        int value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | bytes[offset + i] & 0xff;
        }
        return value;
    }

    private void write(int offset, int size, int value) {
        boolean different = false;
        synchronized (this) {
            check(offset, size);
            for (int i = 0; i < size; i++) {
                int mask = writable[offset + i];
                byte updated = (byte) (bytes[offset + i] & ~mask | value >>> 8 * i & mask);
                different |= updated != bytes[offset + i];
                bytes[offset + i] = updated;
            }
        }
        if (different) {
            changed.run();
        }
    }

    private void check(int offset, int size) {
        if (offset < 0 || offset > bytes.length - size || offset % size != 0) {
            throw IommuException.of(Errno.EINVAL,
                    "Access of %d bytes at %s of the configuration space of %s: it has %s bytes, use a multiple of %d", size,
                    Hex.of(offset), function, Hex.of(bytes.length), size);
        }
    }
}
