package sluicegate.firmware;

import java.util.Objects;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.ByteField;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.HeaderTypeRegister;

/**
 * The configuration space of one PCI function as it was at some moment.
 *
 * @param address where the function is
 * @param description one line for people; may be empty
 * @param config the bytes, 256 or 4096 of them; what was not in the source is zero; copied on the way in and out
 * @param source where it was read, such as {@code pci.txt, line 12}
 */
public record PciConfigImage(PciAddress address, String description, byte[] config, String source) {
    /** Header layout of a bridge to CardBus, whose bus numbers are where those of a PCI bridge are. */
    private static final int CARDBUS_BRIDGE = 2;

    public PciConfigImage {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(description, "description");
        Objects.requireNonNull(source, "source");
        if (config.length != ConfigHeader.CONFIG_SPACE && config.length != ConfigHeader.EXTENDED_CONFIG_SPACE) {
            throw IommuException.of(Errno.EINVAL, "%s: configuration space of %s has %d bytes instead of %d or %d",
                    source, address, config.length, ConfigHeader.CONFIG_SPACE, ConfigHeader.EXTENDED_CONFIG_SPACE);
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

    /** Class, subclass and programming interface: 24 bits. */
    public int classCode() {
        return header(ConfigHeader.CLASS_CODE);
    }

    /** Layout of the header: 0 for a normal function, 1 for a bridge. */
    public int headerLayout() {
        return (int) HeaderTypeRegister.HEADER_LAYOUT.get(header(ConfigHeader.HEADER_TYPE));
    }

    /** Whether other functions may share its slot. */
    public boolean multifunction() {
        return HeaderTypeRegister.MULTI_FUNCTION.isSet(header(ConfigHeader.HEADER_TYPE));
    }

    /** Whether its header is that of a bridge to another bus. */
    public boolean isBridge() {
        return headerLayout() == HeaderTypeRegister.BRIDGE || headerLayout() == CARDBUS_BRIDGE;
    }

    /** The bus directly behind a bridge; 0 if it was not set up or is none. */
    public int secondaryBus() {
        return isBridge() ? header(ConfigHeader.SECONDARY_BUS) : 0;
    }

    /** The highest bus behind a bridge; 0 if it was not set up or is none. */
    public int subordinateBus() {
        return isBridge() ? header(ConfigHeader.SUBORDINATE_BUS) : 0;
    }

    private int header(ByteField field) {
        return (int) field.get(config, 0);
    }

    /** {@code 0000:00:1f.2 SATA controller (pci.txt, line 12)}. */
    @Override
    public String toString() {
        return address + (description.isEmpty() ? "" : " " + description) + " (" + source + ")";
    }
}
