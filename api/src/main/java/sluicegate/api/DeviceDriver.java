package sluicegate.api;

import java.util.Objects;

/**
 * What drives a device itself, not its IOMMU ({@code struct device_driver}): a network driver, or one that gives the device
 * to a virtual machine.
 *
 * @param name short name, such as {@code e1000e}
 * @param managesDma whether it sees to the device's domains itself, as VFIO does ({@code driver_managed_dma}); others use the
 *     default domain of the device's group, which must not be taken from under them
 */
public record DeviceDriver(String name, boolean managesDma) {
    public DeviceDriver {
        Objects.requireNonNull(name, "name");
    }

    /** A driver that uses the default domain, as most do. */
    public static DeviceDriver named(String name) {
        return new DeviceDriver(name, false);
    }
}
