package sluicegate.judge.verdict;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import sluicegate.api.types.Hex;
import sluicegate.judge.program.Program;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Facts;
import sluicegate.judge.run.Oracle;
import sluicegate.judge.run.Outcome;
import sluicegate.judge.run.Subject;

/**
 * Runs programs on several machines in lockstep and compares each step's outcome with what the oracle says, and so with the other
 * machines'; after each DMA the memory that it reached, and after each program all of the buffer.
 */
public final class Judge implements AutoCloseable {
    private static final Program NOTHING = new Program(List.of());

    private final List<Bench> benches;
    private final Facts facts;
    private final Tally tally = new Tally();

    /**
     * A machine with what is known to be wrong with it.
     *
     * @param subject closed with the judge
     */
    public record Bench(Subject subject, List<KnownFault> known) {
        public Bench {
            known = List.copyOf(known);
        }
    }

    /** @throws IllegalArgumentException if the machines differ in what programs depend on */
    public Judge(List<Bench> benches) {
        this.benches = List.copyOf(benches);
        facts = benches.get(0).subject().facts();
        for (var bench : benches) {
            if (!bench.subject().facts().equals(facts)) {
                throw new IllegalArgumentException("programs can't be compared: " + benches.get(0).subject() + " has " + facts
                        + ", " + bench.subject() + " has " + bench.subject().facts());
            }
        }
    }

    /** What programs for these machines can rely on. */
    public Facts facts() {
        return facts;
    }

    /** What was judged up to now. */
    public Tally tally() {
        return tally;
    }

    /** Runs a program and brings the machines back to where they were. Returns the first difference. */
    public Optional<Difference> judge(Program program) {
        tally.program();
        var difference = run(program);
        for (var bench : benches) {
            var left = reset(bench.subject());
            if (difference.isEmpty()) {
                difference = left.map(what -> new Difference(program, program.steps().size(), bench.subject().toString(),
                        "everything is given back", what));
            }
        }
        return difference;
    }

    /**
     * Runs a program by itself: nothing that an earlier one left in caches or tables makes a difference, nor does it leave anything.
     * Slower than {@link #judge}, and the only way to tell what a program shows on a machine that is broken.
     */
    public Optional<Difference> judgeAlone(Program program) {
        return renew(program).or(() -> {
            var difference = judge(program);
            return difference.or(() -> renew(program));
        });
    }

    /** Returns what a machine says that can't be renewed. */
    private Optional<Difference> renew(Program program) {
        for (var bench : benches) {
            try {
                bench.subject().renew();
            } catch (RuntimeException e) {
                return Optional.of(new Difference(program, program.steps().size(), bench.subject().toString(),
                        "a driver that can be bound anew", e.toString()));
            }
        }
        return Optional.empty();
    }

    /**
     * Runs a program, and if there is a difference, makes it small.
     *
     * @param tries how many programs may be tried for that
     * @return the difference of the smallest program that shows one; that of the whole program if it shows none when it runs
     *     alone, or if a machine is broken from then on
     */
    public Optional<Difference> judgeAndShrink(Program program, int tries) {
        var first = judge(program);
        if (first.isEmpty()) {
            return first;
        }
        var alone = judgeAlone(program);
        if (alone.isEmpty() || judgeAlone(NOTHING).isPresent()) {
            return first;
        }
        var small = new Shrinker(candidate -> judgeAlone(candidate).isPresent(), tries).shrink(alone.get().upToHere());
        return judgeAlone(small).or(() -> alone);
    }

    private static Optional<String> reset(Subject subject) {
        try {
            return subject.reset();
        } catch (RuntimeException e) {
            return Optional.of("freeing all domains failed: " + e.getMessage());
        }
    }

    private Optional<Difference> run(Program program) {
        var oracle = new Oracle(facts);
        var history = new CachedPages(facts);
        for (int i = 0; i < program.steps().size(); i++) {
            var step = program.steps().get(i);
            var expected = oracle.run(step);
            tally.step(step, expected);
            if (expected instanceof Outcome.Skipped) {
                continue;
            }
            for (var bench : benches) {
                var wrong = compare(bench, step, expected, oracle, history).or(() -> compareMemory(bench.subject(), oracle));
                if (wrong.isPresent()) {
                    return Optional.of(new Difference(program, i, bench.subject().toString(), wrong.get().expected,
                            wrong.get().actual));
                }
            }
            history.follow(step, oracle);
        }
        for (var bench : benches) {
            var wrong = compareBuffer(bench.subject(), oracle);
            if (wrong.isPresent()) {
                return Optional.of(new Difference(program, program.steps().size(), bench.subject().toString(),
                        wrong.get().expected, wrong.get().actual));
            }
        }
        return Optional.empty();
    }

    private record Wrong(String expected, String actual) {}

    private Optional<Wrong> compare(Bench bench, Step step, Outcome expected, Oracle oracle, CachedPages history) {
        var actual = bench.subject().run(step);
        if (expected.equals(actual)) {
            return Optional.empty();
        }
        var domain = step instanceof Step.Dma dma ? oracle.domainOf(dma.device()) : Optional.<String>empty();
        var seen = new KnownFault.Observation(step, expected, actual, domain, history);
        var reason = bench.known().stream().filter(fault -> fault.explains(seen)).findFirst();
        reason.ifPresent(fault -> tally.explained(bench.subject().name(), fault));
        return reason.isPresent() ? Optional.empty() : Optional.of(new Wrong(expected.toString(), actual.toString()));
    }

    private Optional<Wrong> compareMemory(Subject subject, Oracle oracle) {
        for (var reach : oracle.reached()) {
            var wrong = reach.memory() ? comparePage(subject, oracle, reach.page()) : Optional.<Wrong>empty();
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        return Optional.empty();
    }

    private Optional<Wrong> compareBuffer(Subject subject, Oracle oracle) {
        var pages = new TreeSet<>(oracle.image().writtenPages());
        pages.addAll(subject.changedPages());
        return pages.stream().flatMap(page -> comparePage(subject, oracle, page).stream()).findFirst();
    }

    private Optional<Wrong> comparePage(Subject subject, Oracle oracle, long page) {
        var expected = oracle.image().page(page);
        var actual = subject.page(page);
        int at = Arrays.mismatch(expected, actual);
        return at < 0 ? Optional.empty() : Optional.of(new Wrong(memory(page, at, expected), memory(page, at, actual)));
    }

    private static String memory(long page, int at, byte[] bytes) {
        return "memory at " + Hex.of(page + at) + " is " + Hex.bytes(Arrays.copyOfRange(bytes, at, Math.min(at + 8, bytes.length)));
    }

    @Override
    public void close() {
        benches.forEach(bench -> bench.subject().close());
    }
}
