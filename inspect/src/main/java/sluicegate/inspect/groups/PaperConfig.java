package sluicegate.inspect.groups;

import sluicegate.api.platform.PciConfig;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;

/** Configuration space in which bits can be set, to see what that would change. Thread-safe. */
final class PaperConfig implements PciConfig {
    private final byte[] bytes;

    PaperConfig(PciConfigImage image) {
        bytes = image.config();
    }

    @Override
    public int size() {
        return bytes.length;
    }

    @Override
    public int read8(int offset) {
        return (int) read(offset, 1);
    }

    @Override
    public int read16(int offset) {
        return (int) read(offset, 2);
    }

    @Override
    public int read32(int offset) {
        return (int) read(offset, 4);
    }

    @Override
    public void write16(int offset, int value) {
        write(offset, 2, value);
    }

    @Override
    public void write32(int offset, int value) {
        write(offset, 4, value);
    }

    private synchronized long read(int offset, int size) {
        check(offset, size);
        long value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = value << 8 | bytes[offset + i] & 0xff;
        }
        return value;
    }

    private synchronized void write(int offset, int size, int value) {
        check(offset, size);
        for (int i = 0; i < size; i++) {
            bytes[offset + i] = (byte) (value >>> 8 * i);
        }
    }

    private void check(int offset, int size) {
        if (offset < 0 || offset > bytes.length - size || offset % size != 0) {
            throw IommuException.of(Errno.EINVAL, "Offset 0x%x is misaligned, or outside a configuration space of %d bytes", offset,
                    bytes.length);
        }
    }
}
