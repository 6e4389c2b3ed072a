package sluicegate.repository;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.felix.bundlerepository.Capability;
import org.apache.felix.bundlerepository.Resource;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.driver.IommuDriver;

/**
 * What an index knows of a bundle with a driver, from its manifest.
 *
 * @param driver empty in the manifest of a bundle that does not use {@link HardwareDriver}
 * @param compatible the hardware that it drives; empty likewise
 */
record DriverManifest(Optional<String> driver, List<String> compatible, int ranking, String description) {

    private static final String SERVICE = "osgi.service";

    /** Whether the bundle provides such a service, whatever else it tells. */
    static boolean hasDriver(Resource resource) {
        return of(resource, HardwareDriver.NAMESPACE).findAny().isPresent()
                || of(resource, SERVICE).anyMatch(service -> words(service.get("objectClass")).contains(IommuDriver.class.getName()));
    }

    static DriverManifest of(Resource resource) {
        var said = of(resource, HardwareDriver.NAMESPACE).findFirst().orElse(Map.of());
        return new DriverManifest(Optional.ofNullable(said.get("driver")).map(String::valueOf), words(said.get("compatible")),
                said.get("ranking") instanceof Number ranking ? ranking.intValue() : 0, description(resource));
    }

    private static String description(Resource resource) {
        return Stream.concat(Stream.ofNullable(resource.getProperties().get(Resource.DESCRIPTION)),
                        of(resource, "osgi.identity").map(identity -> identity.get("description")))
                .filter(word -> word != null).map(String::valueOf).findFirst().orElse("");
    }

    private static Stream<Map<String, Object>> of(Resource resource, String namespace) {
        return Arrays.stream(resource.getCapabilities()).filter(capability -> capability.getName().equals(namespace))
                .map(Capability::getPropertiesAsMap);
    }

    /** An attribute that is a list, or one word. */
    private static List<String> words(Object attribute) {
        if (attribute instanceof Iterable<?> several) {
            return StreamSupport.stream(several.spliterator(), false).map(String::valueOf).toList();
        }
        return attribute == null ? List.of() : List.of(String.valueOf(attribute));
    }
}
