package sluicegate.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * An address space in which one can live, as a process does: regions with permissions, pages that come with their first use,
 * copies on write. Thread-safe. Addresses and sizes are multiples of 4096.
 */
@ProviderType
public interface ProcessSpace extends AddressSpace, AutoCloseable {

    /**
     * Adds a region of zeroes at an address of the space's choice ({@code mmap}). No memory is taken for it yet.
     *
     * @param prot {@link sluicegate.api.types.Prot} bits
     * @throws IommuException EINVAL for a size of zero or one that is no multiple of a page; ENOMEM if it does not fit; ENOENT if the space
     *     has ended
     */
    long map(long size, int prot);

    /** Takes regions, or parts of them, away; their memory is free when no device can reach it ({@code munmap}). @throws IommuException EINVAL */
    void unmap(long address, long size);

    /**
     * Gives a range other permissions ({@code mprotect}).
     *
     * @throws IommuException EINVAL; ENOMEM if part of the range is in no region
     */
    void protect(long address, long size, int prot);

    /** A copy, which shares all memory with this one until either writes to it ({@code fork}). */
    ProcessSpace fork();

    /** Reads as a processor in the space would. @throws IommuException EFAULT if a page may not be read */
    void read(long address, byte[] target, int offset, int length);

    /** Writes as a processor in the space would. @throws IommuException EFAULT if a page may not be written */
    void write(long address, byte[] source, int offset, int length);

    /** By ascending address. */
    List<Region> regions();

    /** How many pages have memory. */
    long pages();

    /** Ends it: devices reach nothing any more, and all memory is given back. Harmless when repeated. */
    @Override
    void close();

    /** A range with one set of permissions. */
    record Region(long start, long size, int prot) {}
}
