package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * Configuration space of a PCI function. Little-endian; thread-safe. Bytes that are not there read as zero, as
 * unimplemented registers do.
 */
@ProviderType
public interface PciConfig {

    /** 256 for conventional, 4096 for PCI Express functions. */
    int size();

    /** @throws IommuException EINVAL outside {@link #size} */
    int read8(int offset);

    /** @throws IommuException EINVAL outside {@link #size} or misaligned */
    int read16(int offset);

    /** @throws IommuException EINVAL outside {@link #size} or misaligned */
    int read32(int offset);

    /** Writes the bits that are writable. @throws IommuException EINVAL outside {@link #size} or misaligned */
    void write16(int offset, int value);

    /** Writes the bits that are writable. @throws IommuException EINVAL outside {@link #size} or misaligned */
    void write32(int offset, int value);
}
