package sluicegate.hw.smmuv3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.CommandCombiner;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.SyncCommand;

/**
 * A command queue (section 3.5.1 and chapter 4), shared by threads without a lock ({@code arm_smmu_cmdq_issue_cmdlist}).
 *
 * <pre>
 *   ring:     | mine | mine | SYNC | other's | other's | SYNC |  free ...
 *   statuses: |  -   |  -   | word |    -    |    -    | word |           4 bytes each, where SYNCs can send messages
 * </pre>
 *
 * <p>Commands are counted from the start of the queue; the count modulo its size is the slot. A thread takes as many slots in a
 * row as it has commands, by one compare-and-set, and writes them. The first thread that takes slots while nobody publishes
 * becomes the owner; the others mark each of their slots with its count. The owner waits until the owner before it has finished,
 * takes in all that others have taken slots for meanwhile, waits until those are marked, and moves the producer index of the
 * hardware over all of them at once. So the register is written once for many threads. Each thread waits for its own SYNC, which is
 * the last of its commands: it writes its count plus one into the word of its slot, so that a word never has to be cleared
 * and a late reader sees a later count; without messages the consumer index tells.
 *
 * <p>Errors (section 7.1): a command that hardware refuses is replaced by a SYNC, so that the queue goes on, and whoever
 * submitted it gets EINVAL; a fetch that failed is tried again; for an invalidation that a device did not answer
 * whoever waits gets ETIMEDOUT. Nobody else's commands are lost. Only this takes a lock. Where the acknowledgement of an error is a bit
 * beside the producer index, whoever acknowledges becomes the owner of no slots and publishes the index once more, so that
 * nobody else writes the register meanwhile.
 *
 * <p>Nothing is allocated on the way.
 */
final class CommandQueue implements CommandCombiner.Queue {
    private static final int SPINS = 64;
    private static final VarHandle MARK = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle COUNT = MethodHandles.arrayElementVarHandle(long[].class);
    /** Twice the number of slots that were ever taken, plus one while somebody is to publish them. */
    private static final int TAKEN = 0;
    /** Commands that the hardware was told of; only the owner changes it. */
    private static final int PUBLISHED = 1;
    /** Commands of which it is known that hardware has carried them out. */
    private static final int CONSUMED = 2;
    /** Two lines of a processor's cache and more behind those, because lines are fetched in pairs: other queues have others. */
    private static final int COUNTS = 24;

    /**
     * What a queue needs of its unit.
     *
     * @param messages whether SYNCs can send messages
     * @param errorCheck looks whether the unit reports errors and has them handled; called by threads that wait
     */
    record Surroundings(Smmuv3Window window, PhysicalMemory memory, MemoryArena arena, boolean messages, Runnable errorCheck) {}

    private final Smmuv3Window window;
    private final QueueRegisters registers;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final int slots;
    private final long ring;
    /** 0 where SYNCs can't send messages. */
    private final long status;
    private final Runnable errorCheck;
    private final long[] counts = new long[COUNTS];
    /** By slot: the count of the command that somebody wrote there for the owner, plus one. */
    private final int[] marks;
    /** By slot: count plus one of the last command there that failed, and why. Guarded by {@code this}. */
    private final long[] failed;
    private final CommandError[] failure;
    private final long[] failedWords;
    /** Keeps the good path away from the lock. */
    private volatile boolean anyFailed;

    /**
     * Allocates the ring and switches the queue on.
     *
     * @param bits size of the ring, as a power of two
     * @throws IommuException ETIMEDOUT if the unit does not switch it on, ENOMEM; nothing stays allocated
     */
    CommandQueue(Surroundings surroundings, QueueRegisters registers, int bits) {
        this.window = surroundings.window();
        this.registers = registers;
        this.memory = surroundings.memory();
        this.arena = surroundings.arena();
        this.errorCheck = surroundings.errorCheck();
        slots = 1 << bits;
        marks = new int[slots];
        failed = new long[slots];
        failure = new CommandError[slots];
        failedWords = new long[2 * slots];
        ring = arena.allocate(ringBytes());
        try {
            status = surroundings.messages() ? arena.allocate(statusBytes()) : 0;
        } catch (IommuException e) {
            arena.free(ring, ringBytes());
            throw e;
        }
        try {
            long base = CmdqBaseRegister.RA.mask() | CmdqBaseRegister.LOG2SIZE.set(0, bits);
            registers.start(CmdqBaseRegister.ADDR.setInPlace(base, ring));
        } catch (IommuException e) {
            free();
            throw e;
        }
    }

    private long taken() {
        return (long) COUNT.getVolatile(counts, TAKEN);
    }

