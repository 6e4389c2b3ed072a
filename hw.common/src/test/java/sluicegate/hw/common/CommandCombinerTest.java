package sluicegate.hw.common;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Commands of several threads, carried out by one of them. */
@Timeout(60)
class CommandCombinerTest {
    private static final long REFUSED = 666;
    /** A command that takes until {@link #gate} opens. */
    private static final long SLOW = 1;

    private final CountDownLatch slowBegun = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);
    /** What came to the queue, each time it was called. */
    private final Queue<List<Long>> calls = new ConcurrentLinkedQueue<>();

    private final CommandCombiner combiner = new CommandCombiner(new CommandCombiner.Queue() {
        @Override
        public void run(long low, long high) {
            run(new long[] {low, high}, 1);
        }

        @Override
        public void run(long[] commands, int count) {
            var call = new ArrayList<Long>();
            for (int i = 0; i < count; i++) {
                assertThat(commands[2 * i + 1]).as("the second word").isEqualTo(~commands[2 * i]);
                call.add(commands[2 * i]);
            }
            calls.add(call);
            if (call.contains(SLOW)) {
                slowBegun.countDown();
                pass(gate);
            }
            if (call.contains(REFUSED)) {
                throw new IommuException(Errno.EINVAL, "refused");
            }
        }
    });

    private static void pass(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private void run(long command) {
        combiner.run(command, ~command);
    }

    private FutureTask<Void> start(long command) {
        var task = new FutureTask<Void>(() -> run(command), null);
        new Thread(task).start();
        return task;
    }

    /** Starts threads until so many of them wait for the one that is at it; more, where two of them have the same record. */
    private List<FutureTask<Void>> crowd(long... commands) throws InterruptedException {
        var tasks = new ArrayList<FutureTask<Void>>();
        tasks.add(start(SLOW));
        slowBegun.await();
        for (long command : commands) {
            int before = combiner.waiting();
            tasks.add(start(command));
            while (combiner.waiting() == before) {
                Thread.onSpinWait();
            }
        }
        return tasks;
    }

    @Test
    void aThreadAloneHasEachCommandCarriedOutOnceInItsOrder() {
        for (long command = 10; command < 20; command++) {
            run(command);
        }
        assertThat(calls).hasSize(10).allMatch(call -> call.size() == 1).extracting(call -> call.get(0))
                .containsExactly(10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L);
    }

    @Test
    void whatCameWhileSomebodyWasAtItIsCarriedOutTogether() throws Exception {
        var tasks = crowd(2, 3, 4, 5);
        gate.countDown();
        for (var task : tasks) {
            task.get();
        }
        assertThat(calls).hasSize(2);
        calls.remove();
        assertThat(calls.remove()).containsExactlyInAnyOrder(2L, 3L, 4L, 5L);
        assertThat(combiner.waiting()).isZero();
    }

    @Test
    void whoFailsTogetherWithOthersHasItsOwnErrorAndTheyHaveNone() throws Exception {
        var tasks = crowd(2, REFUSED, 4);
        gate.countDown();
        tasks.get(0).get();
        tasks.get(1).get();
        tasks.get(3).get();
        assertThatThrownBy(() -> tasks.get(2).get()).isInstanceOf(ExecutionException.class)
                .hasCause(new IommuException(Errno.EINVAL, "refused"));
        assertThat(calls).contains(List.of(2L), List.of(REFUSED), List.of(4L));
    }

    @Test
    void anErrorOfAThreadAloneIsThrownOnceAndLeavesNothing() {
        run(2);
        assertThatThrownBy(() -> run(REFUSED)).hasMessage("refused");
        run(3);
        assertThat(calls).containsExactly(List.of(2L), List.of(REFUSED), List.of(3L));
    }

    @Test
    void anotherThreadTakesOverWhenTheLastOneDoesNotComeAgain() throws Exception {
        start(2).get();
        start(3).get();
        run(4);
        assertThat(calls).containsExactly(List.of(2L), List.of(3L), List.of(4L));
    }

    @Test
    void aCommandHasBeenCarriedOutWhenItsThreadGoesOnHoweverManyThereAre() throws Exception {
        int threads = 20;
        int each = 5_000;
        var done = ConcurrentHashMap.<Long>newKeySet();
        var counting = new CommandCombiner(new CommandCombiner.Queue() {
            @Override
            public void run(long low, long high) {
                assertThat(done.add(low)).isTrue();
            }

            @Override
            public void run(long[] commands, int count) {
                for (int i = 0; i < count; i++) {
                    run(commands[2 * i], 0);
                }
            }
        });
        var tasks = new ArrayList<FutureTask<Void>>();
        for (int thread = 0; thread < threads; thread++) {
            long first = (long) thread * each;
            var task = new FutureTask<Void>(() -> {
                for (long command = first; command < first + each; command++) {
                    counting.run(command, 0);
                    assertThat(done.contains(command)).isTrue();
                }
            }, null);
            tasks.add(task);
            new Thread(task).start();
        }
        for (var task : tasks) {
            task.get();
        }
        assertThat(done).hasSize(threads * each);
    }
}
