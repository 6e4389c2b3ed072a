package sluicegate.api;

import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.types.IommuException;

/** Bundles with drivers for IOMMUs that could be installed. Thread-safe. */
@ProviderType
public interface DriverRepository {

    /** What the repository has and the framework has not, by name; of several versions of a bundle only the newest. */
    List<Offer> offers();

    /**
     * Installs a bundle with a driver, with what it needs, and starts it. An older version of the bundle is updated. Units that wait
     * for such a driver get it; others stay with theirs until they are {@linkplain Unit#swap swapped}.
     *
     * @param name of the driver or of the bundle
     * @return what was installed
     * @throws IommuException ENOENT if no offer has that name; EINVAL if several bundles have a driver of that name; EOPNOTSUPP if
     *     the bundle needs what nobody has; EIO if it could not be started, or the repository can't be read
     */
    Offer install(String name);

    /**
     * A bundle with a driver.
     *
     * @param driver the driver's name; empty if the bundle's manifest does not tell
     * @param bundle symbolic name
     * @param compatible the hardware that it drives; empty if the manifest does not tell
     * @param ranking how well, compared with others
     * @param description what the bundle says of itself; may be empty
     * @param installed the version that is installed, which is older
     */
    record Offer(Optional<String> driver, String bundle, String version, List<String> compatible, int ranking, String description,
            Optional<String> installed) {

        public Offer {
            compatible = List.copyOf(compatible);
        }
    }
}
