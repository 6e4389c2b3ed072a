package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.judge.raw.KnownQemuTableFaults;
import sluicegate.judge.raw.RawCase;
import sluicegate.judge.raw.RawJudge;
import sluicegate.judge.raw.RawUnit;

/** Table entries with inverted bits: every single one of every word, then random combinations from a seed that is printed. */
class RawTablesTest {
    private static final int RANDOM_CASES = 5_000;

    @Test
    void modelFaultsAsTheManualSays() {
        judge(new RawUnit(Subjects.embeddedMachine(Subjects.PLAIN), "00:05.0"), List.of());
    }

    @Test
    void qemuFaultsAsTheManualSays() {
        judge(new RawUnit(Subjects.qemu(Subjects.PLAIN), "00:05.0"), List.of(KnownQemuTableFaults.values()));
    }

    private static void judge(RawUnit unit, List<KnownQemuTableFaults> known) {
        var cases = new ArrayList<>(List.of(unit.toMessages(false), unit.toMessages(true)));
        for (int levels = 3; levels <= 4; levels++) {
            for (int leaf = 1; leaf <= 3; leaf++) {
                cases.addAll(RawCase.everyBit(levels, leaf));
            }
        }
        long seed = Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
        for (int i = 0; i < RANDOM_CASES; i++) {
            cases.add(RawCase.of(seed + i));
        }
        try (var judge = new RawJudge<>(List.of(new RawJudge.Bench<>(unit, known)))) {
            var differences = new ArrayList<String>();
            for (var raw : cases) {
                judge.judge(raw).ifPresent(differences::add);
            }
            System.out.println("From seed " + seed + " on: " + judge);
            assertThat(differences).as("from seed " + seed + " on").isEmpty();
            assertEveryReasonWasMet(judge);
        }
    }

    private static void assertEveryReasonWasMet(RawJudge<RawCase> judge) {
        for (var code : List.of("OK", "NO_TARGET", "FAULT", "FAULT ROOT_ENTRY_NOT_PRESENT", "FAULT CONTEXT_ENTRY_NOT_PRESENT",
                "FAULT CONTEXT_ENTRY_INVALID", "FAULT ADDRESS_BEYOND_WIDTH", "FAULT WRITE_NOT_PERMITTED",
                "FAULT READ_NOT_PERMITTED", "FAULT SECOND_STAGE_ENTRY_UNREADABLE", "FAULT ROOT_ENTRY_UNREADABLE",
                "FAULT CONTEXT_ENTRY_UNREADABLE", "FAULT ROOT_ENTRY_RESERVED", "FAULT CONTEXT_ENTRY_RESERVED",
                "FAULT SECOND_STAGE_ENTRY_RESERVED", "FAULT ADDRESS_IN_INTERRUPT_RANGE")) {
            assertThat(judge.count(code)).as(code + " in " + judge).isPositive();
        }
    }
}
