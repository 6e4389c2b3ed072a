package sluicegate.firmware;

import java.util.Objects;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The configuration space of one PCI function as it was at some moment.
 *
 * @param address where the function is
 * @param description one line for people; may be empty
 * @param config the bytes, 256 or 4096 of them; what was not in the source is zero; copied on the way in and out
 * @param source where it was read, such as {@code pci.txt, line 12}
 */
public record PciConfigImage(PciAddress address, String description, byte[] config, String source) {

    public PciConfigImage {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(source, "source");
        if (config.length != 256 && config.length != 4096) {
            throw IommuException.of(Errno.EINVAL, "%s: configuration space of %s has %d bytes instead of 256 or 4096",
                    source, address, config.length);
        }
        config = config.clone();
    }

    @Override
    public byte[] config() {
        return config.clone();
    }

    /** 256 or 4096. */
    public int size() {
        return config.length;
    }

    /** Reads a byte; 0 outside {@link #size}. */
    public int read8(int offset) {
        return offset >= 0 && offset < config.length ? config[offset] & 0xff : 0;
    }

    /** Reads two bytes, little-endian; 0 outside {@link #size}. */
    public int read16(int offset) {
        return read8(offset) | read8(offset + 1) << 8;
    }

    /** Reads four bytes, little-endian; 0 outside {@link #size}. */
    public int read32(int offset) {
        return read16(offset) | read16(offset + 2) << 16;
    }

    /** {@code 0000:00:1f.2 SATA controller (pci.txt, line 12)}. */
    @Override
    public String toString() {
        return address + (description.isEmpty() ? "" : " " + description) + " (" + source + ")";
    }
}
