package sluicegate.repository;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.felix.bundlerepository.Reason;
import org.apache.felix.bundlerepository.RepositoryAdmin;
import org.apache.felix.bundlerepository.Resolver;
import org.apache.felix.bundlerepository.Resource;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.Version;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.DriverRepository;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Offers and installs by way of OBR. */
@Component(service = DriverRepository.class)
public final class ObrRepository implements DriverRepository {
    private static final String EVERYTHING = "(symbolicname=*)";

    private final BundleContext context;
    private final RepositoryAdmin repositories;

    @Activate
    public ObrRepository(BundleContext context, @Reference RepositoryAdmin repositories) {
        this.context = context;
        this.repositories = repositories;
    }

    @Override
    public List<Offer> offers() {
        return newest().map(this::offer).sorted(Comparator.comparing(Offer::bundle)).toList();
    }

    /** Of each bundle with a driver the newest version, unless that or a newer one is installed. */
    private Stream<Resource> newest() {
        var drivers = new TreeMap<String, Resource>();
        everything().filter(DriverManifest::hasDriver).forEach(resource ->
                drivers.merge(resource.getSymbolicName(), resource, BinaryOperator.maxBy(Comparator.comparing(Resource::getVersion))));
        return drivers.values().stream().filter(resource ->
                installed(resource.getSymbolicName()).filter(has -> has.compareTo(resource.getVersion()) >= 0).isEmpty());
    }

    private Stream<Resource> everything() {
        try {
            return Arrays.stream(repositories.discoverResources(EVERYTHING)).filter(resource -> !resource.isLocal());
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(EVERYTHING, e);
        } catch (RuntimeException e) {
            throw new IommuException(Errno.EIO, "A repository can't be read (obr:repos list names them): " + e.getMessage(), e);
        }
    }

    private Offer offer(Resource resource) {
        var manifest = DriverManifest.of(resource);
        return new Offer(manifest.driver(), resource.getSymbolicName(), resource.getVersion().toString(), manifest.compatible(),
                manifest.ranking(), manifest.description(), installed(resource.getSymbolicName()).map(Version::toString));
    }

    private Optional<Version> installed(String symbolicName) {
        return bundles(symbolicName).map(Bundle::getVersion).max(Comparator.naturalOrder());
    }

    private Stream<Bundle> bundles(String symbolicName) {
        return Arrays.stream(context.getBundles()).filter(bundle -> symbolicName.equals(bundle.getSymbolicName()));
    }

    @Override
    public Offer install(String name) {
        var resource = find(name);
        var offer = offer(resource);
        var resolver = repositories.resolver();
        resolver.add(resource);
        if (!resolver.resolve(Resolver.NO_OPTIONAL_RESOURCES)) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s can't be installed: %s", offer.bundle(),
                    Arrays.stream(resolver.getUnsatisfiedRequirements()).map(ObrRepository::tell).collect(Collectors.joining("; ")));
        }
        resolver.deploy(Resolver.START);
        requireActive(resource);
        return offer;
    }

    private Resource find(String name) {
        var offers = newest().toList();
        var matching = offers.stream().filter(resource -> resource.getSymbolicName().equals(name)).toList();
        if (matching.isEmpty()) {
            matching = offers.stream().filter(resource -> DriverManifest.of(resource).driver().filter(name::equals).isPresent()).toList();
        }
        if (matching.size() > 1) {
            throw IommuException.of(Errno.EINVAL, "Several bundles have a driver '%s': %s; name the bundle", name,
                    matching.stream().map(Resource::getSymbolicName).collect(Collectors.joining(", ")));
        }
        return matching.stream().findFirst().orElseThrow(() -> IommuException.of(Errno.ENOENT,
                "No repository has a driver '%s' that is not installed; iommu:drivers --available lists those it has", name));
    }

    private static String tell(Reason reason) {
        return reason.getResource().getSymbolicName() + " needs " + reason.getRequirement().getName() + " "
                + reason.getRequirement().getFilter();
    }

    /** OBR tells the log alone when a bundle could not be installed or started. */
    private void requireActive(Resource resource) {
        var states = new ArrayList<String>();
        bundles(resource.getSymbolicName()).filter(bundle -> bundle.getVersion().equals(resource.getVersion()))
                .filter(bundle -> bundle.getState() != Bundle.ACTIVE)
                .forEach(bundle -> states.add("bundle " + bundle.getBundleId() + " was installed and does not start"));
        if (!states.isEmpty() || installed(resource.getSymbolicName()).filter(resource.getVersion()::equals).isEmpty()) {
            throw IommuException.of(Errno.EIO, "%s from %s: %s; the log may say why", resource.getSymbolicName(), resource.getURI(),
                    states.isEmpty() ? "it was not installed" : String.join(", ", states));
        }
    }
}
