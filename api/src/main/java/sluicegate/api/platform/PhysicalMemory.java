package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * The memory of a machine as its bus masters see it: sparse, little-endian, addressed by physical address in bytes.
 *
 * <p>Tables and queues are read here by hardware and written by drivers at the same time, so each access says how it is
 * ordered. Names follow {@link java.lang.invoke.VarHandle}: plain {@code get64} and {@code set64} are atomic for each
 * aligned word (never torn) and otherwise unordered; {@code Acquire} and {@code Release} publish; {@code compareAndSet}
 * is a full barrier.
 *
 * <p>All methods are thread-safe. The word accesses need an address that is a multiple of their size and end in EINVAL
 * otherwise; every access outside memory ends in EFAULT. Accesses inside memory allocate nothing.
 */
@ProviderType
public interface PhysicalMemory {

    /** Whether all of {@code [address, address + length)} is memory. Never throws. */
    boolean contains(long address, long length);

    /** The total size in bytes. */
    long size();

    /** @throws IommuException EFAULT, EINVAL */
    long get64(long address);

    /** @throws IommuException EFAULT, EINVAL */
    void set64(long address, long value);

    /** @throws IommuException EFAULT, EINVAL */
    long get64Acquire(long address);

    /** @throws IommuException EFAULT, EINVAL */
    void set64Release(long address, long value);

    /**
     * Writes {@code value} if the word is {@code expected}; returns whether it did.
     *
     * @throws IommuException EFAULT, EINVAL
     */
    boolean compareAndSet64(long address, long expected, long value);

    /** @throws IommuException EFAULT, EINVAL */
    int get32(long address);

    /**
     * Writes four bytes without disturbing their neighbours.
     *
     * @throws IommuException EFAULT, EINVAL
     */
    void set32Release(long address, int value);

    /**
     * Copies bytes out of memory.
     *
     * @throws IommuException EFAULT if part of the range is not memory; nothing was copied then
     */
    void read(long address, byte[] target, int offset, int length);

    /**
     * Copies bytes into memory, in ascending order of addresses.
     *
     * @throws IommuException EFAULT if part of the range is not memory; nothing was copied then
     */
    void write(long address, byte[] source, int offset, int length);

    /**
     * Writes {@code count} consecutive words {@code first, first + step, first + 2 * step, ...}: the leaves of one table,
     * or zeros. One call for what would be a loop, so that its inner loop knows the representation of memory. The words
     * are published together by one release fence before the first is written; each word is written whole.
     *
     * @throws IommuException EFAULT, EINVAL; nothing was written then
     */
    void fill64(long address, long first, long step, int count);
}
