package sluicegate.api.platform;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/**
 * The interrupt vectors of a machine, for the driver of a unit or of a device. A driver asks for a vector, writes its message into the
 * hardware's registers, and is called when the hardware sends that message.
 *
 * <p>Thread-safe. Handlers run one at a time on a thread of the machine, never on the thread that issued a DMA; an
 * interrupt that comes while its handler runs leads to one more run. What a handler throws is logged and goes no further.
 */
@ProviderType
public interface Interrupts {

    /**
     * Allocates a vector and connects {@code handler} to it.
     *
     * <p>Where the hardware can't send messages, its wired interrupts are connected by name: the line {@code evtq} of a unit
     * to the vector whose name is the unit's, a dash and {@code evtq}.
     *
     * @param name for logs, such as {@code dmar0-fault}
     * @throws IommuException ENOSPC if no vector is left
     */
    Vector allocate(String name, Runnable handler);

    /** An allocated vector with the message signalled interrupt that triggers it. */
    @ProviderType
    interface Vector extends AutoCloseable {
        /** The address to which the hardware must write. */
        long address();

        /** The data that it must write there. */
        int data();

        /** Disconnects the handler and waits until no run of it is under way (unless called from the handler itself). */
        @Override
        void close();
    }
}
