package sluicegate.core.impl.osgi;

import java.time.Duration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import sluicegate.api.Machines;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.core.impl.ProbeProgress;
import sluicegate.core.impl.machine.MachineManager;

/** {@link MachineManager} as a service. */
@Component(service = Machines.class, immediate = true)
public final class MachinesComponent extends MachineManager {

    @Activate
    public MachinesComponent(@Reference ProbeProgress progress) {
        super(progress, Duration.ofSeconds(10));
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindFactory(MachineFactory factory) {
        addFactory(factory);
    }

    void unbindFactory(MachineFactory factory) {
        removeFactory(factory);
    }

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    void bindMachine(Machine machine) {
        addMachine(machine);
    }

    void unbindMachine(Machine machine) {
        removeMachine(machine);
    }
}
