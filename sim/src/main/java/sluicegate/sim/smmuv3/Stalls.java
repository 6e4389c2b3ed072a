package sluicegate.sim.smmuv3;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Transactions that stalled on a fault and wait for software (3.12.2). A device's request waits in {@link #await}; commands
 * answer it. Thread-safe.
 */
public final class Stalls {
    /** What becomes of a stalled transaction. */
    public enum Outcome {
        /** It is to be translated again, as if it had just come. */
        RETRY,
        /** The device gets an abort. */
        ABORT,
        /** The device reads zeros; what it writes is lost. */
        IGNORE
    }

    private static final class Stall {
        private final int streamId;
        private Outcome outcome;
        /** Whether software has heard of it. */
        private boolean recorded = true;
        /** Whether the device has given up. Software may still answer; until then nobody else gets the tag. */
        private boolean abandoned;

        private Stall(int streamId) {
            this.streamId = streamId;
        }
    }

    private final int limit;
    private final Map<Integer, Stall> byTag = new HashMap<>();
    private final BitSet tags = new BitSet();

    Stalls(int limit) {
        this.limit = limit;
    }

    /** Takes in a transaction; its tag, or -1 if there are too many. */
    synchronized int hold(int streamId) {
        int tag = tags.nextClearBit(0);
        if (tag >= limit) {
            return -1;
        }
        tags.set(tag);
        byTag.put(tag, new Stall(streamId));
        return tag;
    }

    /** There was no room for its event: it is retried when there is. */
    synchronized void unrecorded(int tag) {
        var stall = byTag.get(tag);
        if (stall != null) {
            stall.recorded = false;
        }
    }

    /** There is room for events again. */
    synchronized void retryUnrecorded() {
        byTag.forEach((tag, stall) -> {
            if (!stall.recorded && stall.outcome == null) {
                stall.outcome = Outcome.RETRY;
            }
        });
        notifyAll();
    }

    /**
     * Waits until software has answered. To be called once for each stall, by the device's thread, while no DMA of it is in
     * flight. An interrupted thread gets an abort and stays interrupted.
     *
     * @param millis how long at most; a stall that nobody answers is aborted then
     */
    public synchronized Outcome await(int tag, long millis) {
        var stall = byTag.get(tag);
        if (stall == null) {
            return Outcome.ABORT;
        }
        long until = System.nanoTime() + millis * 1_000_000;
        try {
            long left = millis;
            while (stall.outcome == null && left > 0) {
                wait(left);
                left = (until - System.nanoTime()) / 1_000_000;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (stall.outcome == null && stall.recorded) {
            stall.abandoned = true;
            return Outcome.ABORT;
        }
        free(tag);
        return stall.outcome == null ? Outcome.ABORT : stall.outcome;
    }

    private void free(int tag) {
        byTag.remove(tag);
        tags.clear(tag);
    }

    /** CMD_RESUME: no effect on a transaction that is not stalled, or not of that stream. */
    synchronized void resume(int streamId, int tag, Outcome outcome) {
        var stall = byTag.get(tag);
        if (stall != null && stall.streamId == streamId && stall.recorded) {
            answer(tag, stall, outcome);
            notifyAll();
        }
    }

    private void answer(int tag, Stall stall, Outcome outcome) {
        if (stall.abandoned) {
            free(tag);
        } else if (stall.outcome == null) {
            stall.outcome = outcome;
        }
    }

    /** CMD_STALL_TERM. */
    synchronized void abort(int streamId) {
        Map.copyOf(byTag).forEach((tag, stall) -> {
            if (stall.streamId == streamId) {
                answer(tag, stall, Outcome.ABORT);
            }
        });
        notifyAll();
    }

    /** Translation was switched off. */
    synchronized void abortAll() {
        Map.copyOf(byTag).forEach((tag, stall) -> answer(tag, stall, Outcome.ABORT));
        notifyAll();
    }

    /** How many transactions are stalled. */
    public synchronized int count() {
        return (int) byTag.values().stream().filter(stall -> stall.outcome == null && !stall.abandoned).count();
    }
}
