package sluicegate.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import sluicegate.api.types.Hex;
import sluicegate.firmware.PropertiesText.Entry;
import sluicegate.firmware.UnitDescription.Amdvi;
import sluicegate.firmware.UnitDescription.Smmuv3;
import sluicegate.firmware.UnitDescription.Vtd;

/** Makes the units of a machine description out of its firmware and settings. Used once. */
final class UnitReader {
    private static final String SMMUV3 = "arm,smmu-v3";
    /** Both register pages; Documentation/devicetree/bindings/iommu/arm,smmu-v3.yaml. */
    private static final long SMMUV3_REGISTERS = 0x2_0000;
    private static final long REGISTER_PAGE = 0x1_0000;

    private final Map<String, Entry> settings;
    private final List<String> warnings;
    private final List<UnitDescription> units = new ArrayList<>();

    /** @param warnings where to say what was left out */
    UnitReader(Map<String, Entry> settings, List<String> warnings) {
        this.settings = settings;
        this.warnings = warnings;
    }

    /** The units, in the order of the firmware. */
    List<UnitDescription> units() {
        return List.copyOf(units);
    }

    List<VtdFeatures> addVtd(Dmar table) {
        var features = new ArrayList<VtdFeatures>();
        for (int i = 0; i < table.units().size(); i++) {
            int unit = i;
            var said = UnitFeatures.of(() -> VtdSettings.of(settings, unit), VtdFeatures.DEFAULT);
            features.add(said.features());
            units.add(vtdUnit(table, i, said));
        }
        return features;
    }

    /** Units of which no features are given have the usual ones. */
    static List<UnitDescription> vtdUnits(Dmar table, List<VtdFeatures> features) {
        return IntStream.range(0, table.units().size()).mapToObj(i -> vtdUnit(table, i, new UnitFeatures<>(
                i < features.size() ? features.get(i) : VtdFeatures.DEFAULT, Optional.empty()))).toList();
    }

    private static UnitDescription vtdUnit(Dmar table, int index, UnitFeatures<VtdFeatures> said) {
        var drhd = table.units().get(index);
        return new Vtd("dmar" + index, origin(table.file(), drhd.offset()), drhd, said.features(), said.problem());
    }

    void addAmdvi(Ivrs table) {
        for (int i = 0; i < table.units().size(); i++) {
            var ivhd = table.units().get(i);
            int unit = i;
            var said = UnitFeatures.of(() -> AmdviSettings.of(settings, unit), AmdviFeatures.DEFAULT);
            units.add(new Amdvi("ivhd" + i, origin(table.file(), ivhd.offset()), ivhd, said.features(), said.problem()));
        }
    }

    void addSmmus(Iort table) {
        table.nodes(Iort.Smmu.class).forEach(node -> warnings.add(origin(table.file(), node.offset())
                + ": the SMMU at " + Hex.of(node.base()) + " is of version 1 or 2, which is not modelled; left out"));
        var nodes = table.nodes(Iort.SmmuV3.class);
        for (int i = 0; i < nodes.size(); i++) {
            var node = nodes.get(i);
            var said = smmuFeatures(i);
            units.add(new Smmuv3(smmuName(node.base()), origin(table.file(), node.offset()), node.base(),
                    node.registerSize(), node.coherentWalk(), new Smmuv3.Interrupts(line(node.eventGsiv()),
                    line(node.priGsiv()), line(node.gerrorGsiv()), line(node.syncGsiv())), node.proximityDomain(),
                    said.features(), said.problem()));
        }
    }

    void addSmmus(DeviceTreeIommus tree) {
        int index = 0;
        for (var unit : tree.units()) {
            var node = unit.node();
            if (!unit.enabled()) {
                continue;
            }
            if (!node.isCompatible(SMMUV3)) {
                warnings.add(node.at() + ": an IOMMU of kind " + node.compatible() + ", which is not modelled; left out");
                continue;
            }
            if (unit.registers().isEmpty() || unit.registers().get(0).size() < SMMUV3_REGISTERS
                    || (unit.registers().get(0).start() & REGISTER_PAGE - 1) != 0) {
                warnings.add(node.malformed("an SMMUv3 has registers of %d KiB, aligned to 64 KiB; here they are %s; left out",
                        SMMUV3_REGISTERS / 1024, unit.registers()).getMessage());
                continue;
            }
            long base = unit.registers().get(0).start();
            var other = units.stream().filter(known -> known.base() == base).findFirst();
            if (other.isPresent()) {
                warnings.add(node.at() + ": it has the registers of " + other.get().origin() + "; left out");
                continue;
            }
            var said = smmuFeatures(index++);
            units.add(new Smmuv3(smmuName(base), node.at(), base, SMMUV3_REGISTERS, unit.coherent(),
                    new Smmuv3.Interrupts(line(unit, "eventq"), line(unit, "priq"), line(unit, "gerror"),
                            line(unit, "cmdq-sync")), Optional.empty(), said.features(), said.problem()));
        }
    }

    private UnitFeatures<Smmuv3Features> smmuFeatures(int unit) {
        return UnitFeatures.of(() -> Smmuv3Settings.of(settings, unit), Smmuv3Features.DEFAULT);
    }

    private static Optional<Long> line(long gsiv) {
        return gsiv == 0 ? Optional.empty() : Optional.of(gsiv);
    }

    private static Optional<Long> line(DeviceTreeIommus.Unit unit, String name) {
        return unit.interrupt(name).flatMap(DeviceTreeIommus.Interrupt::gicInterrupt);
    }

    /** As in sysfs. */
    private static String smmuName(long base) {
        return String.format("smmu3.0x%016x", base);
    }

    private static String origin(String file, int offset) {
        return file + ", offset 0x" + Integer.toHexString(offset);
    }
}
