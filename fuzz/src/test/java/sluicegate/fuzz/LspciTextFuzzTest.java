package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.GroupingRules.AcsOverride;
import sluicegate.api.grouping.GroupingRules.Generation;
import sluicegate.core.impl.pci.GroupPrediction;
import sluicegate.inspect.MachineExplainer;
import sluicegate.inspect.groups.MachineExplainerComponent;

/** What {@code lspci -vvv} prints: read, grouped, explained, drawn. */
class LspciTextFuzzTest {
    private static final MachineExplainer EXPLAINER = new MachineExplainerComponent(new GroupPrediction());
    private static final GroupingRules BUSES = new GroupingRules(Generation.BUSES, true, AcsOverride.NONE);

    private static void explain(byte[] bytes) {
        try {
            Path file = Files.createTempFile("sluicegate-fuzz", ".txt");
            try {
                Files.write(file, bytes);
                var report = EXPLAINER.explain(file, GroupingRules.KERNEL);
                EXPLAINER.html(report);
                var groups = report.groups();
                if (!groups.isEmpty()) {
                    EXPLAINER.explain(file, groups.get(groups.size() - 1).devices().get(0).name(), BUSES);
                }
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<byte[]> seeds() {
        return Seeds.files("lspci.txt");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> explain(bytes), bytes.length);
    }
}
