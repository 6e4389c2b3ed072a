package sluicegate.space;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import sluicegate.api.AddressSpaces;
import sluicegate.api.ProcessSpace;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** All spaces of this bundle, as the service that makes them. They end with it. */
@Component
public final class SpaceTable implements AddressSpaces {
    private final List<DemandSpace> spaces = new CopyOnWriteArrayList<>();
    private final AtomicLong made = new AtomicLong();

    @Override
    public ProcessSpace create(Machine machine, SharedTables.Format format) {
        return add(name -> new DemandSpace(this, name, machine, format));
    }

    ProcessSpace add(Function<String, DemandSpace> make) {
        var space = make.apply("space" + made.getAndIncrement());
        spaces.add(space);
        return space;
    }

    void remove(DemandSpace space) {
        spaces.remove(space);
    }

    @Override
    public List<ProcessSpace> spaces() {
        return List.copyOf(spaces);
    }

    @Override
    public ProcessSpace space(String name) {
        return spaces().stream().filter(space -> space.name().equals(name)).findFirst()
                .orElseThrow(() -> IommuException.of(Errno.ENOENT, "There is no address space '%s'", name));
    }

    @Deactivate
    void deactivate() {
        spaces.forEach(DemandSpace::close);
    }
}
