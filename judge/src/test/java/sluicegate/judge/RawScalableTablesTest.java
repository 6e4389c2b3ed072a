package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.judge.raw.KnownQemuFirstStageFaults;
import sluicegate.judge.raw.KnownQemuScalableFaults;
import sluicegate.judge.raw.RawJudge;
import sluicegate.judge.raw.ScalableCase;
import sluicegate.judge.raw.ScalableCase.Stage;
import sluicegate.judge.raw.ScalableUnit;
import sluicegate.judge.raw.ScalableWord;

/** Entries of scalable mode with inverted bits: every single one of every word, then random combinations from a seed that is printed. */
class RawScalableTablesTest {
    private static final int RANDOM_CASES = 5_000;
    private static final int PHYSICAL_BITS = 48;
    private static final Set<ScalableWord> SECOND_STAGE = EnumSet.of(ScalableWord.PASID0, ScalableWord.SECOND4, ScalableWord.SECOND3,
            ScalableWord.SECOND2, ScalableWord.SECOND1);
    private static final Set<ScalableWord> FIRST_STAGE = EnumSet.of(ScalableWord.PASID0, ScalableWord.FIRST4, ScalableWord.FIRST3,
            ScalableWord.FIRST2, ScalableWord.FIRST1);
    /** Reasons that every unit with both stages has to give. */
    private static final List<String> REASONS = List.of("OK", "NO_TARGET", "FAULT", "FAULT SM_ROOT_ENTRY_NOT_PRESENT",
            "FAULT SM_ROOT_ENTRY_RESERVED", "FAULT SM_CONTEXT_ENTRY_UNREADABLE", "FAULT SM_CONTEXT_ENTRY_NOT_PRESENT",
            "FAULT SM_CONTEXT_ENTRY_RESERVED", "FAULT SM_CONTEXT_ENTRY_INVALID", "FAULT PASID_DIRECTORY_ENTRY_UNREADABLE",
            "FAULT PASID_DIRECTORY_ENTRY_NOT_PRESENT", "FAULT PASID_DIRECTORY_ENTRY_RESERVED", "FAULT PASID_ENTRY_UNREADABLE",
            "FAULT PASID_ENTRY_NOT_PRESENT", "FAULT PASID_ENTRY_RESERVED", "FAULT PASID_ENTRY_INVALID",
            "FAULT FIRST_STAGE_ENTRY_UNREADABLE", "FAULT FIRST_STAGE_ENTRY_NOT_PRESENT", "FAULT FIRST_STAGE_ENTRY_RESERVED",
            "FAULT FIRST_STAGE_ROOT_UNREADABLE", "FAULT NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED",
            "FAULT SM_SECOND_STAGE_ENTRY_UNREADABLE", "FAULT SM_SECOND_STAGE_NOT_PERMITTED", "FAULT SM_SECOND_STAGE_ENTRY_RESERVED",
            "FAULT SM_SECOND_STAGE_ROOT_UNREADABLE", "FAULT SM_ADDRESS_NOT_CANONICAL", "FAULT SM_USER_NOT_PERMITTED",
            "FAULT SM_HOST_ADDRESS_BEYOND_WIDTH", "FAULT SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH", "FAULT SM_WRITE_NOT_PERMITTED",
            "FAULT SM_READ_NOT_PERMITTED", "FAULT SM_ADDRESS_IN_INTERRUPT_RANGE", "FAULT FIRST_STAGE_AD_NOT_SNOOPED",
            "FAULT SM_SECOND_STAGE_AD_NOT_SNOOPED", "FAULT NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED",
            "FAULT NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE", "FAULT NESTED_FIRST_STAGE_READ_NOT_PERMITTED");

    @Test
    void aUnitWithAllOfItFaultsAsTheManualSays() {
        var judge = judge("", EnumSet.allOf(Stage.class));
        for (var reason : REASONS) {
            assertThat(judge.count(reason)).as(reason + " in " + judge).isPositive();
        }
        assertThat(judge.count("FAULT PASID_ENTRY_NO_SRE")).as("what only such a unit knows: " + judge).isPositive();
    }

