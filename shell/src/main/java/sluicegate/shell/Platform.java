package sluicegate.shell;

import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import sluicegate.api.AddressSpaces;
import sluicegate.api.DriverRepository;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.inspect.DeviceNames;

/**
 * The services that all commands work on. They may come and go while the commands stay, so that somebody who types one
 * without them reads what is missing, and not that there is no such command.
 */
@Component(service = Platform.class)
public class Platform {
    private static final String CORE = "sluicegate.core.impl";

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile Iommu iommu;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile Machines machines;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile AddressSpaces spaces;

    @Reference(cardinality = ReferenceCardinality.OPTIONAL, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    volatile DriverRepository repository;

    /** @throws CommandFailure if there is none */
    DriverRepository repository() {
        return present(repository, DriverRepository.class, "sluicegate.repository");
    }

    /** Whether the service for address spaces is there. */
    boolean hasSpaces() {
        return spaces != null;
    }

    /** @throws CommandFailure if there is none */
    AddressSpaces spaces() {
        return present(spaces, AddressSpaces.class, "sluicegate.space");
    }

    /** @throws CommandFailure if there is none */
    Iommu iommu() {
        return present(iommu, Iommu.class, CORE);
    }

    /** @throws CommandFailure if there is none */
    Machines machines() {
        return present(machines, Machines.class, CORE);
    }

    private static <T> T present(T service, Class<T> type, String bundle) {
        if (service == null) {
            throw new CommandFailure("There is no service " + type.getName()
                    + ": bundle " + bundle + " is not active (felix:lb lists bundles)");
        }
        return service;
    }

    /** Finds devices of the machines that run by the ids that units know them by; finds none while there is no core. */
    DeviceNames deviceNames() {
        var service = iommu;
        return service == null ? DeviceNames.NONE : new RunningDevices(service);
    }
}
