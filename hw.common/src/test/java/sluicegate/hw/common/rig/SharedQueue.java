package sluicegate.hw.common.rig;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** A queue of commands that several threads use at once. */
public final class SharedQueue {
    private static final int THREADS = 4;

    private SharedQueue() {}

    /**
     * Four threads give it commands, of which one has some that hardware refuses: it gets EINVAL for each of those, and nobody else
     * gets anything.
     *
     * @param rounds commands of each thread
     * @param every of how many commands of that one thread one is {@code bad}
     */
    public static void onlyTheOffenderFails(int rounds, int every, IntConsumer good, IntConsumer bad) throws Exception {
        var pool = Executors.newFixedThreadPool(THREADS);
        try {
            var work = new ArrayList<Callable<List<Errno>>>();
            for (int thread = 0; thread < THREADS; thread++) {
                boolean offends = thread == 0;
                work.add(() -> run(rounds, round -> (offends && round % every == 0 ? bad : good).accept(round)));
            }
            List<Future<List<Errno>>> results = pool.invokeAll(work);
            assertThat(results.get(0).get()).hasSize(rounds / every).containsOnly(Errno.EINVAL);
            for (var other : results.subList(1, THREADS)) {
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
