package sluicegate.core.impl.dma;

import java.util.Optional;
import sluicegate.api.Device;

/** Which way a device's DMA goes now. */
public interface DmaRoute {
    Device device();

    /**
     * For mapping.
     *
     * @return empty if the device reaches memory directly
     * @throws sluicegate.api.types.IommuException ENODEV, EPROBE_DEFER, EBUSY if it reaches nothing that is mapped now
     */
    Optional<DmaSpace> toMap();

    /** For unmapping: where it was mapped, if that is there still. */
    Optional<DmaSpace> toUnmap();
}
