package sluicegate.qemu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import sluicegate.api.platform.FirmwareRegion;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.PciTree;
import sluicegate.machine.firmware.DmarMemory;
import sluicegate.machine.firmware.SegmentBase;
import sluicegate.machine.memory.AddressMap;

/** VT-d units as a DMAR table describes them. */
final class DmarPlan implements UnitPlan {
    private static final String COMPATIBLE = "intel,vtd";

    private final Dmar dmar;
    private final DmarScopes scopes;
    private final DmarMemory memory;
    private final List<Unit> units = new ArrayList<>();

    DmarPlan(Dmar dmar, PciTree tree) {
        this.dmar = dmar;
        this.scopes = DmarScopes.of(dmar, tree);
        this.memory = new DmarMemory(dmar, scopes, tree);
        for (var drhd : dmar.units()) {
            Map<String, String> properties = new HashMap<>();
            dmar.proximityDomain(drhd).ifPresent(node -> properties.put("numa-node", Integer.toString(node)));
            units.add(new Unit("dmar" + units.size(), COMPATIBLE, drhd.base(), drhd.registerSize(), drhd.segment(), properties));
        }
    }

    @Override
    public List<Unit> units() {
        return List.copyOf(units);
    }

    @Override
    public Optional<Integer> unitOf(PciAddress function) {
        return scopes.unitOf(function).map(dmar.units()::indexOf);
    }

    @Override
    public boolean atsAllowed(PciAddress function) {
        return scopes.atsAllowed(function);
    }

    @Override
    public List<AddressMap.Range> reserved() {
        return DmarMemory.ranges(dmar);
    }

    @Override
    public List<FirmwareRegion> regionsOf(int unit, SegmentBase segments, PhysicalMemory physical, Consumer<String> warnings) {
        return memory.regionsOf(dmar.units().get(unit), segments, physical, warnings);
    }

    @Override
    public List<String> warnings() {
        var all = new ArrayList<>(dmar.warnings());
        all.addAll(scopes.warnings());
        return all;
    }
}