    private long published() {
        return (long) COUNT.getVolatile(counts, PUBLISHED);
    }

    private long consumed() {
        return (long) COUNT.getVolatile(counts, CONSUMED);
    }

    private long ringBytes() {
        return (long) slots * SyncCommand.BYTES;
    }

    private long statusBytes() {
        return (long) slots * Integer.BYTES;
    }

    private void free() {
        if (status != 0) {
            arena.free(status, statusBytes());
        }
        arena.free(ring, ringBytes());
    }

    /** The most commands that {@link #take} gives at once, the SYNC among them. */
    int most() {
        return slots;
    }

    @Override
    public void run(long low, long high) {
        long ticket = take(2);
        put(ticket, 0, low, high);
        finish(ticket, 2);
    }

    @Override
    public void run(long[] commands, int count) {
        long ticket = take(count + 1);
        for (int i = 0; i < count; i++) {
            put(ticket, i, commands[2 * i], commands[2 * i + 1]);
        }
        finish(ticket, count + 1);
    }

    /**
     * Takes slots in a row. {@link #put} has to be called for all but the last of them and then {@link #finish}, whatever happens.
     *
     * @param count at most {@link #most}; the last one is for the SYNC
     * @return a ticket
     * @throws IommuException ETIMEDOUT if the queue stays full; nothing was taken then
     */
    long take(int count) {
        long begun = 0;
        while (true) {
            long state = taken();
            long first = state >>> 1;
            if (first + count - consumed() <= slots) {
                if (COUNT.compareAndSet(counts, TAKEN, state, first + count << 1 | 1)) {
                    // In the lowest bit: whether somebody else publishes.
                    return state;
                }
            } else if (first + count - refresh() > slots) {
                begun = begun == 0 ? window.patience().begin() : begun;
                errorCheck.run();
                window.patience().pause(begun, window.unit(), "the command queue stays full");
            }
        }
    }

    /** Writes one of the commands of a ticket. */
    void put(long ticket, int index, long low, long high) {
        long count = (ticket >>> 1) + index;
        long slot = ring + (count & slots - 1) * SyncCommand.BYTES;
        try {
            memory.set64(slot + Long.BYTES, high);
            memory.set64Release(slot, low);
        } finally {
            if ((ticket & 1) != 0) {
                // Whatever happens here: the owner waits for the mark.
                MARK.setRelease(marks, (int) count & slots - 1, (int) count + 1);
            }
        }
    }

    private void putSync(long ticket, int index) {
        long count = (ticket >>> 1) + index;
        if (status == 0) {
            put(ticket, index, Commands.sync(), 0);
        } else {
            put(ticket, index, Commands.syncMessage((int) count + 1), Commands.syncMessageHigh(statusWord(count)));
        }
    }

    private long statusWord(long count) {
        return status + (count & slots - 1) * Integer.BYTES;
    }

    /**
     * Has the commands of a ticket carried out and returns when they are.
     *
     * @throws IommuException EINVAL if hardware refuses one of them; ETIMEDOUT if it does not answer, or a device behind it does
     *     not. The commands stay in the queue then, and all others' go on
     */
    void finish(long ticket, int count) {
        long first = ticket >>> 1;
        putSync(ticket, count - 1);
        if ((ticket & 1) == 0) {
            publish(first, count);
        }
        await(first, count);
    }

    /** Until the owner before has finished. */
    private void awaitPublished(long first) {
        int spins = 0;
        while (published() != first) {
            spins = relax(spins);
        }
    }

    private void publish(long first, int own) {
        awaitPublished(first);
        long state = taken();
        while (!COUNT.compareAndSet(counts, TAKEN, state, state & -2)) {
            state = taken();
        }
        long end = state >>> 1;
        if (end == first) {
            // The next owner waits for this count, which was there before, and so is at work already.
            return;
        }
        int spins = 0;
        for (long count = first + own; count < end; count++) {
            while ((int) MARK.getAcquire(marks, (int) count & slots - 1) != (int) count + 1) {
                spins = relax(spins);
            }
        }
        try {
            registers.publish((int) end & 2 * slots - 1);
        } finally {
            COUNT.setVolatile(counts, PUBLISHED, end);
        }
    }

    /** Other threads are about to do their part; they may have to be let run for that. */
    private static int relax(int spins) {
        if (spins < SPINS) {
            Thread.onSpinWait();
        } else {
            Thread.yield();
        }
        return spins + 1;
    }

    private void await(long first, int count) {
        long sync = first + count - 1;
        if (!reached(sync)) {
            long begun = window.patience().begin();
            do {
                errorCheck.run();
                if (reached(sync)) {
                    break;
                }
                window.patience().pause(begun, window.unit(), "the command queue does not complete a CMD_SYNC");
            } while (!reached(sync));
        }
        if (anyFailed) {
            throwIfFailed(first, count);
        }
    }

