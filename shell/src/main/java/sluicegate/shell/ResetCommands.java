package sluicegate.shell;

import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** What the IOMMU does about the reset of a device. */
@GogoCommand(scope = Command.SCOPE, function = "reset")
@Component(service = CommandFamily.class)
public final class ResetCommands extends CommandFamily {

    @Activate
    public ResetCommands(@Reference Platform platform) {
        super(platform);
    }

    @Descriptor("Blocks a device for the time of a reset, then attaches it again. With --begin it stays blocked until --end.")
    Item reset(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("only block it") @Parameter(names = "--begin", presentValue = "true", absentValue = "false") boolean begin,
            @Descriptor("only attach it again") @Parameter(names = "--end", presentValue = "true", absentValue = "false") boolean end) {
        if (device.group().filter(Group::hasIommu).isEmpty()) {
            throw new IommuException(Errno.ENODEV, device.name() + " is in no group: no IOMMU with a driver is in front of it");
        }
        if (end && !begin && !device.inReset()) {
            throw new IommuException(Errno.EINVAL, device.name() + " is not being reset; iommu:reset --begin does that");
        }
        if (begin || !end) {
            device.prepareReset();
        }
        if (end || !begin) {
            device.resetDone();
        }
        var domain = device.domain().map(Domain::name).orElse(null);
        return Item.of("device", device.name(), "in-reset", device.inReset(), "domain", domain)
                .shownAs(device.name() + outcome(device, domain));
    }

    private static String outcome(Device device, String domain) {
        if (device.inReset()) {
            return " is being reset: its DMA is refused, and its group stays on record in " + domain;
        }
        return device.hasIommu() ? device.problem().map(problem -> " is reset. " + problem)
                        .orElse(" is reset and attached to " + domain + " again")
                : " is reset and stays blocked: its unit has no driver that could attach it to " + domain;
    }
}
