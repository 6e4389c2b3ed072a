package sluicegate.judge.run;

import java.util.function.Function;
import java.util.function.Supplier;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.platform.Machine;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;

/** A make of hardware that programs can be judged on: its driver, and what its manual says of the mode that the driver uses. */
public enum Make {
    VTD("intel,vtd", VtdDriver::new, VtdLegacyRules::new),
    VTD_FIRST_STAGE("intel,vtd", VtdDriver::new, VtdScalableRules.FirstStage::new),
    /** Scalable mode of a unit that has no first stage. */
    VTD_SECOND_STAGE("intel,vtd", VtdDriver::new, VtdScalableRules.SecondStage::new),
    SMMUV3("arm,smmu-v3", Smmuv3Driver::new, Smmuv3Rules::new),
    AMDVI("amd,iommu", AmdviDriver::new, AmdviRules::new);

    private final String compatible;
    private final Supplier<IommuDriver> driver;
    private final Function<Facts, Rules> rules;

    Make(String compatible, Supplier<IommuDriver> driver, Function<Facts, Rules> rules) {
        this.compatible = compatible;
        this.driver = driver;
        this.rules = rules;
    }

    /** That of a machine's first unit. */
    static Make of(Machine machine) {
        var unit = machine.units().get(0);
        return switch (unit.compatible()) {
            case "intel,vtd" -> ofVtd(unit.registers().read64(ExtendedCapabilityRegister.OFFSET));
            case "arm,smmu-v3" -> SMMUV3;
            case "amd,iommu" -> AMDVI;
            default -> throw new IllegalArgumentException("no rules are written down for " + unit.compatible());
        };
    }

    private static Make ofVtd(long ecap) {
        if (!ExtendedCapabilityRegister.SMTS.isSet(ecap) || !ExtendedCapabilityRegister.QI.isSet(ecap)) {
            return VTD;
        }
        return ExtendedCapabilityRegister.FSTS.isSet(ecap) ? VTD_FIRST_STAGE : VTD_SECOND_STAGE;
    }

    String compatible() {
        return compatible;
    }

    IommuDriver driver() {
        return driver.get();
    }

    Rules rules(Facts facts) {
        return rules.apply(facts);
    }
}
