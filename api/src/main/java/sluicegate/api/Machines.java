package sluicegate.api;

import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.types.IommuException;

/** Boots machines by name or folder, whatever platform bundle provides them, and gives each its own PCI segment. */
@ProviderType
public interface Machines {

    /** All that can be booted by name. */
    List<MachineFactory.Description> available();

    /** All that run, in the order of their segments. */
    List<Machine> running();

    /** @throws IommuException ENOENT if no machine of that name runs */
    Machine machine(String name);

    /**
     * Boots a machine; when this returns, its devices that have a driver for their unit are ready.
     *
     * @throws IommuException ENOENT if no platform knows the name or folder; EEXIST if one of that name runs already; EINVAL,
     *     EIO as {@link MachineFactory#boot}
     */
    Machine boot(String nameOrFolder);

    /** @throws IommuException ENOENT if no machine of that name runs */
    void powerOff(String name);
}
