package sluicegate.shell;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.PageRequestCounts;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Page requests of devices: what became of them, and more of them than anybody wants. */
@GogoCommand(scope = Command.SCOPE, function = {"request-storm", "requests"})
// Kept between two commands: a storm goes on.
@Component(service = CommandFamily.class, immediate = true)
public final class PageRequestCommands extends CommandFamily {
    private final Platform platform;
    private final Map<String, RequestStorm> storms = new ConcurrentHashMap<>();

    /** What is done with a storm. */
    enum Change {
        START,
        STOP
    }

    @Activate
    public PageRequestCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Deactivate
    void deactivate() {
        storms.values().forEach(RequestStorm::stop);
    }

    @Descriptor("Lists devices that have asked for pages, and what they were told.")
    Listing requests() {
        return Listing.of(List.of("device", "received", "discarded", "succeeded", "invalid", "failed", "outstanding", "stopped"),
                platform.iommu().devices().stream().filter(device -> device.pageRequests().received() != 0)
                        .map(PageRequestCommands::item).toList(),
                "No device has asked for a page; iommu:dma with a PASID of an address space makes one ask.");
    }

    private static Item item(Device device) {
        PageRequestCounts counts = device.pageRequests();
        return Item.of("device", device.name(), "received", counts.received(), "discarded", counts.discarded(), "succeeded",
                counts.succeeded(), "invalid", counts.invalid(), "failed", counts.failed(), "outstanding", counts.outstanding(), "stopped", counts.stopped());
    }

    @Descriptor("Lets a device ask for pages without end, as one that misbehaves; iommu:requests shows what it is told.")
    Item requestStorm(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("whether it is to begin or to end") Change change,
            @Descriptor("under this PASID") @Parameter(names = "--pasid", absentValue = Pasids.NONE) String pasid) {
        int id = Pasids.parse(pasid);
        if (change == Change.STOP) {
            var storm = storms.remove(device.name());
            if (storm == null) {
                throw IommuException.of(Errno.EINVAL, "No storm of %s is under way", device.name());
            }
            long sent = storm.stop();
            return Item.of("device", device.name(), "sent", sent, "problem", storm.problem().orElse(null)).shownAs(String.format(
                    "%s has asked for %,d pages%s", device.name(), sent, storm.problem().map(why -> ", until: " + why).orElse("")));
        }
        var storm = new RequestStorm(device.name(), device.busDevice().dma(), id);
        if (storms.putIfAbsent(device.name(), storm) != null) {
            throw IommuException.of(Errno.EBUSY, "A storm of %s is under way; stop that first", device.name());
        }
        try {
            storm.start();
        } catch (IommuException e) {
            storms.remove(device.name(), storm);
            throw e;
        }
        return Item.of("device", device.name(), "sent", 0L).shownAs(device.name() + " asks for pages until it is stopped");
    }
}
