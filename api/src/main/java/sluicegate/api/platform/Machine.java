package sluicegate.api.platform;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * A machine that is running: memory, units and buses. Published as an OSGi service, together with each of its units and
 * buses, from boot to power-off.
 *
 * <p>Thread-safe.
 */
@ProviderType
public interface Machine {

    /** Name under which it was booted; unique among running machines. */
    String name();

    /** What it is made of: {@code embedded}, {@code qemu}, {@code capture}. */
    String kind();

    /** One line about it for people. */
    String description();

    PhysicalMemory memory();

    /**
     * Allocates zeroed memory for data, such as a DMA buffer, apart from every unit's arena.
     *
     * @param size in bytes, rounded up to whole pages of 4 KiB; the address is aligned to the largest power of two
     *     that divides the rounded size or is not above it, at most 1 GiB, so that large pages can map it
     * @throws sluicegate.api.types.IommuException ENOMEM if no such block is left, EINVAL for a size of zero or less
     */
    long allocate(long size);

    /** @throws sluicegate.api.types.IommuException EINVAL if nothing was allocated at {@code address} */
    void free(long address);

    /** In the order of the firmware's table. */
    List<IommuUnit> units();

    List<Bus> buses();

    /** What its firmware says that makes no sense, one sentence each with file and offset, and what was done about it. */
    List<String> warnings();

    /**
     * Why nothing works any more, in a sentence; empty while the machine runs. What has failed stays published, so that it can be
     * looked at, until {@link #powerOff}. Only what can die by itself, such as another process, has anything to say here.
     */
    default Optional<String> failure() {
        return Optional.empty();
    }

    /** Withdraws its services and stops it. Harmless when it is off already. */
    void powerOff();
}
