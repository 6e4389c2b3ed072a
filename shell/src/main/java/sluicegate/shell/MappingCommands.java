package sluicegate.shell;

import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Domain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** What a domain maps. */
@GogoCommand(scope = Command.SCOPE, function = {"map", "mappings", "unmap"})
@Component(service = CommandFamily.class)
public final class MappingCommands extends CommandFamily {

    @Activate
    public MappingCommands(@Reference Platform platform) {
        super(platform);
    }

    @Descriptor("Maps a range of a domain's addresses to physical memory.")
    Item map(@Descriptor("a domain that iommu:domain-alloc made") Domain domain,
            @Descriptor("first address for devices, such as 0x10000") long iova,
            @Descriptor("physical address that it leads to, such as iommu:mem alloc gives") long pa,
            @Descriptor("how many bytes: 4096, 0x1000, 4K, 2M, ...") long size,
            @Descriptor("what devices may do: letters of r, w and x") @Words({"r", "w", "rw", "rwx"}) String prot) {
        int allowed = Prot.parse(prot);
        domain.map(iova, pa, size, allowed);
        var perms = Prot.toString(allowed);
        return Item.of("domain", domain.name(), "iova", Hex.of(iova), "address", Hex.of(pa), "size", new Size(size), "perms",
                perms).shownAs(String.format("%s: %s -> %s %s", domain.name(), Hex.range(iova, size), Hex.of(pa), perms));
    }

    @Descriptor("Unmaps a range of a domain's addresses, up to the first hole; the hardware has forgotten it afterwards.")
    Item unmap(@Descriptor("a domain") Domain domain, @Descriptor("first address for devices") long iova,
            @Descriptor("how many bytes") long size) {
        long unmapped = domain.unmap(iova, size);
        if (unmapped == 0) {
            throw IommuException.of(Errno.EINVAL,
                    "Nothing was unmapped from %s at %s: nothing is mapped there, or address and size (%s) are no multiples of"
                            + " its smallest page (iommu:mappings %s lists what is mapped)",
                    domain.name(), Hex.of(iova), new Size(size), domain.name());
        }
        var hole = Long.compareUnsigned(unmapped, size) < 0 ? " (a hole follows)" : "";
        return Item.of("domain", domain.name(), "iova", Hex.of(iova), "unmapped", new Size(unmapped)).shownAs(
                String.format("%s: %s unmapped%s", domain.name(), Hex.range(iova, unmapped), hole));
    }

    @Descriptor("Lists what a domain maps, by ascending address.")
    Listing mappings(@Descriptor("a domain that iommu:domains lists") Domain domain) {
        return Listing.of(List.of("iova", "address", "size", "perms"),
                domain.mappings().stream()
                        .map(mapping -> Item.of("iova", Hex.of(mapping.iova()), "address", Hex.of(mapping.address()), "size",
                                new Size(mapping.size()), "perms", Prot.toString(mapping.prot())))
                        .toList(),
                domain.name() + " maps nothing.");
    }
}
