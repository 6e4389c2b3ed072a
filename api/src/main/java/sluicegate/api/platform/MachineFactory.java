package sluicegate.api.platform;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Boots machines of one kind: the service that a platform bundle registers.
 */
@ProviderType
public interface MachineFactory {

    /** What this factory can boot without being given a folder. */
    List<Description> descriptions();

    /**
     * Whether {@code nameOrFolder} is one of {@link #descriptions} or a folder of a kind that this factory reads.
     */
    boolean accepts(String nameOrFolder);

    /**
     * Boots a machine and publishes its services. All or nothing: on failure nothing stays behind.
     *
     * @param nameOrFolder for which {@link #accepts} holds
     * @param segment the PCI segment number that the machine's segment 0 gets, so that names stay unique
     * @throws sluicegate.api.types.IommuException EINVAL for a malformed description, with file, offset and rule; ENOENT if
     *     there is none; EIO if it cannot be read
     */
    Machine boot(String nameOrFolder, int segment);

    /**
     * A machine that can be booted.
     *
     * @param name what to give to {@link #boot}
     * @param kind as {@link Machine#kind}
     * @param text one line about it for people
     */
    record Description(String name, String kind, String text) {}
}
