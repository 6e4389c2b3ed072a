package sluicegate.core.impl.pci;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakePci;

/** What the kernel groups together. */
class PciGroupingTest {
    private static final int ACS = FakePci.ACS;
    private final FakeMachine machine = new FakeMachine("m");
    private final List<PciFunction> functions = new ArrayList<>();

    private FakePci function(String address) {
        var function = machine.bus.pci(address);
        functions.add(function);
        return function;
    }

    private FakePci port(String address, PcieType type, int secondary, int subordinate) {
        return function(address).type(type).buses(secondary, subordinate);
    }

    /** Groups all functions in the order in which they were made, after ACS was switched on. */
    static Map<String, Integer> group(List<PciFunction> functions) {
        functions.forEach(PciFunction::enableAcs);
        Map<PciFunction, Integer> groups = new LinkedHashMap<>();
        int next = 0;
        var grouping = new PciGrouping<Integer>(f -> Optional.ofNullable(groups.get(f)), f -> functions.stream()
                .filter(o -> bus(o).equals(bus(f))).toList());
        for (var function : functions) {
            var found = grouping.find(function);
            groups.put(function, found.isPresent() ? found.get() : next++);
        }
        Map<String, Integer> byName = new LinkedHashMap<>();
        groups.forEach((function, group) -> byName.put(function.address().toString().substring(5), group));
        return byName;
    }

    private static PciAddress bus(PciFunction f) {
        return new PciAddress(f.address().segment(), f.address().bus(), 0, 0);
    }

    @Test
    void behindARootPortWithAcsAnEndpointIsAlone() {
        var root = port("00:1c.0", PcieType.ROOT_PORT, 1, 1).acs(ACS);
        function("01:00.0").below(root);
        assertThat(group(functions)).isEqualTo(Map.of("00:1c.0", 0, "01:00.0", 1));
    }

    @Test
    void behindARootPortWithoutAcsAnEndpointSharesItsGroup() {
        var root = port("00:1c.0", PcieType.ROOT_PORT, 1, 1);
        function("01:00.0").below(root);
        assertThat(group(functions)).isEqualTo(Map.of("00:1c.0", 0, "01:00.0", 0));
    }

    @Test
    void functionsOfASlotShareUnlessEachIsolates() {
        function("00:06.0").multi();
        function("00:06.1").multi();
        function("00:07.0").multi().acs(ACS);
        function("00:07.1").multi().acs(ACS);
        function("00:07.2").multi();
        function("00:08.0");
        assertThat(group(functions)).isEqualTo(Map.of("00:06.0", 0, "00:06.1", 0, "00:07.0", 1, "00:07.1", 2, "00:07.2", 3,
                "00:08.0", 4));
    }

    @Test
    void allBehindAPcieToPciBridgeShareItsGroup() {
        var root = port("00:03.0", PcieType.ROOT_PORT, 2, 3).acs(ACS);
        var bridge = port("02:00.0", PcieType.PCIE_TO_PCI_BRIDGE, 3, 3).below(root);
        var device = function("03:02.0").type(PcieType.CONVENTIONAL).below(bridge);
        function("03:03.0").type(PcieType.CONVENTIONAL).below(bridge);
        assertThat(group(functions)).isEqualTo(Map.of("00:03.0", 0, "02:00.0", 1, "03:02.0", 1, "03:03.0", 1));
        assertThat(PciAliases.of(device)).extracting(PciAliases.Alias::requesterId).containsExactly(0x310, 0x300);
        assertThat(PciAliases.requesterId(device)).isEqualTo(0x300);
    }

    @Test
    void conventionalBridgesPutTheirOwnIdOnTheBus() {
        var first = port("00:1e.0", PcieType.CONVENTIONAL, 9, 10);
        var second = port("09:01.0", PcieType.CONVENTIONAL, 10, 10).below(first);
        var device = function("0a:04.0").type(PcieType.CONVENTIONAL).below(second);
        assertThat(group(functions).values()).containsOnly(0);
        assertThat(PciAliases.of(device)).extracting(PciAliases.Alias::requesterId).containsExactly(0xa20, 0x908, 0xf0);
    }

    @Test
    void aSwitchWithAcsKeepsItsPortsApart() {
        assertThat(switchWith(ACS)).isEqualTo(Map.of("00:04.0", 0, "04:00.0", 1, "05:00.0", 2, "05:01.0", 3, "06:00.0", 4, "07:00.0", 5));
    }

    @Test
    void aSwitchWithoutAcsSharesEachPortWithWhatIsBehindIt() {
        assertThat(switchWith(-1)).isEqualTo(Map.of("00:04.0", 0, "04:00.0", 1, "05:00.0", 2, "05:01.0", 3, "06:00.0", 2, "07:00.0", 3));
    }

    private Map<String, Integer> switchWith(int acs) {
        var root = port("00:04.0", PcieType.ROOT_PORT, 4, 7).acs(ACS);
        var up = port("04:00.0", PcieType.UPSTREAM_PORT, 5, 7).below(root);
        var left = port("05:00.0", PcieType.DOWNSTREAM_PORT, 6, 6).below(up);
        var right = port("05:01.0", PcieType.DOWNSTREAM_PORT, 7, 7).below(up);
        if (acs >= 0) {
            left.acs(acs);
            right.acs(acs);
        }
        function("06:00.0").below(left);
        function("07:00.0").below(right);
        return group(functions);
    }

    @Test
    void belowARootPortWithoutAcsEverythingIsOneGroup() {
        var root = port("00:04.0", PcieType.ROOT_PORT, 4, 7);
        var up = port("04:00.0", PcieType.UPSTREAM_PORT, 5, 7).below(root);
        var down = port("05:00.0", PcieType.DOWNSTREAM_PORT, 6, 6).acs(ACS).below(up);
        function("06:00.0").below(down);
        assertThat(group(functions).values()).containsOnly(0);
    }

