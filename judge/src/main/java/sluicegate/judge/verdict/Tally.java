package sluicegate.judge.verdict;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Outcome;

/** What was judged: how many steps of each kind with which outcome, and how often a known fault explained a difference. */
public final class Tally {
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final Map<String, Integer> explained = new TreeMap<>();
    private int programs;
    private int steps;

    void program() {
        programs++;
    }

    void step(Step step, Outcome outcome) {
        if (outcome instanceof Outcome.Skipped) {
            return;
        }
        steps++;
        var kind = step.getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
        outcomes.merge(kind + " " + word(outcome), 1, Integer::sum);
    }

    private static String word(Outcome outcome) {
        if (outcome instanceof Outcome.Transfer transfer) {
            return transfer.status() == DmaStatus.FAULT
                    ? transfer.faults().stream().map(Outcome.Reported::name).sorted().collect(Collectors.joining("+"))
                    : transfer.status().name();
        }
        return outcome instanceof Outcome.Refused refused ? refused.errno().name() : "done";
    }

    void explained(String subject, KnownFault fault) {
        explained.merge(fault.name() + " of " + subject, 1, Integer::sum);
    }

    /** Steps that ran, skipped ones left out. */
    public int steps() {
        return steps;
    }

    public int programs() {
        return programs;
    }

    /** By step and outcome, such as {@code read WRITE_NOT_PERMITTED} or {@code map EEXIST}. */
    public int count(String stepAndOutcome) {
        return outcomes.getOrDefault(stepAndOutcome, 0);
    }

    /** How often known faults explained a difference. */
    public Map<String, Integer> explained() {
        return Map.copyOf(explained);
    }

    /** How much was judged, in one line. */
    public String brief() {
        return steps + " steps in " + programs + " programs"
                + (explained.isEmpty() ? "" : ", explained by known faults: " + explained);
    }

    @Override
    public String toString() {
        return brief() + "; " + outcomes;
    }
}
