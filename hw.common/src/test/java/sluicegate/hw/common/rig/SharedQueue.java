package sluicegate.hw.common.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** A queue of commands that several threads use at once. */
public final class SharedQueue {
    private SharedQueue() {}

    /** The same with four threads, one of which is an offender. */
    public static void onlyTheOffenderFails(int rounds, int every, IntConsumer good, IntConsumer bad) throws Exception {
        onlyOffendersFail(4, 1, rounds, every, good, bad);
    }

    /**
     * Threads give it commands at the same time; some of those of offenders are refused by hardware. Each offender gets EINVAL for each of
     * these, and nobody gets anything else.
     *
     * @param rounds commands of each thread
     * @param every of how many commands of an offender one is {@code bad}
     */
    public static void onlyOffendersFail(int threads, int offenders, int rounds, int every, IntConsumer good, IntConsumer bad)
            throws Exception {
        var together = new CyclicBarrier(threads);
        var pool = Executors.newFixedThreadPool(threads);
        try {
            var work = new ArrayList<Callable<List<Errno>>>();
            for (int thread = 0; thread < threads; thread++) {
                boolean offends = thread < offenders;
                work.add(() -> {
                    together.await(10, TimeUnit.SECONDS);
                    return run(rounds, round -> (offends && round % every == 0 ? bad : good).accept(round));
                });
            }
            var results = pool.invokeAll(work);
            for (var offender : results.subList(0, offenders)) {
                assertThat(offender.get()).hasSize(rounds / every).containsOnly(Errno.EINVAL);
            }
            for (var other : results.subList(offenders, threads)) {
                assertThat(other.get()).isEmpty();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    private static List<Errno> run(int rounds, IntConsumer command) {
        var refused = new ArrayList<Errno>();
        for (int round = 0; round < rounds; round++) {
            try {
                command.accept(round);
            } catch (IommuException e) {
                refused.add(e.errno());
            }
        }
        return refused;
    }
}
