package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * A window of memory-mapped registers.
 *
 * <p>Accesses are ordered as a CPU orders accesses to uncached memory: each is complete, with its effect on the
 * hardware started, before the next begins, and every store to memory before a register write is visible to the hardware
 * when it sees that write. Thread-safe; offsets are in bytes, aligned to the access.
 */
@ProviderType
public interface RegisterWindow {

    /** Size of the window in bytes. */
    long size();

    /** @throws IommuException EINVAL for an offset outside the window, misaligned, or where the hardware has no register */
    int read32(long offset);

    /** @throws IommuException EINVAL as for {@link #read32} */
    long read64(long offset);

    /** @throws IommuException EINVAL as for {@link #read32}, or if the register cannot be written in the present state */
    void write32(long offset, int value);

    /** @throws IommuException EINVAL as for {@link #write32} */
    void write64(long offset, long value);
}
