package sluicegate.core.impl;

import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.core.impl.dma.DmaRoute;
import sluicegate.core.impl.dma.DmaSpace;

/** Where what a device's driver maps has to be mapped: in the default domain of its group, if that translates. */
final class DeviceRoute implements DmaRoute {
    private final CoreDevice device;

    DeviceRoute(CoreDevice device) {
        this.device = device;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public Optional<DmaSpace> toMap() {
        var group = device.coreGroup();
        if (group.isEmpty()) {
            requireDirect();
            return Optional.empty();
        }
        if (device.inReset()) {
            throw IommuException.of(Errno.EBUSY, "Device %s is blocked while it is being reset; map when that is done", device.name());
        }
        var own = group.get().ownDomain();
        if (own.isEmpty()) {
            throw IommuException.of(Errno.EPROBE_DEFER, "Device %s has no default domain yet: it is just being probed", device.name());
        }
        if (group.get().domain() != own.get()) {
            throw IommuException.of(Errno.EBUSY, "Device %s is attached to domain %s, and buffers are mapped in its default domain %s; "
                    + "return it to that, or bind its driver, first", device.name(), group.get().domain().name(), own.get().name());
        }
        return space(own.get());
    }

    @Override
    public Optional<DmaSpace> toUnmap() {
        var group = device.coreGroup();
        var own = group.isEmpty() ? Optional.<CoreDomain>empty() : group.get().ownDomain();
        return own.isEmpty() ? Optional.empty() : space(own.get());
    }

    private static Optional<DmaSpace> space(CoreDomain domain) {
        return domain.type().paging() ? domain.dma() : Optional.empty();
    }

    /** As for binding a driver: without a group a device reaches memory only if no IOMMU is in front of it. */
    private void requireDirect() {
        var why = device.problem().orElse("it is just being probed");
        switch (device.state()) {
            case NO_IOMMU -> { }
            case GONE -> throw IommuException.of(Errno.ENODEV, "Device %s was removed from its bus", device.name());
            case DEFERRED, READY -> throw IommuException.of(Errno.EPROBE_DEFER, "Device %s must wait for its IOMMU: %s", device.name(), why);
            case FAILED -> {
                if (device.description().isPresent()) {
                    throw IommuException.of(Errno.ENODEV, "Device %s is refused all DMA by its IOMMU: %s", device.name(), why);
                }
            }
        }
    }
}
