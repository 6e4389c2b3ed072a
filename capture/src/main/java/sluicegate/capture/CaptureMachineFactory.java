package sluicegate.capture;

import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.machine.RunningMachines;

/** Boots capture folders. Machines that still run when the component goes are powered off. */
@Component(service = MachineFactory.class, immediate = true) // machines outlive a core that is restarted
public final class CaptureMachineFactory implements MachineFactory {
    private final RunningMachines running;

    @Activate
    public CaptureMachineFactory(BundleContext context) {
        this.running = new RunningMachines(context, CapturedMachine.KIND);
    }

    /** None: captures are folders of whoever took them. */
    @Override
    public List<Description> descriptions() {
        return List.of();
    }

    @Override
    public boolean accepts(String nameOrFolder) {
        return CaptureFolder.accepts(nameOrFolder);
    }

    @Override
    public Machine boot(String nameOrFolder, int segment) {
        var folder = CaptureFolder.read(nameOrFolder);
        return running.boot(folder.name(), () -> CapturedMachine.boot(folder, segment));
    }

    @Deactivate
    void close() {
        running.close();
    }
}
