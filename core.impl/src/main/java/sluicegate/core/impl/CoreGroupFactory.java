package sluicegate.core.impl;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DeviceGroup;
import sluicegate.api.driver.GroupFactory;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.pci.PciGrouping;

/**
 * Finds or makes the group of a device. A device that is in a group already, because another driver served it before, stays
 * there whatever is asked. Used under the probe lock.
 */
final class CoreGroupFactory implements GroupFactory {
    private final Registry registry;
    private final CoreUnit unit;
    private final DefaultDomains defaults;
    private final PciGrouping<CoreGroup> pci;

    CoreGroupFactory(Registry registry, CoreUnit unit, DefaultDomains defaults) {
        this.registry = registry;
        this.unit = unit;
        this.defaults = defaults;
        this.pci = new PciGrouping<>(function -> registry.device(function).flatMap(CoreDevice::coreGroup),
                registry::onBusOf);
    }

    @Override
    public DeviceGroup pciDeviceGroup(DeviceContext device) {
        if (!(device.device() instanceof PciFunction function)) {
            throw IommuException.of(Errno.EINVAL, "Device %s is no PCI function, so it has no PCI group", device.name());
        }
        return reference(device, pci.find(function));
    }

    @Override
    public DeviceGroup genericDeviceGroup(DeviceContext device) {
        return reference(device, Optional.empty());
    }

    @Override
    public DeviceGroup singleDeviceGroup(DeviceContext device) {
        var group = reference(device, unit.single());
        unit.setSingle(group.group());
        return group;
    }

    private GroupReferences reference(DeviceContext device, Optional<CoreGroup> found) {
        var group = registry.device(device.device()).flatMap(CoreDevice::coreGroup).or(() -> found);
        if (group.isPresent()) {
            group.get().references().reference();
            return group.get().references();
        }
        return registry.groups().add(id -> new CoreGroup(id, unit, defaults, this::free)).references();
    }

    /** The last member and the last reference are gone. */
    private void free(CoreGroup group) {
        group.locked(() -> {
            group.ownership().end();
            group.pasids().clear();
            group.domain().dismiss(group, Pasid.NONE);
            group.ownDomain().ifPresent(own -> {
                own.dismiss(group, Pasid.NONE);
                if (own.use() == CoreDomain.Use.DEFAULT) {
                    own.retire();
                }
            });
            if (unit.single().filter(single -> single == group).isPresent()) {
                unit.setSingle(null);
            }
            registry.groups().remove(group);
        });
    }
}
