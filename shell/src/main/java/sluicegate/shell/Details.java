package sluicegate.shell;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.driver.Capability;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Prot;
import sluicegate.api.types.ReservedRegion;

/** Everything that is known about one thing. */
final class Details {
    private Details() {}

    static Item of(Device device) {
        var properties = new ArrayList<Object>(List.of("device", device.name(), "kind", "device", "description",
                device.busDevice().description(), "state", device.state().word()));
        device.problem().ifPresent(problem -> put(properties, "problem", problem));
        put(properties, "bound", device.deviceDriver().map(DeviceDriver::name).orElse(null));
        put(properties, "unit", device.unit().map(Unit::name).orElse(null));
        put(properties, "driver", device.unit().flatMap(Unit::driver).map(Iommu.DriverInfo::name).orElse(null));
        put(properties, "group", device.group().map(Group::id).orElse(null));
        put(properties, "domain", device.domain().map(Domain::name).orElse(null));
        put(properties, "type", device.group().map(GroupCommands::type).orElse(null));
        put(properties, "owner", device.group().map(GroupCommands::owner).orElse(null));
        put(properties, "machine", device.busDevice().bus().machine().name());
        if (device.busDevice() instanceof PciFunction function) {
            putPci(properties, function);
        }
        put(properties, "pasid-bits", device.busDevice().pasidBits());
        put(properties, "in-reset", device.inReset());
        put(properties, "untrusted", device.busDevice().untrusted());
        put(properties, "capabilities", Arrays.stream(Capability.values()).filter(device::capable)
                .map(capability -> capability.name().toLowerCase(java.util.Locale.ROOT).replace('_', '-')).toList());
        put(properties, "reserved", regions(device.reservedRegions()));
        device.busDevice().properties().forEach((key, value) -> put(properties, key, value));
        return Item.of(properties.toArray());
    }

    private static void putPci(List<Object> properties, PciFunction function) {
        put(properties, "pci-id", String.format("%04x:%04x", function.vendorId(), function.deviceId()));
        put(properties, "class", String.format("%06x", function.classCode()));
        put(properties, "pcie-type", function.pcieType().name().toLowerCase(java.util.Locale.ROOT).replace('_', '-'));
        put(properties, "behind", function.upstreamBridge().map(BusDevice::name).orElse(null));
        function.busesBehind().ifPresent(
                buses -> put(properties, "buses", String.format("%02x-%02x", buses.secondary(), buses.subordinate())));
        put(properties, "acs", function.hasAcs()
                ? String.format("0x%04x of 0x%04x enabled", function.acsControl(), function.acsCapabilities())
                : null);
    }

    static Item of(Group group) {
        return Item.of("group", group.id(), "kind", "group", "type", GroupCommands.type(group),
                "name", group.name().orElse(null), "iommu", group.hasIommu(),
                "devices", group.devices().stream().map(Device::name).toList(), "domain", GroupCommands.domain(group),
                "default", group.defaultDomain().map(Domain::name).orElse(null),
                "owner", GroupCommands.owner(group), "users", group.users(),
                "reserved", regions(group.reservedRegions()));
    }

    static Item of(Unit unit) {
        var properties = new ArrayList<Object>(List.of("unit", unit.name(), "kind", "unit", "compatible", unit.compatible(),
                "machine", unit.machine(), "address", Hex.of(unit.baseAddress()), "state", unit.state().word()));
        unit.problem().ifPresent(problem -> put(properties, "problem", problem));
        put(properties, "driver", unit.driver().map(Iommu.DriverInfo::name).orElse(null));
        put(properties, "bundle",
                unit.driver().map(driver -> driver.bundle() + " " + driver.version()).orElse(null));
        put(properties, "devices", unit.devices().stream().map(Device::name).toList());
        return Item.of(properties.toArray());
    }

    static Item of(Domain domain) {
        boolean paging = domain.type().paging();
        return Item.of("domain", domain.name(), "kind", "domain", "type", domain.type().word(),
                "page-sizes", pageSizes(domain.pageSizes()),
                "aperture", paging ? "[" + Hex.of(domain.apertureStart()) + ", " + Hex.of(domain.apertureEnd()) + "]" : null,
                "parent", domain.parent().map(Domain::name).orElse(null),
                "dirty-tracking", domain.dirtyTracking() ? "on" : null,
                "devices", domain.attached().stream().map(Device::name).toList(),
                "mappings", domain.mappings().stream()
                        .map(mapping -> Item.of("iova", Hex.of(mapping.iova()), "address", Hex.of(mapping.address()),
                                "size", new Size(mapping.size()), "perms", Prot.toString(mapping.prot())))
                        .toList());
    }

    static Item of(Machine machine) {
        return Item.of("machine", machine.name(), "kind", "machine", "made-of", machine.kind(), "description",
                machine.description(), "memory", new Size(machine.memory().size()),
                "units", machine.units().stream().map(unit -> unit.name() + " (" + unit.compatible() + ")").toList(),
                "devices", machine.buses().stream().mapToInt(bus -> bus.devices().size()).sum(),
                "warnings", machine.warnings());
    }

    private static void put(List<Object> properties, String key, Object value) {
        properties.add(key);
        properties.add(value);
    }

    private static List<Item> regions(List<ReservedRegion> regions) {
        return regions.stream().map(region -> Item.of("start", Hex.of(region.start()), "end", Hex.of(region.end()), "type",
                region.type().word())).toList();
    }

    private static List<Size> pageSizes(long sizes) {
        var list = new ArrayList<Size>();
        for (long rest = sizes; rest != 0; rest &= rest - 1) {
            list.add(new Size(Long.lowestOneBit(rest)));
        }
        return list;
    }
}
