package sluicegate.judge.raw;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import sluicegate.api.platform.DmaStatus;
import sluicegate.judge.run.Outcome;
import sluicegate.judge.run.Outcome.Transfer;
import sluicegate.spec.vtd.FaultReason;

/** Tries cases on several units in lockstep and compares each with the manual, and so with the others. */
public final class RawJudge<C extends Flipped<C>> implements AutoCloseable {
    private final List<Bench<C>> benches;
    private final Map<String, Integer> outcomes = new TreeMap<>();
    private final Map<String, Integer> explained = new TreeMap<>();
    private int cases;

    /** A unit with what is known to be wrong with it. @param unit closed with the judge */
    public record Bench<C>(RawBench<C> unit, List<? extends KnownTableFault<C>> known) {
        public Bench {
            known = List.copyOf(known);
        }
    }

    /** A fault of a machine that is known and not ours to mend. */
    public interface KnownTableFault<C> {
        String name();

        /** What the machine does wrong, in one sentence. */
        String sentence();

        /** Whether it is why a case ended as it did. */
        boolean explains(C raw, Transfer expected, Transfer actual);
    }

    public RawJudge(List<Bench<C>> benches) {
        this.benches = List.copyOf(benches);
    }

    /** Tries a case, and if there is a difference, one with fewer bits. Returns what differs. */
    public Optional<String> judge(C raw) {
        var difference = compare(raw);
        var small = raw;
        boolean simpler = difference.isPresent();
        while (simpler) {
            simpler = false;
            for (var candidate : small.simpler()) {
                var still = compare(candidate);
                if (still.isPresent()) {
                    small = candidate;
                    difference = still;
                    simpler = true;
                    break;
                }
            }
        }
        return difference;
    }

    private Optional<String> compare(C raw) {
        for (var bench : benches) {
            var expected = (Transfer) bench.unit().expected(raw);
            var actual = bench.unit().run(raw);
            count(expected);
            var wrong = expected.equals(actual) ? Optional.<String>empty() : differing(bench, raw, expected, actual);
            boolean excused = wrong.isEmpty() && actual instanceof Transfer transfer && !transfer.equals(expected)
                    && transfer.status() == DmaStatus.OK;
            boolean mayWrite = raw.write() && (expected.faults().isEmpty() || excused);
            if (wrong.isEmpty() && !mayWrite && bench.unit().pageWritten()) {
                wrong = Optional.of("the page was written to");
            }
            if (wrong.isPresent()) {
                return Optional.of(raw + "\n# " + bench.unit() + "\n#   expected: " + expected + "\n#   but was:  " + wrong.get() + "\n");
            }
        }
        return Optional.empty();
    }

    private Optional<String> differing(Bench<C> bench, C raw, Transfer expected, Outcome actual) {
        var reason = actual instanceof Transfer transfer
                ? bench.known().stream().filter(fault -> fault.explains(raw, expected, transfer)).findFirst()
                : Optional.<KnownTableFault<C>>empty();
        reason.ifPresent(fault -> explained.merge(fault.name() + " of " + bench.unit().kind(), 1, Integer::sum));
        return reason.isPresent() ? Optional.empty() : Optional.of(actual.toString());
    }

    /** Whether it is that fault, recorded. */
    static boolean isFault(Transfer outcome, FaultReason reason) {
        return outcome.faults().stream().anyMatch(fault -> fault.code() == reason.code());
    }

    private void count(Transfer expected) {
        cases++;
        outcomes.merge(expected.status() + expected.faults().stream()
                .map(fault -> " " + fault.name())
                .collect(Collectors.joining()), 1, Integer::sum);
    }

    /** How many cases came to this, such as {@code FAULT ROOT_ENTRY_RESERVED}; {@code FAULT} alone is one that is not recorded. */
    public int count(String outcome) {
        return outcomes.getOrDefault(outcome, 0);
    }

    @Override
    public void close() {
        benches.forEach(bench -> bench.unit().close());
    }

    @Override
    public String toString() {
        return cases + " cases: " + outcomes + (explained.isEmpty() ? "" : "; explained by known faults: " + explained);
    }
}
