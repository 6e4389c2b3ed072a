package sluicegate.inspect.groups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.core.impl.pci.GroupPrediction;
import sluicegate.inspect.GroupReport;
import sluicegate.inspect.MachineReport;

/** The groups that kernels made of real machines. */
class RealMachinesTest {
    private static final MachineExplainerComponent EXPLAINER = new MachineExplainerComponent(new GroupPrediction());

    static Stream<Path> machines() throws IOException {
        var folder = Stream.of("../../shared/data/machines", "../shared/data/machines").map(Path::of).filter(Files::isDirectory).findFirst();
        if (folder.isEmpty()) {
            return Stream.of(Path.of("machines are not here"));
        }
        try (var machines = Files.list(folder.get())) {
            return machines.sorted().toList().stream();
        }
    }

    static Set<Set<String>> partition(MachineReport report) {
        return report.groups().stream().map(group -> group.devices().stream().map(GroupReport.Member::name).collect(Collectors.toSet()))
                .collect(Collectors.toSet());
    }

    @ParameterizedTest
    @MethodSource("machines")
    void areWhatTheKernelMade(Path machine) throws IOException {
        assumeThat(machine).as("machines are not here").exists();
        Map<String, Set<String>> kernel = new HashMap<>();
        var without = new TreeSet<String>();
        for (var line : Files.readAllLines(machine.resolve("groups.tsv"))) {
            var words = line.split("\t");
            if (!line.startsWith("#") && words[1].equals("-")) {
                without.add(words[0]);
            } else if (!line.startsWith("#")) {
                kernel.computeIfAbsent(words[1], number -> new TreeSet<>()).add(words[0]);
            }
        }
        var report = EXPLAINER.explain(machine, GroupingRules.KERNEL);
        assertThat(partition(report)).isEqualTo(Set.copyOf(kernel.values()));
        assertThat(report.ungrouped().stream().map(GroupReport.Member::name)).containsExactlyElementsOf(without);
        for (var group : report.groups()) {
            assertThat(group.reasons()).hasSameSizeAs(group.devices());
            assertThat(group.reserved()).isNotEmpty();
            assertThat(group.guest().why()).isNotEmpty();
            for (var member : group.devices()) {
                var device = EXPLAINER.explain(machine, member.name(), GroupingRules.KERNEL);
                assertThat(device.why()).isNotEmpty();
                assertThat(device.path()).isNotEmpty();
            }
        }
    }
}
