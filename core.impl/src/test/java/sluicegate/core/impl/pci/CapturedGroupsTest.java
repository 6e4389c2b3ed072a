package sluicegate.core.impl.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;
import sluicegate.core.impl.fake.FakeMachine;
import sluicegate.core.impl.fake.FakePci;

/** The groups that real kernels made of the same configuration spaces. */
class CapturedGroupsTest {
    private static final Pattern DEVICE = Pattern.compile(
            "\"bdf\":\\s*\"([^\"]+)\",\\s*\"path\":\\s*\"([^\"]+)\",\\s*\"group\":\\s*\"([^\"]*)\".*?\"config\":\\s*\"([^\"]+)\"",
            Pattern.DOTALL);
    private static final Map<Integer, PcieType> TYPES = Map.of(0, PcieType.ENDPOINT, 1, PcieType.LEGACY_ENDPOINT,
            4, PcieType.ROOT_PORT, 5, PcieType.UPSTREAM_PORT, 6, PcieType.DOWNSTREAM_PORT, 7, PcieType.PCIE_TO_PCI_BRIDGE,
            8, PcieType.PCI_TO_PCIE_BRIDGE, 9, PcieType.ROOT_COMPLEX_INTEGRATED_ENDPOINT,
            10, PcieType.ROOT_COMPLEX_EVENT_COLLECTOR);

    private final FakeMachine machine = new FakeMachine("captured");

    @ParameterizedTest
    @ValueSource(strings = {"vtd-legacy-6.1", "vtd-legacy48-ats-6.12", "vtd-scalable-sl-6.1", "vtd-scalable-fl-6.12"})
    void areTheKernels(String capture) throws IOException {
        var file = Stream.of("../../shared", "../shared").map(root -> Path.of(root, "data/captures", capture, "capture.json"))
                .filter(Files::exists).findFirst();
        assumeThat(file).as("captures are not here").isPresent();
        Map<String, FakePci> functions = new LinkedHashMap<>();
        var kernel = new TreeMap<String, String>();
        var matcher = DEVICE.matcher(Files.readString(file.orElseThrow()));
        while (matcher.find()) {
            var function = read(matcher.group(1), HexFormat.of().parseHex(matcher.group(4)));
            var path = matcher.group(2).split("/");
            if (functions.containsKey(path[path.length - 2])) {
                function.below(functions.get(path[path.length - 2]));
            }
            functions.put(matcher.group(1), function);
            kernel.put(matcher.group(1).substring(5), matcher.group(3));
        }
        assertThat(functions).hasSizeGreaterThan(20);
        assertThat(partition(PciGroupingTest.group(List.<PciFunction>copyOf(functions.values())))).isEqualTo(partition(kernel));
    }

    static TreeSet<String> partition(Map<String, ?> groups) {
        Map<Object, List<String>> members = new LinkedHashMap<>();
        groups.forEach((name, group) -> members.computeIfAbsent(group, key -> new ArrayList<>()).add(name));
        var sets = new TreeSet<String>();
        members.values().forEach(list -> sets.add(list.stream().sorted().toList().toString()));
        return sets;
    }

    /** As much of configuration space as grouping needs. */
    private FakePci read(String address, byte[] bytes) {
        var config = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var function = machine.bus.pci(address).type(PcieType.CONVENTIONAL);
        int header = config.get(0x0e);
        if ((header & 0x80) != 0) {
            function.multi();
        }
        if ((header & 0x7f) == 1) {
            function.buses(config.get(0x19) & 0xff, config.get(0x1a) & 0xff);
        }
        boolean hasCapabilities = (config.getShort(6) & 0x10) != 0;
        for (int at = hasCapabilities ? config.get(0x34) & 0xfc : 0; at != 0; at = config.get(at + 1) & 0xfc) {
            if (config.get(at) == 0x10) {
                function.type(TYPES.get(config.getShort(at + 2) >> 4 & 0xf));
            }
        }
        if (bytes.length == 4096) {
            int next;
            for (int at = 0x100; at != 0 && config.getInt(at) != 0; at = next) {
                int capability = config.getInt(at);
                next = capability >>> 20;
                if ((capability & 0xffff) == 0x0d) {
                    function.acs(config.getShort(at + 4) & 0xffff).acsControl(config.getShort(at + 6) & 0xffff);
                }
            }
        }
        return function;
    }
}
