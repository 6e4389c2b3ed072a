package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.judge.run.DriverView;
import sluicegate.judge.verdict.Judge;
import sluicegate.judge.verdict.Run;

/**
 * Random programs on machines in lockstep. Each test runs programs from fixed seeds, then from a fresh one, which is printed.
 * {@code -Djudge.seed=N} runs those from seed N on instead, {@code -Djudge.seconds=N} goes on for so long from each.
 */
@Timeout(600)
class LockstepTest {
    private static final int LENGTH = 200;
    private static final int STEPS = 10_000;
    private static final int FEW_STEPS = 2_000;
    private static final List<String> MET_ON_X86 = List.of("read OK", "write OK", "read READ_NOT_PERMITTED",
            "write WRITE_NOT_PERMITTED", "read NO_TARGET", "read ADDRESS_BEYOND_WIDTH", "read CONTEXT_ENTRY_NOT_PRESENT",
            "write ADDRESS_IN_INTERRUPT_RANGE", "map done", "map EEXIST", "map EINVAL", "map EADDRINUSE", "attach EADDRINUSE",
            "attach EBUSY", "swap done");
    private static final List<String> MET_IN_SECOND_STAGE = List.of("read OK", "write OK", "read SM_SECOND_STAGE_NOT_PERMITTED",
            "read SM_READ_NOT_PERMITTED", "write SM_WRITE_NOT_PERMITTED", "read NO_TARGET",
            "read SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH", "read PASID_ENTRY_NOT_PRESENT", "write SM_ADDRESS_IN_INTERRUPT_RANGE",
            "map done", "map EEXIST", "map EADDRINUSE", "attach EBUSY", "swap done");
    private static final List<String> MET_IN_FIRST_STAGE = List.of("read OK", "write OK", "read FIRST_STAGE_ENTRY_NOT_PRESENT",
            "write SM_WRITE_NOT_PERMITTED", "read NO_TARGET", "read SM_ADDRESS_NOT_CANONICAL", "read PASID_ENTRY_NOT_PRESENT",
            "write SM_ADDRESS_IN_INTERRUPT_RANGE", "map done", "map EEXIST", "map EADDRINUSE", "attach EBUSY", "swap done");
    /** A fault that is told by nobody has no name: the streams that abort. */
    private static final List<String> MET_ON_ARM = List.of("read OK", "write OK", "read F_TRANSLATION", "write F_TRANSLATION",
            "write F_PERMISSION", "read NO_TARGET", "read ", "map done", "map EEXIST", "map EINVAL", "map EADDRINUSE",
            "attach EADDRINUSE", "attach EBUSY", "swap done");

    private static final List<String> MET_ON_AMD = List.of("read OK", "write OK", "read IO_PAGE_FAULT", "write IO_PAGE_FAULT",
            "read INVALID_DEVICE_REQUEST", "write INVALID_DEVICE_REQUEST", "read NO_TARGET", "map done", "map EEXIST", "map EINVAL",
            "map EADDRINUSE", "attach EADDRINUSE", "attach EBUSY", "swap done");

