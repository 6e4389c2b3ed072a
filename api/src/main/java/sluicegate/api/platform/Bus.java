package sluicegate.api.platform;

import java.util.Collection;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * A bus of a machine with the devices on it ({@code struct bus_type}, but one for each machine). Published as an OSGi
 * service. Thread-safe.
 */
@ProviderType
public interface Bus {

    /** {@code pci} or {@code platform}. */
    String type();

    Machine machine();

    /** The devices that are there now. On PCI, a bridge comes before what is behind it. */
    Collection<? extends BusDevice> devices();

    /**
     * Tells {@code listener} of every device that is there, then of those that come and go, each exactly once and in
     * order. Returns when it has been told of all that are there; from its {@code close} on it is told nothing.
     */
    Subscription subscribe(Listener listener);

    /**
     * Reads what firmware says about a device's DMA ({@code bus_type::dma_configure}): the unit in front of it and the ids
     * under which the unit knows it. The core calls this from its own probe.
     *
     * @return empty if firmware puts no unit in front of the device
     * @throws IommuException EINVAL if what firmware says makes no sense
     */
    Optional<DmaDescription> dmaConfigure(BusDevice device);

    /**
     * The unit that firmware puts in front of a requester id, whether it belongs to a device or not: bridges use ids that
     * are no function's.
     *
     * @return empty if firmware puts none there, or if the bus is not PCI or does not know
     */
    default Optional<IommuUnit> unitInFrontOf(PciAddress requester) {
        return Optional.empty();
    }

    /**
     * Takes a device off the bus, and what is behind it ({@code /sys/bus/pci/devices/.../remove}). It stays where it is
     * physically: {@link #rescan} finds it again, as a new device. None of its DMAs is under way on return.
     *
     * @throws IommuException ENODEV if it is not on the bus; EOPNOTSUPP if nothing can be taken off this bus
     */
    default void remove(BusDevice device) {
        throw IommuException.of(Errno.EOPNOTSUPP, "Nothing can be taken off the %s bus of machine %s", type(), machine().name());
    }

    /**
     * Looks for devices that are there and not on the bus ({@code /sys/bus/pci/rescan}).
     *
     * @return how many came
     * @throws IommuException EOPNOTSUPP if nothing can come to this bus
     */
    default int rescan() {
        throw IommuException.of(Errno.EOPNOTSUPP, "Nothing can come to the %s bus of machine %s", type(), machine().name());
    }

    /** What a bus tells about its devices. Called without locks of the bus held. */
    interface Listener {
        void added(BusDevice device);

        void removed(BusDevice device);
    }

    /** Ends a {@link #subscribe subscription}. */
    interface Subscription extends AutoCloseable {
        @Override
        void close();
    }
}
