package sluicegate.qemu;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import sluicegate.api.platform.Machine;
import sluicegate.api.platform.MachineFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.machine.RunningMachines;
import sluicegate.qemu.process.Programs;

/** Boots QEMU machines. Those that still run when the component goes are powered off. */
@Component(service = MachineFactory.class)
public final class QemuMachineFactory implements MachineFactory {
    private final Map<String, MachineModel> models;
    private final RunningMachines running;
    private final Programs programs;

    @Activate
    public QemuMachineFactory(BundleContext context) {
        this(context, Programs.ofHost());
    }

    QemuMachineFactory(BundleContext context, Programs programs) {
        this.running = new RunningMachines(context, QemuMachine.KIND);
        this.programs = programs;
        this.models = Collections.unmodifiableMap(Stream.of(Q35Vtd.plain(), Q35Vtd.rich())
                .collect(Collectors.toMap(MachineModel::name, model -> model, (one, other) -> one, TreeMap::new)));
    }

    @Override
    public List<Description> descriptions() {
        return models.values().stream()
                .map(model -> new Description(model.name(), QemuMachine.KIND, model.description())).toList();
    }

    @Override
    public boolean accepts(String nameOrFolder) {
        return models.containsKey(nameOrFolder);
    }

    @Override
    public Machine boot(String nameOrFolder, int segment) {
        var model = models.get(nameOrFolder);
        if (model == null) {
            throw IommuException.of(Errno.ENOENT, "There is no QEMU machine '%s': give one of %s", nameOrFolder,
                    String.join(", ", models.keySet()));
        }
        return running.boot(model.name(), () -> QemuMachine.boot(model, segment, programs));
    }

    @Deactivate
    void close() {
        running.close();
    }
}
