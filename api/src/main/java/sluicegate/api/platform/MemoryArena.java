package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * Memory of a machine set aside for the tables and queues of one unit.
 *
 * <p>It belongs to the unit and not to a driver: what a driver allocated stays allocated, at the same address, when the
 * driver's bundle is gone, so that hardware may go on reading it and the next driver may take it over.
 *
 * <p>Thread-safe.
 */
@ProviderType
public interface MemoryArena {

    /** Size of a page and smallest allocation, in bytes. */
    int PAGE_SIZE = 4096;

    /**
     * Allocates zeroed memory.
     *
     * @param size in bytes, rounded up to a power of two of at least {@link #PAGE_SIZE}; the address is aligned to that
     * @throws IommuException ENOMEM if the machine has no such block left; EINVAL for a size of zero or less
     */
    long allocate(long size);

    /**
     * Gives memory back. The caller guarantees that the hardware has forgotten it.
     *
     * @param address as {@link #allocate} returned it
     * @param size as it was given to {@link #allocate}
     * @throws IommuException EINVAL if no such allocation exists
     */
    void free(long address, long size);

    /**
     * Whether an allocation begins at {@code address}. So a driver knows which of the tables that an earlier one left are the unit's own,
     * and which are an address space's, that devices shared and that may be used for something else by now. A platform that can't tell
     * says that it does.
     */
    default boolean holds(long address) {
        return true;
    }

    /** Bytes allocated at the moment; 0 when a driver has given back all that it took. */
    long allocatedBytes();
}
