package sluicegate.capture;

import sluicegate.api.platform.PciConfig;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.PciConfigImage;

/** Configuration space as it was. Immutable. */
final class CapturedConfig implements PciConfig {
    private final String function;
    private final PciConfigImage image;

    CapturedConfig(String function, PciConfigImage image) {
        this.function = function;
        this.image = image;
    }

    @Override
    public int size() {
        return image.size();
    }

    @Override
    public int read8(int offset) {
        return image.read8(checked(offset, 1));
    }

    @Override
    public int read16(int offset) {
        return image.read16(checked(offset, 2));
    }

    @Override
    public int read32(int offset) {
        return image.read32(checked(offset, 4));
    }

    private int checked(int offset, int bytes) {
        if (offset < 0 || offset > image.size() - bytes || offset % bytes != 0) {
            throw IommuException.of(Errno.EINVAL, "Access of %d bytes at %s of the configuration space of %s: it has %s bytes, use a "
                    + "multiple of %d", bytes, Hex.of(offset), function, Hex.of(image.size()), bytes);
        }
        return offset;
    }

    @Override
    public void write16(int offset, int value) {
        throw ReadOnly.refusal("Configuration space of " + function);
    }

    @Override
    public void write32(int offset, int value) {
        throw ReadOnly.refusal("Configuration space of " + function);
    }
}
