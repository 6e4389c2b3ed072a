package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.apache.felix.service.command.Descriptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every command explains itself and completes its line. */
class HelpTest {
    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void helpSaysWhatACommandDoesAndWhatEachWordMeans() throws Exception {
        assertThat(shell.shown("help iommu:domain-alloc")).isEqualTo("""
                iommu:domain-alloc DEVICE [--type TYPE] [--for PURPOSES] [--parent PARENT] [--tables TABLES] [--json]
                Allocates a domain that suits a device. Nothing is mapped in it and nothing attached to it.
                  DEVICE    a device that iommu:devices lists
                  --type    what kind of domain: one to map pages in, or a guest's tables on top of a parent
                  --for     what it has to serve; several with commas between them
                  --parent  for a nested domain: a domain that was allocated for nest-parent
                  --tables  for a nested domain: the numbers that the guest's entry says, with commas between them; on VT-d flags, address of the top table, width of an address
                  --json    print JSON
                  --help    explain the command""");
        assertThat(shell.shown("iommu:domain-alloc --help")).isEqualTo(shell.shown("help domain-alloc"));
        assertThat(shell.shown("help")).contains("iommu:map ").contains("iommu:tour ");
        assertThatThrownBy(() -> shell.execute("help iommu:mpa")).hasMessageContaining("did you mean iommu:map");
    }

    @Test
    void everyCommandAndEveryParameterIsDescribed() {
        for (var family : shell.families) {
            for (var method : family.getClass().getDeclaredMethods()) {
                if (method.isAnnotationPresent(Descriptor.class)) {
                    for (var parameter : method.getParameters()) {
                        var operand = Operand.of(parameter);
                        assertThat(operand.isSession() || !operand.description().isEmpty()).as("%s of %s", operand, method)
                                .isTrue();
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "iommu:map | dom0 dom1",
        "map dom0 0x1000 0x1000 4K | r w rw rwx",
        "iommu:map dom0 0x1000 0x1000 4K rw | ''",
        "iommu:dma | 0000:00:05.0 0000:00:10.0 0000:00:1f.0 0000:00:1f.2",
        "iommu:dma 0000:00:05.0 | read write",
        "iommu:domain-alloc --type | unmanaged nested",
        "iommu:domain-alloc --for | nest-parent dirty-tracking faults pasid",
        "iommu:domain-alloc --json | 0000:00:05.0 0000:00:10.0 0000:00:1f.0 0000:00:1f.2",
        "iommu:attach dom0 --pasid | ''",
        "iommu:attach dom0 --pasid 5 | 0000:00:05.0 0000:00:10.0 0000:00:1f.0 0000:00:1f.2",
        "iommu:boot | q35-vtd q35-vtd-rich",
        "iommu:poweroff | q35-vtd",
        "iommu:regs | dmar0",
        "iommu:mem | q35-vtd",
        "iommu:dirty dom0 | on off read",
        "iommu:mem q35-vtd | alloc free read write",
        "iommu:info | group 0 1 q35-vtd dmar0 0000:00:05.0 0000:00:10.0 0000:00:1f.0 0000:00:1f.2 dom0 dom1",
        "iommu:claim | 0 1 0000:00:05.0 0000:00:10.0 0000:00:1f.0 0000:00:1f.2",
        "iommu:type 0 | DMA DMA-FQ identity auto",
        "iommu:units | ''",
        "iommu:nothing | ''",
    })
    void tabOffersWhatFits(String line, String candidates) {
        var words = List.of(line.split(" "));
        assertThat(String.join(" ", shell.help._candidates(words.size(), words))).isEqualTo(candidates);
    }

    @Test
    void tabIsSilentWithoutServices() {
        shell.platform.iommu = null;
        shell.platform.machines = null;
        assertThat(shell.help._candidates(1, List.of("iommu:map"))).isEmpty();
        assertThat(shell.help._candidates(1, List.of("iommu:boot"))).isEmpty();
    }

    @Test
    void helpCompletesTheWayItsWordBegins() {
        assertThat(shell.help._candidates(1, List.of("help", "ma"))).contains("map", "mappings");
        assertThat(shell.help._candidates(1, List.of("help", "iommu:"))).contains("iommu:map", "iommu:mappings");
    }

    @Test
    void aSessionLearnsToCompleteFromAProgram() throws Exception {
        var learnt = new Learnt();
        shell.processor.addCommand("gogo", learnt, "complete");
        shell.execute(shell.shown("iommu:completions"));
        assertThat(learnt.lines)
                .contains(List.of("-c", "iommu:domain-alloc", "-l", "type", "-d",
                        "what kind of domain: one to map pages in, or a guest's tables on top of a parent"))
                .contains(List.of("-c", "iommu:map", "-d", "Maps a range of a domain's addresses to physical memory."))
                .contains(List.of("-c", "iommu:map", "-a",
                        "iommu:_candidates ($.commandLine wordIndex) ($.commandLine words)"));
    }

    /** Stands in for the command of gogo.jline, which needs a terminal. */
    public static final class Learnt {
        final List<List<String>> lines = new ArrayList<>();

        public void complete(String[] words) {
            lines.add(List.of(words));
        }
    }
}
