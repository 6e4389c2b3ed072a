package sluicegate.shell;

import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;

/** Devices, and what is in front of them. */
@GogoCommand(scope = Command.SCOPE, function = "devices")
@Component(service = CommandFamily.class)
public final class DeviceCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public DeviceCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists devices with the unit, driver, group and domain that stand between them and memory.")
    Listing devices() {
        return Listing.of(List.of("device", "state", "unit", "driver", "group", "domain", "type"),
                platform.iommu().devices().stream().map(DeviceCommands::item).toList(),
                "No devices; iommu:boot starts a machine that has some.");
    }

    private static Item item(Device device) {
        return Item.of("device", device.name(), "state", device.state().word(), "unit", device.unit().map(Unit::name).orElse(null),
                "driver", device.unit().flatMap(Unit::driver).map(Iommu.DriverInfo::name).orElse(null),
                "group", device.group().map(Group::id).orElse(null),
                "domain", device.domain().map(Domain::name).orElse(null),
                "type", device.group().map(GroupCommands::type).orElse(null));
    }
}
