package sluicegate.hw.common;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sluicegate.api.types.IommuException;

/**
 * Lets threads that invalidate at the same time hand their commands to one of them ("flat combining"; Hendler, Incze, Shavit and
 * Tzafrir, SPAA 2010). All that a queue of commands consists of, down to the registers, then stays in the cache of one
 * processor, and one wait for completion serves several threads.
 *
 * <pre>
 *   line 1:     whether somebody combines
 *   line 2:     who did last
 *   line 3..:   state | command           the record of the threads with this number modulo the number of records
 * </pre>
 *
 * <p>Who did last and finds nobody at it begins at once: a thread alone pays one compare-and-set of a word that no other
 * processor has. Others put their command into their record, leave it there for a moment, since whoever did last
 * probably comes again, and only then take over.
 *
 * <p>It is for commands that may be carried out twice, as invalidations may: when those of several threads fail together, each
 * thread carries out its own once more, alone, and has its own error.
 *
 * <p>Thread-safe; allocates nothing.
 */
public final class CommandCombiner {
    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int RECORDS = 16;
    /** Words between what different processors write: two lines of a cache, because these are fetched in pairs. */
    private static final int LINE_SHIFT = 4;

    private static final int COMBINING = 1 << LINE_SHIFT;
    private static final int LAST = 2 << LINE_SHIFT;
    private static final int FIRST_RECORD = 3 << LINE_SHIFT;
    private static final int LOW = 1;
    private static final int HIGH = 2;

    /** States of a record. While it is asked for, it is the combining thread's, and the asking thread's otherwise. */
    private static final long FREE = 0;
    private static final long TAKEN = 1;
    private static final long ASKED = 2;
    private static final long DONE = 3;
    private static final long FAILED = 4;

    /**
     * How long others leave it to the thread that did last. Taking over moves a dozen lines from cache to cache, about 1 us;
     * who waits that long or twice as long loses little if nobody comes, and in a crowd somebody comes.
     */
    private static final long PATIENCE_NANOS = 2_000;
    /** How often a thread looks at its record before it lets others have the processor. */
    private static final int SPINS = 256;

    private final Queue queue;
    private final long[] words = new long[FIRST_RECORD + (RECORDS << LINE_SHIFT)];
    /** Of whoever combines: the commands, two words each, and the records of those they are from, the first one's apart. */
    private final long[] batch = new long[2 * (RECORDS + 1)];
    private final int[] askers = new int[RECORDS];

    /** What carries commands out. Thread-safe: not all commands come by way of a combiner. */
    public interface Queue {
        /**
         * Returns when hardware has carried out a command.
         *
         * @throws IommuException if hardware refuses it or does not answer
         */
        void run(long low, long high);

        /**
         * Returns when hardware has carried out several.
         *
         * @param commands two words each; they are only valid during the call
         * @param count of commands, at most 17
         * @throws IommuException if hardware refuses one of them or does not answer; which were carried out is not known then
         */
        void run(long[] commands, int count);
    }

    public CommandCombiner(Queue queue) {
        this.queue = queue;
    }

    /**
     * Returns when hardware has carried out a command.
     *
     * @throws IommuException as {@link Queue#run(long, long)} throws it for this command
     */
    public void run(long low, long high) {
        long me = Thread.currentThread().getId();
        if ((long) WORD.getOpaque(words, LAST) == me && begin()) {
            combine(low, high);
        } else {
            handOver(me, low, high);
        }
    }

    private boolean begin() {
        return (long) WORD.getOpaque(words, COMBINING) == 0 && WORD.compareAndSet(words, COMBINING, 0L, 1L);
    }

    private void end() {
        WORD.setRelease(words, COMBINING, 0L);
    }

    private void handOver(long me, long low, long high) {
        int record = FIRST_RECORD + (((int) me & RECORDS - 1) << LINE_SHIFT);
        if (!WORD.compareAndSet(words, record, FREE, TAKEN)) {
            queue.run(low, high);
            return;
        }
        words[record + LOW] = low;
        words[record + HIGH] = high;
        WORD.setRelease(words, record, ASKED);
        switch ((int) await(record)) {
            case (int) DONE -> WORD.setOpaque(words, record, FREE);
            case (int) FAILED -> {
                WORD.setOpaque(words, record, FREE);
                queue.run(low, high);
            }
            default -> {
                WORD.setOpaque(words, record, FREE);
                WORD.setOpaque(words, LAST, me);
                combine(low, high);
            }
        }
    }

    /** What has become of a record; if it is still {@link #ASKED}, the caller combines from now on. */
    private long await(int record) {
        long asked = System.nanoTime();
        for (int spins = 0; (long) WORD.getAcquire(words, record) == ASKED; spins++) {
            if (System.nanoTime() - asked > PATIENCE_NANOS && begin()) {
                if ((long) WORD.getAcquire(words, record) == ASKED) {
                    return ASKED;
                }
                end();
            } else if (spins < SPINS) {
                Thread.onSpinWait();
            } else {
                Thread.yield();
            }
        }
        return (long) WORD.getAcquire(words, record);
    }

    /** The caller's command, and all that others ask for now. */
    private void combine(long low, long high) {
        int others = 0;
        long outcome = FAILED;
        try {
            others = gather();
            if (others == 0) {
                queue.run(low, high);
            } else {
                batch[0] = low;
                batch[1] = high;
                queue.run(batch, others + 1);
            }
            outcome = DONE;
        } catch (IommuException e) {
            if (others == 0) {
                throw e;
            }
        } finally {
            for (int i = 0; i < others; i++) {
                WORD.setRelease(words, askers[i], outcome);
            }
            end();
        }
        if (outcome == FAILED) {
            queue.run(low, high);
        }
    }

    private int gather() {
        int others = 0;
        for (int record = FIRST_RECORD; record < words.length; record += 1 << LINE_SHIFT) {
            if ((long) WORD.getAcquire(words, record) == ASKED) {
                askers[others++] = record;
                batch[2 * others] = words[record + LOW];
                batch[2 * others + 1] = words[record + HIGH];
            }
        }
        return others;
    }

    /** How many commands wait for somebody to carry them out, for tests. */
    int waiting() {
        int waiting = 0;
        for (int record = FIRST_RECORD; record < words.length; record += 1 << LINE_SHIFT) {
            waiting += (long) WORD.getAcquire(words, record) == ASKED ? 1 : 0;
        }
        return waiting;
    }
}
