package sluicegate.shell;

import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Device;
import sluicegate.api.ProcessSpace;
import sluicegate.api.SvaBinding;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** Address spaces, and devices that share them. */
@GogoCommand(scope = Command.SCOPE, function = {"space-alloc", "space-free", "space-map", "space-read", "space-write", "spaces",
    "sva-bind", "sva-unbind"})
@Component(service = CommandFamily.class)
public final class SpaceCommands extends CommandFamily {
    private final Platform platform;

    @Activate
    public SpaceCommands(@Reference Platform platform) {
        super(platform);
        this.platform = platform;
    }

    @Descriptor("Lists address spaces and the devices that share them.")
    Listing spaces() {
        return Listing.of(List.of("space", "tables", "regions", "pages", "pasid", "devices"),
                platform.spaces().spaces().stream().map(this::item).toList(),
                "No address spaces; iommu:space-alloc makes one that a device can share.");
    }

    private Item item(ProcessSpace space) {
        var bound = platform.iommu().bindings().stream().filter(binding -> binding.space() == space).toList();
        return Item.of("space", space.name(), "tables", space.tables().format().word(), "regions", space.regions().size(), "pages",
                space.pages(), "pasid", bound.stream().findFirst().map(SvaBinding::pasid).orElse(null), "devices",
                bound.stream().map(binding -> binding.device().name()).toList());
    }

    @Descriptor("Makes an empty address space with page tables that a device's unit can walk.")
    Item spaceAlloc(@Descriptor("a device that iommu:devices lists") Device device) {
        var format = device.sharedFormats().stream().findFirst().orElseThrow(() -> IommuException.of(Errno.EOPNOTSUPP,
                "%s can share no address space: that takes PASIDs, page requests and a unit with a driver for both", device.name()));
        var space = platform.spaces().create(device.busDevice().bus().machine(), format);
        return Item.of("space", space.name(), "tables", format.word()).shownAs(
                String.format("%s: page tables of %s in the memory of machine %s", space.name(), format.word(), space.machine().name()));
    }

    @Descriptor("Ends an address space: devices that share it reach nothing any more, and its memory is given back.")
    Item spaceFree(@Descriptor("an address space that iommu:spaces lists") ProcessSpace space) {
        space.close();
        return Item.of("space", space.name()).shownAs(space.name() + " has ended");
    }

    @Descriptor("Adds a region to an address space. Its pages come when they are first used.")
    Item spaceMap(@Descriptor("an address space that iommu:spaces lists") ProcessSpace space,
            @Descriptor("how large it is, such as 16K") long size,
            @Descriptor("what may be done there: letters of r and w") @Words({"r", "w", "rw"}) String prot) {
        long address = space.map(size, Prot.parse(prot));
        return Item.of("address", Hex.of(address), "size", new Size(size)).shownAs(
                String.format("%s has a region at %s", space.name(), Hex.of(address)));
    }

    @Descriptor("Reads in an address space, as a processor would.")
    Item spaceRead(@Descriptor("an address space that iommu:spaces lists") ProcessSpace space,
            @Descriptor("the address there") long address, @Descriptor("how many bytes") String length) {
        var bytes = new byte[Lengths.parse(length)];
        space.read(address, bytes, 0, bytes.length);
        return Item.of("address", Hex.of(address), "data", Hex.bytes(bytes)).standingFor("data").shownAs(HexDump.of(address, bytes));
    }

    @Descriptor("Writes in an address space, as a processor would.")
    Item spaceWrite(@Descriptor("an address space that iommu:spaces lists") ProcessSpace space,
            @Descriptor("the address there") long address, @Descriptor("the bytes in hex, such as 0xdeadbeef") String data) {
        var bytes = Lengths.parseBytes(data);
        space.write(address, bytes, 0, bytes.length);
        return Item.of("address", Hex.of(address), "length", bytes.length).shownAs(
                String.format("%s written at %s of %s", Lengths.ofBytes(bytes.length), Hex.of(address), space.name()));
    }

    @Descriptor("Lets a device share an address space: requests with the space's PASID use its tables, and ask for what is not there.")
    Item svaBind(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("an address space that iommu:spaces lists") ProcessSpace space) {
        var binding = platform.iommu().bind(device, space, ended -> { });
        return Item.of("device", device.name(), "space", space.name(), "pasid", binding.pasid()).standingFor("pasid").shownAs(
                String.format("%s shares %s under PASID %d", device.name(), space.name(), binding.pasid()));
    }

    @Descriptor("Ends that a device shares an address space, once everything that it has asked for is answered.")
    Item svaUnbind(@Descriptor("a device that iommu:devices lists") Device device,
            @Descriptor("an address space that iommu:spaces lists") String space) {
        var binding = platform.iommu().bindings().stream().filter(each -> each.device() == device && each.space().name().equals(space))
                .findFirst().orElseThrow(() -> IommuException.of(Errno.EINVAL, "%s does not share %s", device.name(), space));
        binding.unbind();
        return Item.of("device", device.name(), "space", space).shownAs(device.name() + " shares " + space + " no longer");
    }
}
