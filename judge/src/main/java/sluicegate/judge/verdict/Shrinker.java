package sluicegate.judge.verdict;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import sluicegate.judge.program.Place;
import sluicegate.judge.program.Program;
import sluicegate.judge.program.Step;

/**
 * Makes a program small that shows something: takes away ever smaller runs of steps (delta debugging), then makes the numbers of
 * the steps that are left simpler, as long as the program still shows it.
 */
public final class Shrinker {
    private final Predicate<Program> shows;
    private int triesLeft;

    /**
     * @param shows whether a program shows what the first one showed
     * @param tries how many programs may be tried
     */
    public Shrinker(Predicate<Program> shows, int tries) {
        this.shows = shows;
        this.triesLeft = tries;
    }

    /** The smallest program found. */
    public Program shrink(Program program) {
        var small = program;
        Program before;
        do {
            before = small;
            small = simplify(remove(small));
        } while (!small.equals(before) && triesLeft > 0);
        return small;
    }

    private boolean shows(Program program) {
        return triesLeft-- > 0 && shows.test(program);
    }

    private Program remove(Program program) {
        var steps = program.steps();
        int run = Math.max(1, steps.size() / 2);
        while (true) {
            boolean smaller = false;
            // From the end: what follows the difference goes at once.
            for (int end = steps.size(); end > 0; end -= run) {
                var rest = new ArrayList<>(steps);
                rest.subList(Math.max(0, end - run), Math.min(end, rest.size())).clear();
                if (shows(new Program(rest))) {
                    steps = List.copyOf(rest);
                    smaller = true;
                }
            }
            if (run == 1 && !smaller || triesLeft <= 0) {
                return new Program(steps);
            }
            run = Math.max(1, run / 2);
        }
    }

    private Program simplify(Program program) {
        var steps = new ArrayList<>(program.steps());
        for (int i = 0; i < steps.size(); i++) {
            boolean simpler = true;
            while (simpler && triesLeft > 0) {
                simpler = false;
                for (var candidate : candidates(steps.get(i))) {
                    var old = steps.set(i, candidate);
                    if (shows(new Program(steps))) {
                        simpler = true;
                        break;
                    }
                    steps.set(i, old);
                }
            }
        }
        return new Program(steps);
    }

    private static List<Step> candidates(Step step) {
        var simpler = new ArrayList<Step>();
        if (step instanceof Step.Map map) {
            for (long size : new long[] {0x1000, 0x20_0000, map.size() >>> 1 & -0x1000L}) {
                if (size != 0 && Long.compareUnsigned(size, map.size()) < 0) {
                    simpler.add(new Step.Map(map.domain(), map.iova(), map.target(), size, map.prot()));
                }
            }
            if (map.target().offset() != 0) {
                simpler.add(new Step.Map(map.domain(), map.iova(), new Place(map.target().inBuffer(), 0), map.size(), map.prot()));
            }
        } else if (step instanceof Step.Unmap unmap && Long.compareUnsigned(unmap.size(), 0x1000) > 0) {
            simpler.add(new Step.Unmap(unmap.domain(), unmap.iova(), 0x1000));
        } else if (step instanceof Step.Read read) {
            if (read.length() > 1) {
                simpler.add(new Step.Read(read.device(), read.iova(), 1));
                simpler.add(new Step.Read(read.device(), read.iova(), read.length() / 2));
            }
            if ((read.iova().offset() & 0xfff) != 0) {
                simpler.add(new Step.Read(read.device(), pageOf(read.iova()), read.length()));
            }
        } else if (step instanceof Step.Write write) {
            if (write.length() > 1) {
                simpler.add(new Step.Write(write.device(), write.iova(), 1, write.seed()));
                simpler.add(new Step.Write(write.device(), write.iova(), write.length() / 2, write.seed()));
            }
            if ((write.iova().offset() & 0xfff) != 0) {
                simpler.add(new Step.Write(write.device(), pageOf(write.iova()), write.length(), write.seed()));
            }
        }
        return simpler;
    }

    private static Place pageOf(Place place) {
        return new Place(place.inBuffer(), place.offset() & -0x1000L);
    }
}
