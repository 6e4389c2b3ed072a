package sluicegate.judge.verdict;

import java.time.Duration;
import java.util.Optional;
import sluicegate.judge.generate.Generator;

/**
 * Programs one after the other, whose seeds follow each other, until there were enough steps and enough time has passed.
 *
 * @param seed of the first program
 * @param length of each program in steps
 * @param steps how many there must be at least
 * @param time how long to go on when there were that many
 */
public record Run(long seed, int length, int steps, Duration time) {
    private static final int TRIES = 1500;

    /** Judges programs until one shows a difference. Says what to do to see it again. */
    public Optional<String> on(Judge judge) {
        long end = System.nanoTime() + time.toNanos();
        int first = judge.tally().steps();
        for (long next = seed; judge.tally().steps() - first < steps || System.nanoTime() - end < 0; next++) {
            var difference = judge.judgeAndShrink(Generator.program(next, length, judge.facts()), TRIES);
            if (difference.isPresent()) {
                return Optional.of("Seed " + next + " shows a difference (repeat it with -Djudge.seed=" + next
                        + "). Made small:\n" + difference.get() + judge.tally());
            }
        }
        return Optional.empty();
    }
}
