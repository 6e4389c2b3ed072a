package sluicegate.qemu.pci;

import sluicegate.api.platform.PciConfig;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.spec.pci.ConfigHeader;

/** Configuration space of one function, where QEMU has it. Thread-safe. */
final class QtestConfig implements PciConfig {
    private final QtestChannel channel;
    private final String function;
    private final long base;
    private final int size;
    private volatile Runnable commandWritten = () -> { };

    QtestConfig(QtestChannel channel, String function, long base, int size) {
        this.channel = channel;
        this.function = function;
        this.base = base;
        this.size = size;
    }

    /** Whom to tell after the command register was written. */
    void onCommand(Runnable listener) {
        commandWritten = listener;
    }

    @Override
    public int size() {
        return size;
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

    private int read(int offset, int bytes) {
        check(offset, bytes);
        channel.begin();
        try {
            int request = switch (bytes) {
                case 1 -> channel.read8(base + offset);
                case 2 -> channel.read16(base + offset);
                default -> channel.read32(base + offset);
            };
            channel.run();
            return (int) channel.value(request);
        } finally {
            channel.end();
        }
    }

    private void write(int offset, int bytes, int value) {
        check(offset, bytes);
        channel.begin();
        try {
            if (bytes == 2) {
                channel.write16(base + offset, value);
            } else {
                channel.write32(base + offset, value);
            }
            channel.run();
        } finally {
            channel.end();
        }
        if (offset == ConfigHeader.COMMAND.offset()) {
            commandWritten.run();
        }
    }

    private void check(int offset, int bytes) {
        if (offset < 0 || offset > size - bytes || offset % bytes != 0) {
            throw IommuException.of(Errno.EINVAL,
                    "Access of %d bytes at %s of the configuration space of %s: it has %s bytes, use a multiple of %d", bytes,
                    Hex.of(offset), function, Hex.of(size), bytes);
        }
    }
}
