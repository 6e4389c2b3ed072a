package sluicegate.shell;

import java.util.List;
import java.util.Set;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/** Domains: allocating, attaching devices, detaching, freeing. */
@GogoCommand(scope = Command.SCOPE, function = {"attach", "detach", "domain-alloc", "domain-free", "domains"})
@Component(service = CommandFamily.class)
public final class DomainCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public DomainCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists domains, default domains among them.")
    Listing domains() {
        return Listing.of(List.of("domain", "type", "devices", "mappings"),
                platform.iommu().domains().stream().map(DomainCommands::item).toList(),
                "No domains; iommu:domain-alloc makes one for a device.");
    }

    private static Item item(Domain domain) {
        return Item.of("domain", domain.name(), "type", domain.type().word(),
                "devices", domain.attached().stream().map(Device::name).toList(), "mappings", domain.mappings().size());
    }

    @Descriptor("Allocates a domain that suits a device. Nothing is mapped in it and nothing attached to it.")
    Item domainAlloc(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("what kind of domain") @Words("unmanaged")
            @Parameter(names = "--type", absentValue = "unmanaged") String type) {
        if (!type.equals(DomainType.UNMANAGED.word())) {
            throw IommuException.of(Errno.EOPNOTSUPP,
                    "A domain of type '%s' cannot be allocated by hand: only unmanaged ones can", type);
        }
        var domain = platform.iommu().allocateDomain(device, Set.of());
        return Item.of("domain", domain.name(), "type", domain.type().word()).shownAs(
                String.format("%s: %s domain for %s", domain.name(), domain.type().word(), device.name()));
    }

    @Descriptor("Attaches a device to a domain: from now on its DMA goes by the domain's mappings.")
    Item attach(@Descriptor("a domain that iommu:domains lists") Domain domain,
            @Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("attach only the requests that carry this PASID")
            @Parameter(names = "--pasid", absentValue = Pasids.NONE) String pasid,
            @Descriptor("attach all members of its group, which is the only way if it has several")
            @Parameter(names = "--group", presentValue = "true", absentValue = "false") boolean wholeGroup) {
        int id = pasidOrGroup(pasid, wholeGroup);
        if (id != Pasid.NONE) {
            domain.attach(device, id);
        } else if (wholeGroup) {
            groupOf(device).attach(domain);
        } else {
            domain.attach(device);
        }
        return item(device, domain, id).shownAs(
                String.format("%s%s is attached to %s", subject(device, wholeGroup), Pasids.suffix(id), domain.name()));
    }

    @Descriptor("Returns a device to the default domain of its group, or blocks one of its PASIDs.")
    Item detach(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("detach only this PASID") @Parameter(names = "--pasid", absentValue = Pasids.NONE) String pasid,
            @Descriptor("detach all members of its group")
            @Parameter(names = "--group", presentValue = "true", absentValue = "false") boolean wholeGroup) {
        int id = pasidOrGroup(pasid, wholeGroup);
        if (id != Pasid.NONE) {
            var domain = detachPasid(device, id);
            return item(device, domain, id).shownAs(
                    String.format("%s%s is detached from %s", device.name(), Pasids.suffix(id), domain.name()));
        }
        var before = device.domain().orElseThrow(() -> new IommuException(Errno.ENODEV,
                device.name() + " is in no domain: no IOMMU with a driver is in front of it"));
        if (device.group().flatMap(Group::defaultDomain).filter(before::equals).isPresent()) {
            throw new IommuException(Errno.EINVAL,
                    device.name() + " is in its default domain " + before.name() + " already: there is nothing to detach");
        }
        if (wholeGroup) {
            groupOf(device).detach();
        } else {
            before.detach(device);
        }
        var now = device.domain();
        return item(device, now.orElse(null), id).shownAs(String.format("%s is detached from %s%s", subject(device, wholeGroup),
                before.name(), now.map(domain -> " and back in " + domain.name()).orElse("")));
    }

    private static String subject(Device device, boolean wholeGroup) {
        return wholeGroup ? "Group " + groupOf(device).id() : device.name();
    }

    private static int pasidOrGroup(String pasid, boolean wholeGroup) {
        int id = Pasids.parse(pasid);
        if (wholeGroup && id != Pasid.NONE) {
            throw new IommuException(Errno.EINVAL, "A PASID belongs to one device: say either --pasid or --group");
        }
        return id;
    }

    private static Group groupOf(Device device) {
        return device.group().orElseThrow(() -> new IommuException(Errno.ENODEV,
                device.name() + " is in no group: no IOMMU with a driver is in front of it"));
    }

    private static Domain detachPasid(Device device, int pasid) {
        var attachment = device.attachment(pasid).orElseThrow(() ->
                IommuException.of(Errno.EINVAL, "PASID %d of %s is attached to no domain", pasid, device.name()));
        attachment.detach();
        return attachment.domain();
    }

    private static Item item(Device device, Domain domain, int pasid) {
        return Item.of("device", device.name(), "domain", domain == null ? null : domain.name(), "pasid",
                Pasids.orNull(pasid));
    }

    @Descriptor("Frees a domain and all of its mappings. No device may be attached to it.")
    Item domainFree(@Descriptor("a domain that iommu:domain-alloc made") Domain domain) {
        domain.close();
        return Item.of("domain", domain.name(), "state", "freed").shownAs(domain.name() + " is freed");
    }
}
