package sluicegate.core.impl.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakePci;

/** The groups that kernels made of real machines, from what {@code lspci -vvv} says about them. */
class RealMachineGroupsTest {
    private static final Pattern HEADER = Pattern.compile("^((?:[0-9a-f]{4}:)?[0-9a-f]{2}:[0-9a-f]{2}\\.[0-7]) (.*)");
    private static final Pattern IDS = Pattern.compile("\\[([0-9a-f]{4}):([0-9a-f]{4})\\]");
    private static final Pattern BUSES = Pattern.compile("secondary=([0-9a-f]{2}), subordinate=([0-9a-f]{2})");
    private static final Pattern EXPRESS = Pattern.compile("Express \\(v\\d\\) ([^,(]*)");
    private static final Pattern ACS = Pattern.compile("ACSCap:\\s+SrcValid([+-]) TransBlk. ReqRedir([+-]) CmpltRedir([+-]) UpstreamFwd([+-])");

    private final FakeMachine machine = new FakeMachine("real");
    private final Map<String, FakePci> functions = new LinkedHashMap<>();

    @ParameterizedTest
    @ValueSource(strings = {"am-g6x-pex8748", "amd-family15h-no-acs", "apple-macmini8-1-tb3-egpu", "asus-alderlake-laptop",
        "hp-spectre-x360-15-df1", "intel-cometlake", "lenovo-t14-gen3-amd", "msi-b550-amd"})
    void areTheKernels(String name) throws IOException {
        var folder = Stream.of("../../shared", "../shared").map(root -> Path.of(root, "data/machines", name))
                .filter(Files::exists).findFirst();
        assumeThat(folder).as("machines are not here").isPresent();
        var kernel = new TreeMap<String, String>();
        for (var line : Files.readAllLines(folder.orElseThrow().resolve("groups.tsv"))) {
            var words = line.split("\t");
            if (!line.startsWith("#") && !words[1].equals("-")) {
                kernel.put(words[0].substring(5), words[1]);
            }
        }
        if (name.contains("amd")) {
            machine.unit("ivhd0").compatible = "amd,vi";
        }
        var text = Files.readAllLines(folder.orElseThrow().resolve("lspci.txt"));
        read(text);
        connect();
        var groups = PciGroupingTest.group(functions.entrySet().stream().filter(f -> kernel.containsKey(f.getKey()))
                .<PciFunction>map(Map.Entry::getValue).toList());
        assertThat(CapturedGroupsTest.partition(groups)).isEqualTo(CapturedGroupsTest.partition(kernel));
    }

    private void read(List<String> lines) {
        FakePci function = null;
        for (var line : lines) {
            var header = HEADER.matcher(line);
            if (header.find()) {
                var address = header.group(1).replaceFirst("^0000:", "");
                function = machine.bus.pci(address).type(PcieType.CONVENTIONAL).id(vendor(header.group(2)), 0);
                var ids = IDS.matcher(header.group(2));
                if (ids.find()) {
                    function.id(Integer.parseInt(ids.group(1), 16), Integer.parseInt(ids.group(2), 16));
                }
                functions.put(address, function);
            } else if (function != null) {
                readDetail(function, line);
            }
        }
    }

    private static int vendor(String description) {
        return description.contains("Intel") ? 0x8086 : description.contains("AMD/ATI") ? 0x1002
                : description.contains("Advanced Micro Devices") ? 0x1022 : 0;
    }

    private static void readDetail(FakePci function, String line) {
        var buses = BUSES.matcher(line);
        if (buses.find()) {
            function.buses(Integer.parseInt(buses.group(1), 16), Integer.parseInt(buses.group(2), 16));
        }
        var express = EXPRESS.matcher(line);
        if (line.contains("Capabilities:") && express.find()) {
            function.type(type(express.group(1).trim()));
        }
        var acs = ACS.matcher(line);
        if (acs.find()) {
            IntPredicate has = group -> acs.group(group).equals("+");
            function.acs((has.test(1) ? 1 : 0) | (has.test(2) ? 4 : 0) | (has.test(3) ? 8 : 0) | (has.test(4) ? 16 : 0));
        }
    }

    private static PcieType type(String words) {
        return switch (words) {
            case "Endpoint" -> PcieType.ENDPOINT;
            case "Legacy Endpoint" -> PcieType.LEGACY_ENDPOINT;
            case "Root Port" -> PcieType.ROOT_PORT;
            case "Upstream Port" -> PcieType.UPSTREAM_PORT;
            case "Downstream Port" -> PcieType.DOWNSTREAM_PORT;
            case "PCI-Express to PCI/PCI-X Bridge" -> PcieType.PCIE_TO_PCI_BRIDGE;
            case "PCI/PCI-X to PCI-Express Bridge" -> PcieType.PCI_TO_PCIE_BRIDGE;
            case "Root Complex Integrated Endpoint" -> PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT;
            case "Root Complex Event Collector" -> PcieType.ROOT_COMPLEX_EVENT_COLLECTOR;
            default -> throw new IllegalArgumentException(words);
        };
    }

    /** Which bridge leads to which bus, and which function 0 has siblings. */
    private void connect() {
        var slots = new ArrayList<String>();
        functions.values().forEach(f -> slots.add(f.address().bus() + ":" + f.address().device()));
        var several = Set.copyOf(slots.stream().filter(slot -> slots.indexOf(slot) != slots.lastIndexOf(slot)).toList());
        for (var function : functions.values()) {
            if (several.contains(function.address().bus() + ":" + function.address().device())) {
                function.multi();
            }
            functions.values().stream().filter(bridge -> bridge.busesBehind()
                    .filter(behind -> behind.secondary() == function.address().bus()).isPresent() && bridge != function)
                    .findFirst().ifPresent(function::below);
        }
    }
}
