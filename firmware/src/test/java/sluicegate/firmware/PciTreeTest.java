package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceScope.Hop;
import sluicegate.firmware.DeviceScope.Kind;

@DisplayName("The PCI tree")
class PciTreeTest {
    private static final String SWITCH = """
            00:00.0 8086:29c0 class 060000
            00:07.0 1b36:000c class 060400 bridge pri 00 sec 04 sub 07
            04:00.0 104c:8232 class 060400 bridge pri 04 sec 05 sub 07
            05:00.0 104c:8233 class 060400 bridge pri 05 sec 06 sub 06
            05:01.0 104c:8233 class 060400 bridge pri 05 sec 07 sub 07
            07:00.0 1af4:1044 class 00ff00
            20:00.0 1b36:000c class 060400 bridge pri 20 sec 21 sub 21
            21:00.0 1af4:1044 class 00ff00
            """;

    @Test
    @DisplayName("has each function behind the bridge with its bus")
    void findsParents() {
        var tree = tree(SWITCH);

        assertThat(tree.rootBuses(0)).containsExactly(0x00, 0x20);
        assertThat(path(tree, "07:00.0")).containsExactly("07:00.0", "05:01.0", "04:00.0", "00:07.0");
        assertThat(path(tree, "00:00.0")).containsExactly("00:00.0");
        assertThat(path(tree, "21:00.0")).containsExactly("21:00.0", "20:00.0");
        assertThat(tree.children(node(tree, "04:00.0"))).extracting(n -> n.address().toString())
                .containsExactly("0000:05:00.0", "0000:05:01.0");
        assertThat(tree.behind(node(tree, "00:07.0"))).hasSize(4);
        assertThat(tree.behind(node(tree, "00:00.0"))).isEmpty();
        assertThat(tree.find(PciAddress.parse("00:09.0"))).isEmpty();
        assertThat(tree.rootBuses(5)).isEmpty();
    }

    @Test
    @DisplayName("follows the path of a device scope through secondary buses")
    void resolvesScopes() {
        var tree = tree(SWITCH);

        assertThat(resolve(tree, 0, new Hop(7, 0), new Hop(0, 0), new Hop(1, 0), new Hop(0, 0))).contains("0000:07:00.0");
        assertThat(resolve(tree, 0, new Hop(7, 0), new Hop(0, 0))).contains("0000:04:00.0");
        assertThat(resolve(tree, 0x20, new Hop(0, 0))).contains("0000:20:00.0");
        assertThat(resolve(tree, 0, new Hop(7, 0), new Hop(3, 0))).as("no such function").isEmpty();
        assertThat(resolve(tree, 0, new Hop(0, 0), new Hop(0, 0))).as("through what is no bridge").isEmpty();
        assertThat(resolve(tree, 7, new Hop(0, 0))).as("as broken firmware names it").contains("0000:07:00.0");
        assertThat(resolve(tree, 5, new Hop(1, 0), new Hop(0, 0))).as("a path starts on a root bus").isEmpty();
    }

    @Test
    @DisplayName("keeps segments apart")
    void knowsSegments() {
        var tree = tree(SWITCH + "0001:05:00.0 8086:0001 class 020000\n");
        assertThat(tree.rootBuses(1)).containsExactly(5);
        assertThat(path(tree, "0001:05:00.0")).hasSize(1);
    }

    @Test
    @DisplayName("passes over a bridge that was not set up")
    void toleratesUnusedBridges() {
        var tree = tree("00:01.0 1b36:000c class 060400 bridge pri 00 sec 00 sub 00\n00:02.0 8086:0001 class 020000\n");
        assertThat(tree.rootBuses(0)).containsExactly(0);
        assertThat(tree.behind(node(tree, "00:01.0"))).isEmpty();
    }

    @Test
    @DisplayName("is refused where functions or bus numbers contradict each other")
    void refusesContradictions() {
        assertRefused("00:01.0 8086:0001 class 020000\n00:01.0 8086:0002 class 020000\n",
                "topology.txt, line 2", "topology.txt, line 1", "twice");
        var first = "00:01.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 04\n";
        assertRefused(first + "00:02.0 1b36:000c class 060400 bridge pri 00 sec 04 sub 06\n", "0000:00:01.0", "0000:00:02.0", "overlap");
        assertRefused(first + "00:02.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 04\n", "overlap");
        assertRefused(first + "01:00.0 1b36:000c class 060400 bridge pri 01 sec 02 sub 05\n", "line");
        assertRefused(first + "01:00.0 1b36:000c class 060400 bridge pri 01 sec 03 sub 05\n", "0000:01:00.0", "reach beyond");
        assertRefused("00:01.0 1b36:000c class 060400 bridge pri 00 sec 04 sub 02\n", "line 1", "ascending");
        assertRefused("03:01.0 1b36:000c class 060400 bridge pri 03 sec 03 sub 04\n", "line 1", "above its own");
    }

    @Test
    @DisplayName("finds the physical function of a virtual one by SR-IOV")
    void findsPhysicalFunctions() {
        var images = new ArrayList<PciConfigImage>();
        var config = new byte[4096];
        config[0x100] = 0x10; // SR-IOV, last in its list
        config[0x102] = 0x01;
        config[0x108] = 0x01; // VFs are on
        config[0x110] = 3; // three of them
        config[0x114] = 0x10; // the first at +0x10
        config[0x116] = 0x02; // and every second from there
        images.add(new PciConfigImage(PciAddress.parse("03:00.0"), "PF", config, "test"));
        for (var virtual : List.of("03:02.0", "03:02.2", "03:02.4", "03:02.1", "03:02.6")) {
            images.add(new PciConfigImage(PciAddress.parse(virtual), "", new byte[256], "test"));
        }
        var tree = PciTree.of(images);

        for (var virtual : List.of("03:02.0", "03:02.2", "03:02.4")) {
            assertThat(tree.physicalFunction(node(tree, virtual)).image().description()).as(virtual).isEqualTo("PF");
        }
        for (var other : List.of("03:02.1", "03:02.6", "03:00.0")) {
            assertThat(tree.physicalFunction(node(tree, other)).address()).isEqualTo(PciAddress.parse(other));
        }
    }

    static PciTree tree(String topology) {
        return PciTree.of(PciText.parseTopology(
                new FirmwareFile("topology.txt", topology.getBytes(StandardCharsets.UTF_8))));
    }

    private static PciTree.Node node(PciTree tree, String address) {
        return tree.find(PciAddress.parse(address)).orElseThrow();
    }

    private static List<String> path(PciTree tree, String address) {
        var path = new ArrayList<String>();
        for (var at = Optional.of(node(tree, address)); at.isPresent(); at = tree.parent(at.get())) {
            path.add(at.get().address().toString().substring(5));
        }
        return path.stream().map(text -> address.length() > 7 ? "0001:" + text : text).toList();
    }

    private static Optional<String> resolve(PciTree tree, int bus, Hop... path) {
        return tree.resolve(0, new DeviceScope(0, Kind.PCI_ENDPOINT, 0, 0, bus, List.of(path)))
                .map(node -> node.address().toString());
    }

    private static void assertRefused(String topology, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> tree(topology))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("topology.txt, line ").contains(words));
    }
}
