package sluicegate.shell;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Finds what a name means and tells everything about it. */
@GogoCommand(scope = Command.SCOPE, function = "info")
@Component(service = CommandFamily.class)
public final class InfoCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public InfoCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Tells everything about one device, group, unit, domain or machine.")
    Item info(@Descriptor("its name, or the number of a group; 'group 3', 'unit dmar0' and so on if a name means several"
            + " things") Thing... thing) {
        var words = Arrays.stream(thing).map(Thing::name).toList();
        return switch (words.size()) {
            case 1 -> any(words.get(0));
            case 2 -> ofKind(words.get(0), words.get(1));
            default -> throw new IommuException(Errno.EINVAL, words.isEmpty()
                    ? "iommu:info needs the name of a device, group, unit, domain or machine"
                    : "iommu:info tells about one thing at a time");
        };
    }

    private Item ofKind(String kind, String name) {
        return switch (kind) {
            case "device" -> Details.of(lookup().device(name));
            case "group" -> group(name).orElseThrow(() -> new IommuException(Errno.EINVAL,
                    "'" + name + "' is no number of a group: iommu:groups lists them"));
            case "unit" -> Details.of(lookup().unit(name));
            case "domain" -> Details.of(lookup().domain(name));
            case "machine" -> Details.of(lookup().machine(name));
            default -> throw new IommuException(Errno.EINVAL, "'" + kind + "' is none of device, group, unit, domain, machine"
                    + NearMatches.question(kind, List.of("device", "group", "unit", "domain", "machine")));
        };
    }

    private Item any(String name) {
        var meanings = new LinkedHashMap<String, Item>();
        Lookup.find(() -> platform.iommu().device(name)).ifPresent(device -> meanings.put("device", Details.of(device)));
        group(name).ifPresent(group -> meanings.put("group", group));
        Lookup.find(() -> platform.iommu().unit(name)).ifPresent(unit -> meanings.put("unit", Details.of(unit)));
        Lookup.find(() -> platform.iommu().domain(name)).ifPresent(domain -> meanings.put("domain", Details.of(domain)));
        Lookup.find(() -> platform.machines().machine(name))
                .ifPresent(machine -> meanings.put("machine", Details.of(machine)));
        if (meanings.size() > 1) {
            throw new IommuException(Errno.EINVAL, "'" + name + "' means several things: say "
                    + meanings.keySet().stream().map(kind -> "iommu:info " + kind + " " + name)
                            .collect(Collectors.joining(" or ")));
        }
        return meanings.values().stream().findFirst().orElseThrow(() -> new IommuException(Errno.ENOENT,
                "There is no device, group, unit, domain or running machine '" + name + "'"
                        + NearMatches.question(name, lookup().things())));
    }

    private Optional<Item> group(String name) {
        return lookup().group(name).map(Details::of);
    }
}
