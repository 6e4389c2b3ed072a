package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.judge.raw.RawJudge;
import sluicegate.judge.raw.smmuv3.KnownQemuStreamFaults;
import sluicegate.judge.raw.smmuv3.RawSmmu;
import sluicegate.judge.raw.smmuv3.StreamCase;

/** Stream table entries, context descriptors and tables with inverted bits: every single one, then random ones from a seed that is printed. */
class RawStreamTablesTest {
    private static final int RANDOM_CASES = 5_000;

    @Test
    void modelFaultsAsTheManualSays() {
        judge(new RawSmmu(Subjects.embeddedMachine(Subjects.ARM), "00:05.0"), List.of());
    }

    @Test
    void qemuFaultsAsTheManualSays() {
        judge(new RawSmmu(Subjects.qemu(Subjects.ARM), "00:05.0"), List.of(KnownQemuStreamFaults.values()));
    }

    private static void judge(RawSmmu unit, List<? extends RawJudge.KnownTableFault<StreamCase>> known) {
        var cases = new ArrayList<StreamCase>();
        for (int leaf = 1; leaf <= 3; leaf++) {
            cases.addAll(StreamCase.everyBit(leaf));
        }
        long seed = Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
        for (int i = 0; i < RANDOM_CASES; i++) {
            cases.add(StreamCase.of(seed + i));
        }
        try (var judge = new RawJudge<>(List.of(new RawJudge.Bench<>(unit, known)))) {
            var differences = new ArrayList<String>();
            for (var raw : cases) {
                judge.judge(raw).ifPresent(differences::add);
            }
            System.out.println("From seed " + seed + " on: " + judge);
            assertThat(differences.stream().distinct().toList()).as("from seed " + seed + " on").isEmpty();
            for (var met : List.of("OK", "NO_TARGET", "FAULT", "FAULT C_BAD_STE", "FAULT C_BAD_CD", "FAULT F_CD_FETCH",
                    "FAULT F_WALK_EABT", "FAULT F_TRANSLATION", "FAULT F_ACCESS", "FAULT F_PERMISSION")) {
                assertThat(judge.count(met)).as(met + " in " + judge).isPositive();
            }
        }
    }
}
