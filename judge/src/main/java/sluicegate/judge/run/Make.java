package sluicegate.judge.run;

import java.util.Arrays;
import java.util.function.Function;
import java.util.function.Supplier;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.platform.Machine;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;

/** A make of hardware that programs can be judged on: its driver, and what its manual says. */
public enum Make {
    VTD("intel,vtd", VtdDriver::new, VtdRules::new),
    SMMUV3("arm,smmu-v3", Smmuv3Driver::new, Smmuv3Rules::new);

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
        var compatible = machine.units().get(0).compatible();
        return Arrays.stream(values()).filter(make -> make.compatible.equals(compatible)).findFirst().orElseThrow(() ->
                new IllegalArgumentException("no rules are written down for " + compatible));
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
