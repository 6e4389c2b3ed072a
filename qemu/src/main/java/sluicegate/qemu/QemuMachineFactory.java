package sluicegate.qemu;

import java.util.List;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.machine.RunningMachines;
import sluicegate.qemu.process.Programs;

/** Boots QEMU machines. Those that still run when the component goes are powered off. */
@Component(service = MachineFactory.class, immediate = true) // machines outlive a core that is restarted
public final class QemuMachineFactory implements MachineFactory {
    private final RunningMachines running;
    private final Programs programs;

    @Activate
    public QemuMachineFactory(BundleContext context) {
        this(context, Programs.ofHost());
    }

    QemuMachineFactory(BundleContext context, Programs programs) {
        this.running = new RunningMachines(context, QemuMachine.KIND);
        this.programs = programs;
    }

    @Override
    public List<Description> descriptions() {
        return MachineModels.all().stream()
                .map(model -> new Description(model.name(), QemuMachine.KIND, model.description())).toList();
    }

    @Override
    public boolean accepts(String nameOrFolder) {
        return MachineModels.find(nameOrFolder).isPresent();
    }

    @Override
    public Machine boot(String nameOrFolder, int segment) {
        var model = MachineModels.require(nameOrFolder);
        return running.boot(model.name(), () -> QemuMachine.boot(model, segment, programs));
    }

    @Deactivate
    void close() {
        running.close();
    }
}
