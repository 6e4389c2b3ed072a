package sluicegate.core.impl;

import java.util.Optional;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * Where a device's own driver is bound to it ({@code really_probe}, {@code device_unbind_cleanup}). A driver only defers while
 * the device waits for its IOMMU: firmware is read and ids are translated by the IOMMU's probe, never from here.
 *
 * <p>Takes no probe lock. Its own monitor comes before the group's mutex.
 */
final class DeviceDriverSlot {
    private final CoreDevice device;
    private final UnboundPolicy unbound;
    private volatile DeviceDriver driver;
    /** The group whose default domain the driver uses. */
    private CoreGroup uses;

    DeviceDriverSlot(CoreDevice device, UnboundPolicy unbound) {
        this.device = device;
        this.unbound = unbound;
    }

    Optional<DeviceDriver> driver() {
        return Optional.ofNullable(driver);
    }

    synchronized void bind(DeviceDriver next) {
        if (driver != null) {
            throw IommuException.of(Errno.EBUSY, "Device %s is bound to %s; unbind it first", device.name(), driver.name());
        }
        requireBindable();
        if (!next.managesDma()) {
            var group = device.coreGroup();
            group.ifPresent(found -> found.useDefault(device));
            uses = group.orElse(null);
        }
        driver = next;
    }

    private void requireBindable() {
        var why = device.problem().orElse("it is just being probed");
        switch (device.state()) {
            case READY, NO_IOMMU -> { }
            case GONE -> throw IommuException.of(Errno.ENODEV, "Device %s was removed from its bus", device.name());
            case DEFERRED -> throw device.overdue()
                    ? IommuException.of(Errno.ETIMEDOUT, "Device %s has no driver for its IOMMU: %s", device.name(), why)
                    : IommuException.of(Errno.EPROBE_DEFER, "Device %s must wait for its IOMMU, then bind it again: %s",
                            device.name(), why);
            case FAILED -> {
                if (device.description().isPresent()) {
                    throw IommuException.of(Errno.ENODEV, "Device %s is refused all DMA by its IOMMU: %s", device.name(), why);
                }
                // Firmware makes no sense: the device goes on without an IOMMU.
            }
        }
    }

    synchronized void unbind() {
        if (driver == null) {
            throw IommuException.of(Errno.ENODEV, "Device %s is bound to no driver", device.name());
        }
        evict();
    }

    /** The device leaves its group or its bus, and so its driver leaves the device. Harmless if there is none. */
    synchronized void evict() {
        driver = null;
        device.driverUnbound();
        if (uses != null) {
            var group = uses;
            uses = null;
            group.locked(() -> {
                if (!group.members().isEmpty()) {
                    group.unuseDefault(unbound);
                }
            });
        }
    }
}
