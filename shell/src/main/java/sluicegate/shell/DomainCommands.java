package sluicegate.shell;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Group;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;

/** Domains: allocating, attaching devices, detaching, telling hardware what a guest has changed, freeing. */
@GogoCommand(scope = Command.SCOPE, function = {"attach", "detach", "domain-alloc", "domain-free", "domain-invalidate", "domains",
    "pasid-attach", "pasid-detach"})
@Component(service = CommandFamily.class)
public final class DomainCommands extends CommandFamily {
    /** What stands for an option that is not given. */
    private static final String ABSENT = "-";

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
            @Descriptor("what kind of domain: one to map pages in, or a guest's tables on top of a parent")
            @Words({"unmanaged", "nested"}) @Parameter(names = "--type", absentValue = "unmanaged") String type,
            @Descriptor("what it has to serve; several with commas between them")
            @Words({"nest-parent", "dirty-tracking", "faults", "pasid"})
            @Parameter(names = "--for", absentValue = ABSENT) String purposes,
            @Descriptor("for a nested domain: a domain that was allocated for nest-parent")
            @Parameter(names = "--parent", absentValue = ABSENT) String parent,
            @Descriptor("for a nested domain: the numbers that the guest's entry says, with commas between them; on VT-d flags, address "
                    + "of the top table, width of an address")
            @Parameter(names = "--tables", absentValue = ABSENT) String tables) {
        if (type.equals(DomainType.NESTED.word())) {
            return nested(device, purposes, parent, tables);
        }
        if (!type.equals(DomainType.UNMANAGED.word())) {
            throw IommuException.of(Errno.EOPNOTSUPP,
                    "A domain of type '%s' cannot be allocated by hand: only unmanaged and nested ones can", type);
        }
        if (!parent.equals(ABSENT) || !tables.equals(ABSENT)) {
            throw new IommuException(Errno.EINVAL, "Only a nested domain has a parent and a guest's tables: say --type nested");
        }
        return made(platform.iommu().allocateDomain(device, purposes(purposes)), device, "");
    }

    private Item nested(Device device, String purposes, String parent, String tables) {
        if (parent.equals(ABSENT) || tables.equals(ABSENT) || !purposes.equals(ABSENT)) {
            throw new IommuException(Errno.EINVAL, "A nested domain is made of --parent and --tables, and serves what its parent serves");
        }
        var words = Arrays.stream(tables.split(",")).map(Hex::parse).toList();
        return made(platform.iommu().allocateNestedDomain(device, platform.iommu().domain(parent), words), device, ", on " + parent);
    }

    private static Set<AllocFlag> purposes(String words) {
        var flags = EnumSet.noneOf(AllocFlag.class);
        for (var word : words.equals(ABSENT) ? new String[0] : words.split(",")) {
            flags.add(Arrays.stream(AllocFlag.values()).filter(flag -> word(flag).equals(word)).findFirst()
                    .orElseThrow(() -> IommuException.of(Errno.EINVAL, "A domain can't be allocated for '%s'; there are %s", word,
                            Arrays.stream(AllocFlag.values()).map(DomainCommands::word).collect(Collectors.joining(", ")))));
        }
        return flags;
    }

    private static String word(AllocFlag flag) {
        return flag.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Item made(Domain domain, Device device, String how) {
        return Item.of("domain", domain.name(), "type", domain.type().word()).shownAs(
                String.format("%s: %s domain for %s%s", domain.name(), domain.type().word(), device.name(), how));
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

    @Descriptor("Attaches one PASID of a device to a domain; the same as iommu:attach --pasid.")
    Item pasidAttach(@Descriptor("a domain that iommu:domains lists") Domain domain,
            @Descriptor("a device that iommu:devices lists") Device device, @Descriptor("from 1 on") String pasid) {
        return attach(domain, device, aPasid(pasid), false);
    }

    @Descriptor("Blocks one PASID of a device; the same as iommu:detach --pasid.")
    Item pasidDetach(@Descriptor("a device that iommu:devices lists") Device device, @Descriptor("what is attached") String pasid) {
        return detach(device, aPasid(pasid), false);
    }

    private static String aPasid(String text) {
        if (text.equals(Pasids.NONE)) {
            throw new IommuException(Errno.EINVAL, "Which PASID? It is a number from 1 on");
        }
        return text;
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

    @Descriptor("Has hardware forget what a guest has changed in its own tables, which a nested domain uses.")
    Item domainInvalidate(@Descriptor("a nested domain") Domain domain,
            @Descriptor("numbers with commas between them; on VT-d first address, how many 4K pages, and 1 if only leaves changed; on an "
                    + "SMMUv3 and on AMD-Vi the guest's commands, two words each") String words,
            @Descriptor("devices that the commands name: the number that the guest knows one by, = and the device; several with commas")
            @Parameter(names = "--devices", absentValue = ABSENT) String devices) {
        var result = domain.invalidateGuest(Arrays.stream(words.split(",")).map(Hex::parse).toList(), devicesOfGuest(devices));
        if (result.refused().isPresent()) {
            var why = result.refused().get();
            throw new IommuException(why.errno(), String.format("%s (%d before it done)", why.getMessage(), result.done()), why);
        }
        return Item.of("domain", domain.name(), "done", result.done()).shownAs(String.format("%s: %d invalidation%s of the guest done",
                domain.name(), result.done(), result.done() == 1 ? "" : "s"));
    }

    private Map<Integer, Device> devicesOfGuest(String words) {
        var known = new HashMap<Integer, Device>();
        for (var each : words.equals(ABSENT) ? new String[0] : words.split(",")) {
            var parts = each.split("=", 2);
            long number = parts.length == 2 ? Hex.parse(parts[0]) : -1;
            if (number >>> Integer.SIZE != 0) {
                throw IommuException.of(Errno.EINVAL, "'%s' is no device of a guest; say its number, of up to 32 bits, = and the device, "
                        + "as in 8=00:05.0", each);
            }
            known.put((int) number, (Device) lookup().parse(Device.class, parts[1]));
        }
        return known;
    }

    @Descriptor("Frees a domain and all of its mappings. No device may be attached to it.")
    Item domainFree(@Descriptor("a domain that iommu:domain-alloc made") Domain domain) {
        domain.close();
        return Item.of("domain", domain.name(), "state", "freed").shownAs(domain.name() + " is freed");
    }
}
