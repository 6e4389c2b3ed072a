package sluicegate.sim.pci;

import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;

/**
 * What a device keeps of the page request groups that it has closed and of the answers to them (PCI Express 10.4). Answers
 * that it does not wait for are counted and change nothing (10.4.2.1: unexpected page request group index).
 *
 * <p>Thread-safe.
 */
final class PageRequester {
    /** Page request group indices have nine bits. */
    static final int GROUPS = 512;
    /** Code of a response (10.4.2). */
    private static final int SUCCESS = 0;
    private static final int INVALID = 1;

    private final Map<Integer, Integer> waiting = new HashMap<>();
    /** The last code that came for a group, until somebody takes it. */
    private final Map<Integer, Integer> answers = new HashMap<>();
    private int next;
    private int outstanding;
    private long sent;
    private long succeeded;
    private long invalid;
    private long failed;
    private long unexpected;

    /** A group of the caller's choice is about to be closed; it may be used once more before it is answered, if the device means harm. */
    synchronized void close(int group) {
        waiting.merge(group, 1, Integer::sum);
        outstanding++;
        sent++;
    }

    /**
     * Closes a group that nobody uses, once there are fewer of them outstanding than the device may have.
     *
     * @param limit how many that are (10.5.2.4, outstanding page request allocation)
     * @return its index, or -1 if there was no room in time or the device was stopped
     */
    synchronized int closeNew(int limit, long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        while (outstanding >= Math.min(limit, GROUPS)) {
            if (!pause(until)) {
                return -1;
            }
        }
        // Best one whose last answer nobody has left lying; after a storm there is one for each.
        for (int i = 0; i < GROUPS && (waiting.containsKey(next) || answers.containsKey(next)); i++) {
            next = (next + 1) % GROUPS;
        }
        while (waiting.containsKey(next)) {
            next = (next + 1) % GROUPS;
        }
        int group = next;
        next = (next + 1) % GROUPS;
        answers.remove(group);
        close(group);
        return group;
    }

    synchronized void answer(int group, int code) {
        if (!waiting.containsKey(group)) {
            unexpected++;
            return;
        }
        waiting.computeIfPresent(group, (key, count) -> count == 1 ? null : count - 1);
        outstanding--;
        switch (code) {
            case SUCCESS -> succeeded++;
            case INVALID -> invalid++;
            default -> failed++;
        }
        answers.put(group, code);
        notifyAll();
    }

    /** The last code that came for the group; empty if none has. */
    synchronized OptionalInt take(int group) {
        var code = answers.remove(group);
        return code == null ? OptionalInt.empty() : OptionalInt.of(code);
    }

    /** Waits for the answer to a group. Empty if none came in time. */
    synchronized OptionalInt await(int group, long millis) {
        long until = System.nanoTime() + millis * 1_000_000;
        while (!answers.containsKey(group)) {
            if (!pause(until)) {
                return OptionalInt.empty();
            }
        }
        return take(group);
    }

    private boolean pause(long until) {
        long left = (until - System.nanoTime()) / 1_000_000;
        if (left <= 0) {
            return false;
        }
        try {
            wait(left);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    synchronized DmaEngine.PageRequestTally tally() {
        return new DmaEngine.PageRequestTally(sent, succeeded, invalid, failed, unexpected, outstanding);
    }
}
