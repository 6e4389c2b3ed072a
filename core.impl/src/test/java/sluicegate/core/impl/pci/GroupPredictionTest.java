package sluicegate.core.impl.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.GroupingRules.AcsOverride;
import sluicegate.api.grouping.GroupingRules.Generation;
import sluicegate.api.grouping.Isolation.Basis;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakePci;

/** Groups of functions that are not the core's, with reasons, by either generation of rules. */
class GroupPredictionTest {
    private static final GroupingRules REWORK = new GroupingRules(Generation.BUSES, true, AcsOverride.NONE);

    private final FakeMachine machine = new FakeMachine("m");
    private final List<PciFunction> functions = new ArrayList<>();
    private final GroupPrediction prediction = new GroupPrediction();

    private FakePci function(String address) {
        var function = machine.bus.pci(address);
        functions.add(function);
        return function;
    }

    private FakePci port(String address, PcieType type, int secondary, int subordinate) {
        return function(address).type(type).buses(secondary, subordinate);
    }

    private List<String> groups(GroupingRules rules) {
        functions.forEach(PciFunction::enableAcs);
        return prediction.group(functions, rules).stream()
                .map(group -> String.join(" ", group.members().stream().map(f -> f.address().toString().substring(5)).toList())).toList();
    }

    /** A switch, one of whose ports has no ACS. */
    private void lopsidedSwitch() {
        var root = port("00:04.0", PcieType.ROOT_PORT, 4, 7).acs(FakePci.ACS);
        var up = port("04:00.0", PcieType.UPSTREAM_PORT, 5, 7).below(root);
        var left = port("05:00.0", PcieType.DOWNSTREAM_PORT, 6, 6).below(up).acs(FakePci.ACS);
        var right = port("05:01.0", PcieType.DOWNSTREAM_PORT, 7, 7).below(up);
        function("06:00.0").below(left);
        function("07:00.0").below(right);
    }

    @Test
    void onePortWithoutAcsSpoilsItsSwitchInTheRework() {
        lopsidedSwitch();
        assertThat(groups(GroupingRules.KERNEL)).containsExactly("00:04.0", "04:00.0", "05:00.0", "05:01.0 07:00.0", "06:00.0");
        assertThat(groups(REWORK)).containsExactly("00:04.0", "04:00.0", "05:00.0 05:01.0 06:00.0 07:00.0");
    }

    @Test
    void aPortWithoutAcsCapturesAllBelowInTheRework() {
        var root = port("00:01.0", PcieType.ROOT_PORT, 1, 3);
        var up = port("01:00.0", PcieType.UPSTREAM_PORT, 2, 3).below(root);
        var down = port("02:00.0", PcieType.DOWNSTREAM_PORT, 3, 3).below(up).acs(FakePci.ACS);
        function("03:00.0").below(down);
        assertThat(groups(REWORK)).containsExactly("00:01.0 01:00.0 02:00.0 03:00.0");
    }

    @Test
    void functionsWithoutAnyAcsAreApartInTheRework() {
        function("00:1f.0").multi();
        function("00:1f.2").multi();
        function("02:00.0").multi().acs(FakePci.ACS);
        function("02:00.1").multi().acs(FakePci.ACS);
        assertThat(groups(GroupingRules.KERNEL)).containsExactly("00:1f.0 00:1f.2", "02:00.0", "02:00.1");
        assertThat(groups(REWORK)).containsExactly("00:1f.0", "00:1f.2", "02:00.0", "02:00.1");
    }

    @Test
    void behindABridgeToConventionalPciAllShareAGroupByEitherRules() {
        var root = port("00:03.0", PcieType.ROOT_PORT, 2, 3).acs(FakePci.ACS);
        var bridge = port("02:00.0", PcieType.PCIE_TO_PCI_BRIDGE, 3, 3).below(root);
        function("03:02.0").type(PcieType.CONVENTIONAL).below(bridge);
        function("03:03.0").type(PcieType.CONVENTIONAL).below(bridge);
        assertThat(groups(GroupingRules.KERNEL)).containsExactly("00:03.0", "02:00.0 03:02.0 03:03.0");
        assertThat(groups(REWORK)).as("the bridge has no registers that they could reach").containsExactly("00:03.0", "02:00.0", "03:02.0 03:03.0");
    }

    @Test
    void reasonsNameWhoIsToBlame() {
        lopsidedSwitch();
        groups(GroupingRules.KERNEL);
        var reason = prediction.group(functions, GroupingRules.KERNEL).get(3).reasons().get(1);
        assertThat(reason.kind()).isEqualTo(PciGroup.Kind.PATH);
        assertThat(reason.function().name()).endsWith("07:00.0");
        assertThat(reason.with().name()).endsWith("05:01.0");
        assertThat(reason.decisive()).singleElement().satisfies(isolation -> {
            assertThat(isolation.basis()).isEqualTo(Basis.NO_CAPABILITY);
            assertThat(isolation.isolates()).isFalse();
        });
    }

    @Test
    void overridesCountOnlyWhereThereIsNoCapability() {
        lopsidedSwitch();
        assertThat(groups(new GroupingRules(Generation.PATHS, true, new AcsOverride(true, false, Set.of()))))
                .containsExactly("00:04.0", "04:00.0", "05:00.0", "05:01.0", "06:00.0", "07:00.0");
        assertThat(groups(new GroupingRules(Generation.PATHS, true, new AcsOverride(false, false, Set.of(0x1234_5678))))).hasSize(6);
        var off = machine.bus.pci("00:1c.0").type(PcieType.ROOT_PORT).acs(FakePci.ACS);
        assertThat(prediction.isolation(off, new GroupingRules(Generation.PATHS, true, new AcsOverride(true, true, Set.of()))).missing())
                .isEqualTo(FakePci.ACS);
    }

    @Test
    void vendorsCanBeIgnored() {
        function("00:15.0").multi().id(0x8086, 0x9d60).type(PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        function("00:15.1").multi().id(0x8086, 0x9d61).type(PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        assertThat(groups(GroupingRules.KERNEL)).hasSize(2);
        assertThat(groups(new GroupingRules(Generation.PATHS, false, AcsOverride.NONE))).hasSize(1);
    }
}
