package sluicegate.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.IommuException;

/** The service that makes address spaces for whoever has none of its own to share with devices. */
@ProviderType
public interface AddressSpaces {

    /**
     * Makes an empty one.
     *
     * @param format one of those that devices which are to share it can use ({@link Device#sharedFormats})
     * @throws IommuException ENOMEM
     */
    ProcessSpace create(Machine machine, SharedTables.Format format);

    /** Those that live, in the order in which they were made. */
    List<ProcessSpace> spaces();

    /** @throws IommuException ENOENT */
    ProcessSpace space(String name);
}
