package sluicegate.shell;

import java.util.List;
import java.util.Locale;
import org.apache.felix.service.command.Descriptor;
import org.apache.felix.service.command.Parameter;
import org.apache.felix.service.command.annotations.GogoCommand;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.Domain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/** To which pages of a domain devices have written. */
@GogoCommand(scope = Command.SCOPE, function = "dirty")
@Component(service = CommandFamily.class)
public final class DirtyCommands extends CommandFamily {
    /** What stands for the domain's smallest page. */
    private static final String SMALLEST = "-";

    /** What to do with a domain's dirty pages. */
    enum Action {
        ON,
        OFF,
        READ
    }

    @Activate
    public DirtyCommands(@Reference Platform platform) {
        super(platform);
    }

    @Descriptor("Has hardware note to which pages of a domain devices write, and lists them.")
    Answer dirty(@Descriptor("a domain that iommu:domain-alloc made --for dirty-tracking") Domain domain,
            @Descriptor("on, which forgets what was noted before; off; or read, after which the pages that are listed are clean") Action action,
            @Descriptor("read: count what is listed as dirty still")
            @Parameter(names = "--no-clear", presentValue = "true", absentValue = "false") boolean noClear,
            @Descriptor("read: in pages of this size, a power of two; the domain's smallest if it is not given")
            @Parameter(names = "--page", absentValue = SMALLEST) String page,
            @Descriptor("read: first address and how many bytes; all that is mapped if they are not given") String... range) {
        if (action != Action.READ) {
            if (range.length != 0 || noClear || !page.equals(SMALLEST)) {
                throw IommuException.of(Errno.EINVAL, "iommu:dirty %s %s takes no more words: there is a range to read only", domain.name(),
                        action.name().toLowerCase(Locale.ROOT));
            }
            return track(domain, action == Action.ON);
        }
        long size = page.equals(SMALLEST) ? Math.max(Long.lowestOneBit(domain.pageSizes()), 1) : Hex.parse(page);
        return switch (range.length) {
            case 0 -> readAll(domain, size, noClear);
            case 2 -> read(domain, Hex.parse(range[0]), Hex.parse(range[1]), size, noClear);
            default -> throw IommuException.of(Errno.EINVAL, "A range is two words, first address and size: iommu:dirty %s read IOVA SIZE",
                    domain.name());
        };
    }

    private static Item track(Domain domain, boolean enabled) {
        domain.setDirtyTracking(enabled);
        return Item.of("domain", domain.name(), "dirty-tracking", enabled).shownAs(domain.name()
                + (enabled ? " tracks dirty pages" : " tracks no dirty pages any more"));
    }

    private static Listing readAll(Domain domain, long page, boolean noClear) {
        var mappings = domain.mappings();
        if (mappings.isEmpty()) {
            return read(domain, 0, page, page, noClear); // so that what can't be read says so
        }
        var last = mappings.get(mappings.size() - 1);
        long first = mappings.get(0).iova() & -page;
        return read(domain, first, (last.iova() + last.size() - 1 | page - 1) - first + 1, page, noClear);
    }

    private static Listing read(Domain domain, long iova, long size, long page, boolean noClear) {
        var dirty = noClear ? domain.readDirty(iova, size, page) : domain.readAndClearDirty(iova, size, page);
        return Listing.of(List.of("iova", "size"), dirty.stream()
                .map(range -> Item.of("iova", Hex.of(range.iova()), "size", new Size(range.size()))).toList(),
                "No device has written to " + domain.name() + " there.");
    }
}
