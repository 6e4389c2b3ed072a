package sluicegate.api.driver;

import org.osgi.annotation.versioning.ProviderType;

/**
 * The core's ways of finding the group of a device, for {@link IommuOps#deviceGroup}. Every method returns a group with a
 * reference that the caller owns and hands on by returning the group.
 */
@ProviderType
public interface GroupFactory {

    /**
     * The group of a PCI function by DMA aliases, bridges, ACS and non-isolated functions ({@code pci_device_group}).
     *
     * @throws sluicegate.api.types.IommuException EINVAL if the device is no PCI function
     */
    DeviceGroup pciDeviceGroup(DeviceContext device);

    /** A group of its own ({@code generic_device_group}). */
    DeviceGroup genericDeviceGroup(DeviceContext device);

    /** One group for all devices of the unit ({@code generic_single_device_group}). */
    DeviceGroup singleDeviceGroup(DeviceContext device);
}
