package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.judge.program.Program;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.verdict.Judge;
import sluicegate.judge.verdict.KnownFault;
import sluicegate.judge.verdict.KnownQemuFaults;

/** Each known fault is one that QEMU has, and only its own entry explains it: one that is mended has to leave the list. */
class KnownQemuFaultsTest {
    private static Program program(KnownQemuFaults fault) {
        return Program.parse(switch (fault) {
            case SILENT_ON_CACHED_PAGE -> """
                    allocate A d0
                    map A 0x1000 buffer+0x0 0x1000 r
                    attach A d0
                    read d0 0x1000 4
                    write d0 0x1000 4 1
                    """;
            case MESSAGES_ARE_NOT_CHECKED -> "read d0 0xfee00000 4";
            case PASS_THROUGH_OF_ANY_WIDTH -> """
                    attach identity d0
                    read d0 0x1000000000000 4
                    """;
        });
    }

    @ParameterizedTest
    @EnumSource
    void qemuHasIt(KnownQemuFaults fault) {
        assertThat(fault.sentence()).isNotBlank();
        var qemu = Subjects.qemu(Subjects.PLAIN, DriverView.CLEAR);
        List<KnownFault> others = qemu.known().stream().filter(known -> known != fault).toList();
        try (var judge = new Judge(List.of(new Judge.Bench(qemu.subject(), others)))) {
            assertThat(judge.judge(program(fault))).as("without its entry").isPresent();
            var excused = new Judge(List.of(qemu));
            assertThat(excused.judge(program(fault))).as("with its entry").isEmpty();
            assertThat(excused.tally().explained().keySet()).singleElement().asString().startsWith(fault.name());
        }
    }
}