    private boolean reached(long sync) {
        boolean reached = status != 0 && memory.get32(statusWord(sync)) - ((int) sync + 1) >= 0;
        if (!reached && (status == 0 || anyFailed)) {
            // A SYNC that failed was replaced by one without a message.
            reached = consumed() > sync || refresh() > sync;
        }
        // What the commands protected may be reused only after their completion was seen.
        VarHandle.acquireFence();
        return reached;
    }

    /** Looks how far hardware has come, at least; others may have looked later already. */
    private long refresh() {
        long known = consumed();
        long now = countOf(registers.consumer(), known);
        while (now > known && !COUNT.compareAndSet(counts, CONSUMED, known, now)) {
            known = consumed();
        }
        return Math.max(now, known);
    }

    /** The count that an index with its wrap bit stands for, if no more than two rounds have passed since {@code known}. */
    private long countOf(int register, long known) {
        return known + (CmdqConsRegister.RD.get(register) - known & 2L * slots - 1);
    }

    /**
     * Makes a queue that has stopped ready to go on ({@code __arm_smmu_cmdq_skip_err}), and an enhanced one go on; for the other one the
     * caller acknowledges the error after that. Does nothing if it has not stopped.
     */
    void recover() {
        if (skipFailed()) {
            publishOnceMore();
        }
    }

    /** Whether that is acknowledged with the producer index. */
    private synchronized boolean skipFailed() {
        int register = registers.consumer();
        var error = registers.error(register);
        if (error == CommandError.CERROR_NONE) {
            return false;
        }
        if (error != CommandError.CERROR_ABT) {
            long count = countOf(register, consumed());
            int slot = (int) count & slots - 1;
            long address = ring + (long) slot * SyncCommand.BYTES;
            failed[slot] = count + 1;
            failure[slot] = error;
            failedWords[2 * slot] = memory.get64(address);
            failedWords[2 * slot + 1] = memory.get64(address + Long.BYTES);
            if (error == CommandError.CERROR_ILL) {
                memory.set64(address + Long.BYTES, 0);
                memory.set64Release(address, Commands.sync());
            }
            anyFailed = true;
        }
        return registers.acknowledge(register);
    }

    /**
     * Whoever is to publish does it with the acknowledgement, which is there before they are seen to be. If nobody is, the caller becomes the
     * owner of no slots, and writes while it is: that it has finished does not show in what is published. Errors are handled by one
     * thread at a time ({@link GlobalErrors}).
     */
    private void publishOnceMore() {
        for (long state = taken(); (state & 1) == 0; state = taken()) {
            if (COUNT.compareAndSet(counts, TAKEN, state, state | 1)) {
                long first = state >>> 1;
                try {
                    awaitPublished(first);
                    registers.publish((int) first & 2 * slots - 1);
                } finally {
                    publish(first, 0);
                }
                return;
            }
        }
    }

    private synchronized void throwIfFailed(long first, int count) {
        for (long each = first; each < first + count; each++) {
            int slot = (int) each & slots - 1;
            if (failed[slot] == each + 1) {
                if (failure[slot] == CommandError.CERROR_ATC_INV_SYNC) {
                    throw IommuException.of(Errno.ETIMEDOUT, "%s: a device does not answer an invalidation of its translation cache "
                            + "(CERROR_ATC_INV_SYNC)", window.unit());
                }
                throw IommuException.of(Errno.EINVAL, "%s: the unit refuses command %s %s: %s (%s)", window.unit(),
                        Hex.of(failedWords[2 * slot]), Hex.of(failedWords[2 * slot + 1]), failure[slot].meaning(), failure[slot]);
            }
        }
    }

    /** Whether slots up to that count were taken, for tests. */
    boolean hasTaken(long count) {
        return taken() >>> 1 >= count;
    }

    /** Whether somebody is about to publish, for tests. */
    boolean hasOwner() {
        return (taken() & 1) != 0;
    }

    /** Whether it has that page of the arena. */
    boolean uses(long page) {
        return page >= ring && page < ring + ringBytes() || status != 0 && page >= status && page < status + statusBytes();
    }

    /** Waits for what is under way, switches the queue off and gives memory back. Nobody submits any more. */
    void stop() {
        long begun = window.patience().begin();
        while (refresh() < taken() >>> 1) {
            errorCheck.run();
            window.patience().pause(begun, window.unit(), "the command queue does not become empty");
        }
        registers.stop();
        free();
    }
}
