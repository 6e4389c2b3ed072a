package sluicegate.qemu;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** The machines that there are, by name. */
final class MachineModels {
    private MachineModels() {}

    /** In the order of their names. */
    static List<MachineModel> all() {
        return Stream.<MachineModel>of(Q35.amdvi(), Q35.vtd(), Q35.vtdFirstStage(), Q35.vtdRich(), Q35.vtdScalable(),
                Virt.plain(), Virt.nested(), Virt.rich()).toList();
    }

    static Optional<MachineModel> find(String name) {
        return all().stream().filter(model -> model.name().equals(name)).findFirst();
    }

    /** @throws IommuException ENOENT if there is none of that name */
    static MachineModel require(String name) {
        return find(name).orElseThrow(() -> IommuException.of(Errno.ENOENT, "There is no QEMU machine '%s': give one of %s", name,
                all().stream().map(MachineModel::name).collect(Collectors.joining(", "))));
    }
}
