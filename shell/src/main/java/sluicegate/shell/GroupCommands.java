package sluicegate.shell;

import java.util.List;
import java.util.Optional;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.Group;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;

/** Groups, who owns them, and what their default domains are. */
@GogoCommand(scope = Command.SCOPE, function = {"claim", "groups", "release", "type"})
@Component(service = CommandFamily.class)
public final class GroupCommands extends CommandFamily {
    private static final String MYSELF = "shell";
    private static final List<DomainType> TYPES = List.of(DomainType.DMA, DomainType.DMA_FQ, DomainType.IDENTITY);

    private final Platform platform;

    @Activate
    public GroupCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists groups: devices that the hardware cannot keep apart, which go to one owner together.")
    Listing groups() {
        return Listing.of(List.of("group", "type", "domain", "owner", "devices"),
                platform.iommu().groups().stream().map(GroupCommands::item).toList(),
                "No groups: no device has an IOMMU with a driver in front of it.");
    }

    private static Item item(Group group) {
        return Item.of("group", group.id(), "type", type(group), "domain", domain(group), "owner", owner(group),
                "users", group.users(), "devices", group.devices().stream().map(Device::name).toList(),
                "reserved", group.reservedRegions().stream().map(ReservedRegion::toString).toList());
    }

    /** The type of a group's default domain; {@code null} while it has none. */
    static String type(Group group) {
        return group.defaultDomain().map(domain -> domain.type().word()).orElse(null);
    }

    /** {@code null} for a group that was made for a device without an IOMMU. */
    static String domain(Group group) {
        return group.hasIommu() ? group.domain().name() : null;
    }

    /** {@code null} if nobody claimed it. */
    static String owner(Group group) {
        return group.owner().map(Object::toString).orElse(null);
    }

    @Descriptor("Claims a group for an owner: no driver can use its devices, which are blocked until they are attached.")
    Item claim(@Descriptor("number of a group that iommu:groups lists, or a device: each claim of one counts") GroupOrDevice group,
            @Descriptor("who is to own it") @Parameter(names = "--owner", absentValue = MYSELF) String owner) {
        group.device().ifPresentOrElse(device -> device.claim(owner), () -> group.group().claim(owner));
        return state(group.group()).shownAs(String.format("%s owns group %d (%s); it is attached to %s",
                owner, group.group().id(), claims(group.group()), group.group().domain().name()));
    }

    @Descriptor("Gives a group back: its devices return to the default domain.")
    Item release(@Descriptor("number of a claimed group, or a device: gives up one claim") GroupOrDevice group,
            @Descriptor("who owns it") @Parameter(names = "--owner", absentValue = MYSELF) String owner) {
        group.device().ifPresentOrElse(device -> device.release(owner), () -> group.group().release(owner));
        return state(group.group()).shownAs(group.group().owner().isPresent()
                ? String.format("%s still owns group %d (%s)", owner, group.group().id(), claims(group.group()))
                : String.format("Group %d is released and back in %s", group.group().id(), group.group().domain().name()));
    }

    private static String claims(Group group) {
        return group.users() + (group.users() == 1 ? " claim" : " claims");
    }

    @Descriptor("Gives a group a default domain of another type. No driver may use its devices, but to make DMA lazy (DMA-FQ).")
    Item type(@Descriptor("number of a group that iommu:groups lists, or a device in it") GroupOrDevice group,
            @Descriptor("DMA, DMA-FQ, identity, or auto to have it decided as for a new group")
            @Words({"DMA", "DMA-FQ", "identity", "auto"}) String type) {
        group.group().setDefaultType(parse(type));
        return Item.of("group", group.group().id(), "type", type(group.group()), "domain", group.group().domain().name())
                .shownAs(String.format("Group %d is of type %s and in %s", group.group().id(), type(group.group()),
                        group.group().domain().name()));
    }

    private static Optional<DomainType> parse(String word) {
        if (word.equalsIgnoreCase("auto")) {
            return Optional.empty();
        }
        return Optional.of(TYPES.stream().filter(type -> type.word().equalsIgnoreCase(word)).findFirst()
                .orElseThrow(() -> IommuException.of(Errno.EINVAL, "'%s' is none of DMA, DMA-FQ, identity and auto%s", word,
                        NearMatches.question(word, List.of("DMA", "DMA-FQ", "identity", "auto")))));
    }

    private static Item state(Group group) {
        return Item.of("group", group.id(), "owner", owner(group), "users", group.users(), "domain", group.domain().name());
    }
}
