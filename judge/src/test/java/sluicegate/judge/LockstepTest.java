package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
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

    @ParameterizedTest
    @ValueSource(strings = {Subjects.PLAIN, Subjects.RICH})
    void modelAndDriverDoWhatTheRulesSay(String machine) {
        try (var judge = new Judge(List.of(new Judge.Bench(Subjects.embedded(machine, DriverView.CLEAR), List.of())))) {
            judge(judge, STEPS / 2);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {Subjects.PLAIN, Subjects.RICH})
    void modelAndQemuDoTheSame(String machine) {
        try (var judge = Subjects.lockstep(machine)) {
            judge(judge, STEPS);
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

    private static long fresh() {
        return Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
    }

    private static void judge(Judge judge, int steps) {
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
        for (var met : List.of("read OK", "write OK", "read READ_NOT_PERMITTED", "write WRITE_NOT_PERMITTED", "read NO_TARGET",
                "read ADDRESS_BEYOND_WIDTH", "read CONTEXT_ENTRY_NOT_PRESENT", "write ADDRESS_IN_INTERRUPT_RANGE",
                "map done", "map EEXIST", "map EINVAL", "map EADDRINUSE", "attach EADDRINUSE", "attach EBUSY", "swap done")) {
            assertThat(judge.tally().count(met)).as(met + " in " + judge.tally()).isPositive();
        }
    }
}
