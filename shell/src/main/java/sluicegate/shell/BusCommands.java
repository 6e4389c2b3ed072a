package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.DeviceDriver;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** What happens to devices on their buses: drivers are bound to them and unbound, they are taken off and found again. */
@GogoCommand(scope = Command.SCOPE, function = {"bind", "remove", "rescan", "unbind"})
@Component(service = CommandFamily.class)
public final class BusCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public BusCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Binds a device's own driver, which uses the default domain of its group. Fails while the IOMMU has no driver.")
    Item bind(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("name of the driver, any word") String driver,
            @Descriptor("it sees to domains itself, as VFIO does, and will claim the group")
            @Parameter(names = "--manages-dma", presentValue = "true", absentValue = "false") boolean managesDma) {
        device.bind(new DeviceDriver(driver, managesDma));
        return item(device).shownAs(device.name() + " is bound to " + driver);
    }

    @Descriptor("Unbinds a device's own driver. The device stays in its group and domain: it is not removed.")
    Item unbind(@Descriptor("a device that iommu:bind bound") Device device) {
        var before = device.deviceDriver();
        device.unbind();
        return item(device).shownAs(String.format("%s is unbound%s%s", device.name(),
                before.map(driver -> " from " + driver.name()).orElse(""),
                device.group().map(group -> " and stays in group " + group.id()).orElse("")));
    }

    private static Item item(Device device) {
        return Item.of("device", device.name(), "bound", device.deviceDriver().map(DeviceDriver::name).orElse(null),
                "group", device.group().map(Group::id).orElse(null), "domain", device.domain().map(Domain::name).orElse(null));
    }

    @Descriptor("Takes a device off its bus, with what is behind it. It leaves its group; iommu:rescan finds it again.")
    Item remove(@Descriptor("a device that iommu:devices lists") Device device) {
        device.busDevice().bus().remove(device.busDevice());
        return Item.of("device", device.name(), "state", device.state().word()).shownAs(device.name() + " is removed");
    }

    @Descriptor("Looks for devices that are there and not on their bus.")
    Item rescan(@Descriptor("machines to look at; all that run if none is named") Machine... machine) {
        int found = 0;
        var refused = new ArrayList<IommuException>();
        boolean any = false;
        for (var each : machine.length == 0 ? platform.machines().running() : List.of(machine)) {
            for (var bus : each.buses()) {
                try {
                    found += bus.rescan();
                    any = true;
                } catch (IommuException e) {
                    if (e.errno() != Errno.EOPNOTSUPP) {
                        throw e;
                    }
                    refused.add(e);
                }
            }
        }
        if (!any && !refused.isEmpty()) {
            throw refused.get(0);
        }
        return Item.of("found", found).shownAs(found == 1 ? "1 device found" : found + " devices found");
    }
}
