package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.judge.program.Program;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.verdict.Judge;
import sluicegate.judge.verdict.KnownFault;
import sluicegate.judge.verdict.KnownQemuAmdFaults;
import sluicegate.judge.verdict.KnownQemuFaults;
import sluicegate.judge.verdict.KnownQemuSmmuFaults;

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
            case LEGACY_REASONS_IN_SCALABLE_MODE -> "read d0 0x1000 4";
            case ABSENT_PASID_ENTRY_IS_UNREADABLE, ABSENT_PASID_ENTRY_IS_INVALID -> """
                    attach blocked d0
                    read d0 0x1000 4
                    """;
        });
    }

    private static Program program(KnownQemuSmmuFaults fault) {
        return Program.parse(switch (fault) {
            case BYPASS_OF_ANY_WIDTH -> """
                    attach identity d0
                    read d0 0x1000000000000 4
                    """;
            case SILENT_BEYOND_THE_TABLES -> "read d0 0xfffffffffffff000 1";
            case ABORT_LOOKS_LIKE_NO_MEMORY -> """
                    attach blocked d0
                    read d0 0x1000000002000 1
                    """;
        });
    }

    private static Program program(KnownQemuAmdFaults fault) {
        return Program.parse(switch (fault) {
            case EVENTS_ARE_NOT_WRITTEN -> "read d0 0x1000 4";
            case REFUSAL_LOOKS_LIKE_NO_MEMORY -> """
                    attach blocked d0
                    read d0 0xfef04000 1
                    """;
            case MESSAGES_ARE_NOT_CHECKED -> "write d0 0xfee00000 8 1";
        });
    }

    @ParameterizedTest
    @EnumSource
    void qemuHasIt(KnownQemuFaults fault) {
        assertHasIt(switch (fault) {
            case LEGACY_REASONS_IN_SCALABLE_MODE, ABSENT_PASID_ENTRY_IS_UNREADABLE -> Subjects.SCALABLE;
            case ABSENT_PASID_ENTRY_IS_INVALID -> Subjects.FIRST_STAGE;
            default -> Subjects.PLAIN;
        }, fault, program(fault));
    }

    @ParameterizedTest
    @EnumSource
    void qemuOnArmHasIt(KnownQemuSmmuFaults fault) {
        assertHasIt(Subjects.ARM, fault, program(fault));
    }

    @ParameterizedTest
    @EnumSource
    void qemuOfAmdHasIt(KnownQemuAmdFaults fault) {
        assertHasIt(Subjects.AMD, fault, program(fault));
    }

    private static void assertHasIt(String machine, KnownFault fault, Program program) {
        assertThat(fault.sentence()).isNotBlank();
        var qemu = Subjects.qemu(machine, Subjects.viewOfQemu(machine));
        List<KnownFault> others = qemu.known().stream().filter(known -> known != fault).toList();
        try (var judge = new Judge(List.of(new Judge.Bench(qemu.subject(), others)))) {
            assertThat(judge.judge(program)).as("without its entry").isPresent();
            var excused = new Judge(List.of(qemu));
            assertThat(excused.judge(program)).as("with its entry").isEmpty();
            assertThat(excused.tally().explained().keySet()).singleElement().asString().startsWith(fault.name());
        }
    }

    /** What {@link Subjects#viewOfQemu} is for. */
    @Test
    void qemuGoesOnPassingThroughWhenThePasidCacheIsInvalidated() {
        var program = Program.parse("""
                attach identity d0
                read d0 buffer+0x0 1
                detach identity d0
                read d0 buffer+0x0 1
                """);
        try (var plain = new Judge(List.of(Subjects.qemu(Subjects.SCALABLE, DriverView.CLEAR)))) {
            assertThat(plain.judge(program)).isPresent();
        }
        try (var helped = new Judge(List.of(Subjects.qemu(Subjects.SCALABLE, Subjects.viewOfQemu(Subjects.SCALABLE))))) {
            assertThat(helped.judge(program)).isEmpty();
        }
    }
}