    @ParameterizedTest
    @ValueSource(strings = {Subjects.PLAIN, Subjects.RICH})
    void modelAndDriverDoWhatTheRulesSay(String machine) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(machine, DriverView.CLEAR), List.of())))) {
            judge(judge, STEPS / 2, MET_ON_X86);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Subjects.PLAIN, Subjects.RICH})
    void modelAndQemuDoTheSame(String machine) {
        try (var judge = Subjects.lockstep(machine)) {
            judge(judge, STEPS, MET_ON_X86);
        }
    }

    @Test
    void modelAndDriverDoInTheFirstStageWhatTheRulesSay() {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(Subjects.SCALABLE, DriverView.CLEAR), List.of())))) {
            judge(judge, STEPS / 2, MET_IN_FIRST_STAGE);
        }
    }

    @Test
    void modelAndDriverDoInTheSecondStageWhatTheRulesSay() {
        try (var judge = new Judge(List.of(
                new Judge.Bench(Subjects.embedded(Subjects.SCALABLE, Subjects.SECOND_STAGE), List.of())))) {
            judge(judge, STEPS / 2, MET_IN_SECOND_STAGE);
        }
    }

    @Test
    void modelAndQemuDoTheSameInTheSecondStage() {
        try (var judge = Subjects.lockstep(Subjects.SCALABLE)) {
            judge(judge, STEPS, MET_IN_SECOND_STAGE);
        }
    }

    @Test
    void modelAndQemuDoTheSameInTheFirstStage() {
        try (var judge = Subjects.lockstep(Subjects.FIRST_STAGE)) {
            judge(judge, STEPS, MET_IN_FIRST_STAGE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Subjects.ARM, Subjects.ARM_RICH})
    void modelAndDriverOfTheSmmuDoWhatTheRulesSay(String machine) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(machine, DriverView.CLEAR), List.of())))) {
            judge(judge, STEPS / 2, MET_ON_ARM);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = Subjects.ARM)
    void modelAndQemuOfTheSmmuDoTheSame(String machine) {
        try (var judge = Subjects.lockstep(machine)) {
            judge(judge, STEPS, MET_ON_ARM);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Subjects.AMD, Subjects.AMD_RICH})
    void modelAndDriverOfAmdDoWhatTheRulesSay(String machine) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(machine, DriverView.CLEAR), List.of())))) {
            judge(judge, STEPS / 2, MET_ON_AMD);
        }
    }

    @Test
    void modelAndQemuOfAmdDoTheSame() {
        try (var judge = Subjects.lockstep(Subjects.AMD)) {
            judge(judge, STEPS, MET_ON_AMD);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "amdvi.host-levels = 4\namdvi.iotlb = no",
        "amdvi.not-present-cache = yes",
        "amdvi.invalidate-all = no"
    })
    void alsoWithOtherUnitsOfAmd(String settings) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(Subjects.AMD, settings), List.of())))) {
            new Run(fresh(), LENGTH, FEW_STEPS, Duration.ZERO).on(judge).ifPresent(what -> {
                throw new AssertionError(settings + "\n" + what);
            });
        }
    }

    /** The same for an SMMU, from a minimal one on. */
    @ParameterizedTest
    @ValueSource(strings = {
        "smmuv3.granules = 4K\nsmmuv3.two-level-streams = no\nsmmuv3.stream-bits = 8\nsmmuv3.range-invalidation = no\n"
                + "smmuv3.asid-16 = no\nsmmuv3.msi = no\nsmmuv3.break-before-make = 0\nsmmuv3.command-queue-bits = 6\n"
                + "smmuv3.event-queue-bits = 4",
        "smmuv3.range-invalidation = no",
        "smmuv3.break-before-make = 0",
        "smmuv3.substream-bits = 8\nsmmuv3.two-level-contexts = yes",
        "smmuv3.hardware-updates = dirty\nsmmuv3.stalls = choice",
        "smmuv3.enhanced-command-queues = yes\nsmmuv3.control-page-bits = 1\nsmmuv3.control-page-queue-bits = 0\n"
                + "smmuv3.range-invalidation = no\nsmmuv3.command-queue-bits = 4",
        "smmuv3.always-abort = no\nsmmuv3.stage-2 = yes"
    })
    void alsoWithOtherSmmus(String settings) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(Subjects.ARM, settings), List.of())))) {
            new Run(fresh(), LENGTH, FEW_STEPS, Duration.ZERO).on(judge).ifPresent(what -> {
                throw new AssertionError(settings + "\n" + what);
            });
        }
    }

    /** What a unit can do decides which way its driver takes. */
    @ParameterizedTest
    @ValueSource(strings = {
        "vtd.caching-mode = yes",
        "vtd.queued-invalidation = no",
        "vtd.queued-invalidation = no\nvtd.caching-mode = yes",
        "vtd.page-selective-invalidation = no",
        "vtd.required-write-buffer-flush = yes",
        "vtd.address-width = 39\nvtd.levels = 3",
        "vtd.address-width = 57\nvtd.levels = 4, 5",
        "vtd.large-pages = none",
        "vtd.large-pages = 2M",
        "vtd.domain-ids = 16\nvtd.fault-records = 1\nvtd.drain = no"
    })
    void alsoWithOtherUnits(String settings) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(Subjects.PLAIN, settings), List.of())))) {
            new Run(fresh(), LENGTH, FEW_STEPS, Duration.ZERO).on(judge).ifPresent(what -> {
                throw new AssertionError(settings + "\n" + what);
            });
        }
    }

    /** The same in scalable mode, with either stage. */
    @ParameterizedTest
    @ValueSource(strings = {
        "vtd.caching-mode = yes",
        Subjects.SECOND_STAGE + "\nvtd.caching-mode = yes",
        Subjects.SECOND_STAGE + "\nvtd.address-width = 39\nvtd.levels = 3",
        "vtd.address-width = 57\nvtd.levels = 4, 5",
        "vtd.first-stage-1g = no",
        "vtd.second-stage = no\nvtd.dirty-tracking = no\nvtd.pasid-bits = 0",
        "vtd.page-selective-invalidation = no",
        "vtd.required-write-buffer-flush = yes\nvtd.snooped-walks = no",
        "vtd.domain-ids = 256\nvtd.fault-records = 1\nvtd.drain = no"
    })
    void alsoWithOtherScalableUnits(String settings) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(Subjects.SCALABLE, settings), List.of())))) {
            new Run(fresh(), LENGTH, FEW_STEPS, Duration.ZERO).on(judge).ifPresent(what -> {
                throw new AssertionError(settings + "\n" + what);
            });
        }
    }

    private static long fresh() {
        return Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
    }

    private static void judge(Judge judge, int steps, List<String> meets) {
        var asked = Long.getLong("judge.seed");
        var time = Duration.ofSeconds(Long.getLong("judge.seconds", 0));
        for (long seed : asked != null ? new long[] {asked} : new long[] {1, fresh()}) {
            var difference = new Run(seed, LENGTH, seed == 1 ? FEW_STEPS : steps, time).on(judge);
            difference.ifPresent(what -> {
                throw new AssertionError(what);
            });
            System.out.println("No difference from seed " + seed + " on: " + judge.tally().brief());
        }
        // A run that meets only good weather proves nothing.
        for (var met : meets) {
            assertThat(judge.tally().count(met)).as(met + " in " + judge.tally()).isPositive();
        }
    }
}