    @Test
    void whatAcsDoesNotOfferCountsAsHardWiredButWhatIsOffDoesNot() {
        var sv = machine.bus.pci("00:01.0").type(PcieType.ROOT_PORT).acs(AcsPath.SOURCE_VALIDATION);
        assertThat(AcsPath.isolates(sv)).isFalse();
        sv.enableAcs();
        assertThat(AcsPath.isolates(sv)).isTrue();
        assertThat(AcsPath.isolates(machine.bus.pci("00:02.0").type(PcieType.ROOT_COMPLEX_EVENT_COLLECTOR).acs(ACS)
                .acsControl(ACS))).isFalse();
        assertThat(AcsPath.isolates(machine.bus.pci("00:03.0").type(PcieType.CONVENTIONAL))).isFalse();
        assertThat(AcsPath.isolates(machine.bus.pci("00:04.0").type(PcieType.UPSTREAM_PORT))).isTrue();
    }

    @Test
    void aFunctionThatUsesTheIdOfAnotherSharesItsGroupWhicheverComesFirst() {
        function("02:00.0").aliases(0x01); // a storage controller that says it is function 1
        function("02:00.1").acs(ACS).multi();
        function("02:03.0");
        assertThat(group(functions)).isEqualTo(Map.of("02:00.0", 0, "02:00.1", 0, "02:03.0", 1));
        functions.clear();
        function("02:00.1").acs(ACS).multi();
        var controller = function("02:00.0").aliases(0x01);
        assertThat(group(functions).values()).containsOnly(0);
        assertThat(PciAliases.of(controller)).extracting(PciAliases.Alias::requesterId).containsExactly(0x200, 0x201);
        assertThat(PciAliases.requesterId(controller)).isEqualTo(0x200);
    }

    @Test
    void idsGoRoundInCirclesAndFunctionsThatShareASlotWithAnAliasCountToo() {
        function("02:00.0").aliases(0x10);
        function("02:02.1").multi();
        function("02:02.0").multi().aliases(0x18);
        function("02:03.0").aliases(0x00);
        function("02:04.0");
        assertThat(group(functions)).isEqualTo(Map.of("02:00.0", 0, "02:02.1", 0, "02:02.0", 0, "02:03.0", 0, "02:04.0", 1));
        functions.clear();
        function("02:02.1").multi();
        function("02:00.0").aliases(0x10);
        function("02:02.0").multi();
        assertThat(group(functions).values()).as("by way of an alias that was not probed yet").containsOnly(0);
    }

    @Test
    void whatVendorsSayOfTheirDevicesCounts() {
        function("02:00.0").multi().id(0x8086, 0x1521); // I350
        function("02:00.1").multi().id(0x8086, 0x1521);
        function("00:15.0").multi().id(0x8086, 0x9d60).type(PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        function("00:15.1").multi().id(0x8086, 0x9d61).type(PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        function("00:16.0").multi().type(PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        function("00:16.1").multi().type(PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT);
        assertThat(group(functions)).isEqualTo(Map.of("02:00.0", 0, "02:00.1", 1, "00:15.0", 2, "00:15.1", 3, "00:16.0", 4, "00:16.1", 4));

        assertThat(isolates(0x8086, 0x1c10, PcieType.ROOT_PORT)).as("Cougar Point").isTrue();
        assertThat(isolates(0x8086, 0x1c10, PcieType.DOWNSTREAM_PORT)).isFalse();
        assertThat(isolates(0x8086, 0x1901, PcieType.ROOT_PORT)).as("a processor's port").isFalse();
        assertThat(isolates(0x8086, 0x1d12, PcieType.ROOT_PORT)).as("Patsburg, even numbers only").isTrue();
        assertThat(isolates(0x8086, 0x1d13, PcieType.ROOT_PORT)).isFalse();
        assertThat(isolates(0x1def, 0xe005, PcieType.ROOT_PORT)).as("Ampere").isTrue();
        assertThat(isolates(0x177d, 0xa123, PcieType.ROOT_PORT)).as("ThunderX").isTrue();
        assertThat(isolates(0x1d17, 0x0712, PcieType.DOWNSTREAM_PORT)).as("Zhaoxin").isTrue();
        assertThat(AcsPath.isolates(machine.bus.pci("00:01.0").id(0x1d17, 0x0800).type(PcieType.ROOT_PORT).acs(ACS).acsControl(ACS)))
                .as("Zhaoxin's others do not, whatever they say").isFalse();
        assertThat(AcsPath.isolates(machine.bus.pci("00:01.0").id(0x8088, 0x0103).multi())).as("Wangxun").isTrue();
    }

    private boolean isolates(int vendor, int device, PcieType type) {
        return AcsPath.isolates(machine.bus.pci("00:1c.0").id(vendor, device).type(type));
    }

    @Test
    void amdSouthbridgesIsolateInFrontOfAnAmdIommu() {
        var audio = machine.bus.pci("00:14.2").multi().id(0x1002, 0x4383).type(PcieType.CONVENTIONAL);
        assertThat(AcsPath.isolates(audio)).isFalse();
        machine.unit("ivhd0").compatible = "amd,vi";
        assertThat(AcsPath.isolates(audio)).isTrue();
        assertThat(AcsPath.isolates(machine.bus.pci("00:14.0").id(0x1002, 0x4383).type(PcieType.CONVENTIONAL)))
                .as("alone in its slot: not what AMD spoke of").isFalse();
    }
}