    /** What a unit lacks is reserved, or not possible. */
    @ParameterizedTest
    @ValueSource(strings = {
        "vtd.device-iotlb = no\nvtd.page-requests = no\nvtd.snoop-control = no\nvtd.dirty-tracking = no\nvtd.snooped-walks = no",
        "vtd.pasid-bits = 0\nvtd.rid-pasid = no\nvtd.extended-accessed = no\nvtd.supervisor-requests = no\nvtd.execute-requests = no",
        "vtd.first-stage-five-levels = no\nvtd.first-stage-1g = no\nvtd.levels = 4\nvtd.large-pages = 2M\nvtd.pass-through = no",
        Subjects.SECOND_STAGE + "\nvtd.large-pages = none",
        "vtd.second-stage = no"
    })
    void soDoesOneThatLacksSomething(String settings) {
        judge(settings, EnumSet.allOf(Stage.class));
    }

    /** Second stage and pass-through are all that it has; it is slow, so it gets fewer cases. */
    @Test
    void qemuReachesWhatTheManualSays() {
        onQemu(Subjects.SCALABLE, Stage.SECOND, SECOND_STAGE, List.of(KnownQemuScalableFaults.values()),
                List.of("OK", "FAULT SM_SECOND_STAGE_NOT_PERMITTED", "FAULT SM_SECOND_STAGE_ENTRY_RESERVED"));
    }

    /** First stage and pass-through: QEMU 10. */
    @Test
    void qemuReachesInTheFirstStageWhatTheManualSays() {
        var known = new ArrayList<RawJudge.KnownTableFault<ScalableCase>>(List.of(KnownQemuFirstStageFaults.values()));
        known.add(KnownQemuScalableFaults.PASS_THROUGH_OF_ANY_WIDTH);
        onQemu(Subjects.FIRST_STAGE, Stage.FIRST, FIRST_STAGE, known,
                List.of("OK", "FAULT FIRST_STAGE_ENTRY_NOT_PRESENT", "FAULT FIRST_STAGE_ENTRY_RESERVED",
                        "FAULT FIRST_STAGE_ENTRY_UNREADABLE", "FAULT SM_USER_NOT_PERMITTED", "FAULT SM_WRITE_NOT_PERMITTED"));
    }

    private static void onQemu(String machine, Stage stage, Set<ScalableWord> words,
            List<? extends RawJudge.KnownTableFault<ScalableCase>> known, List<String> outcomes) {
        var unit = new ScalableUnit(Subjects.qemu(machine), "00:05.0", PHYSICAL_BITS);
        var stages = EnumSet.of(stage, Stage.PASS_THROUGH);
        var cases = new ArrayList<ScalableCase>();
        for (var each : stages) {
            ScalableCase.everyBit(each, 1).stream().filter(raw -> raw.flips().keySet().stream().anyMatch(words::contains))
                    .forEach(cases::add);
        }
        try (var judge = judge(unit, known, cases, 500, stages)) {
            for (var outcome : outcomes) {
                assertThat(judge.count(outcome)).as(outcome + " in " + judge).isPositive();
            }
        }
    }

    private static RawJudge<ScalableCase> judge(String settings, Set<Stage> stages) {
        var unit = new ScalableUnit(Subjects.embeddedMachine(Subjects.SCALABLE, settings), "00:05.0", PHYSICAL_BITS);
        var cases = new ArrayList<ScalableCase>();
        for (var stage : stages) {
            cases.add(unit.toMessages(stage, false));
            cases.add(unit.toMessages(stage, true));
            cases.addAll(ScalableCase.unmarked(stage));
            for (int leaf = 1; leaf <= 3; leaf++) {
                cases.addAll(ScalableCase.everyBit(stage, leaf));
            }
        }
        try (var judge = judge(unit, List.of(), cases, RANDOM_CASES, stages)) {
            return judge;
        }
    }

    private static RawJudge<ScalableCase> judge(ScalableUnit unit, List<? extends RawJudge.KnownTableFault<ScalableCase>> known,
            List<ScalableCase> cases, int more, Set<Stage> stages) {
        long seed = Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
        for (int i = 0; i < more; i++) {
            cases.add(ScalableCase.of(seed + i, stages));
        }
        var judge = new RawJudge<>(List.of(new RawJudge.Bench<>(unit, known)));
        var differences = new ArrayList<String>();
        for (var raw : cases) {
            judge.judge(raw).ifPresent(differences::add);
        }
        System.out.println("From seed " + seed + " on: " + judge);
        assertThat(differences).as("from seed " + seed + " on").isEmpty();
        return judge;
    }
}
