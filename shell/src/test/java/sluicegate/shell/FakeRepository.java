package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.DriverRepository;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Has a newer version of a driver, and a bundle that tells nothing about its driver. */
final class FakeRepository implements DriverRepository {
    private final List<Offer> offers = new ArrayList<>(List.of(
            new Offer(Optional.of("vtd2"), "vendor.vtd", "2.0.0", List.of("intel,vtd"), -10, "another way", Optional.of("1.0.0")),
            new Offer(Optional.empty(), "vendor.unknown", "0.1.0", List.of(), 0, "", Optional.empty())));

    @Override
    public List<Offer> offers() {
        return List.copyOf(offers);
    }

    @Override
    public Offer install(String name) {
        var found = offers.stream().filter(offer -> offer.bundle().equals(name) || offer.driver().filter(name::equals).isPresent())
                .findFirst().orElseThrow(() -> IommuException.of(Errno.ENOENT, "Nobody has %s", name));
        offers.remove(found);
        return found;
    }
}
