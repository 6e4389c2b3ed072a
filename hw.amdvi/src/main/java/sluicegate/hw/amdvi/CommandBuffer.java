package sluicegate.hw.amdvi;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.atomic.AtomicLong;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.CommandCombiner;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The command buffer (section 2.4), shared by all threads without a lock: many threads' commands, one COMPLETION_WAIT for
 * all of them.
 *
 * <pre>
 *   ring:       | mine | mine | other's | other's | other's | COMPLETION_WAIT | free ...
 *   semaphore:  one word: how many commands are done                ^ stores its count plus one
 * </pre>
 *
 * <p>Commands are counted from the start of the buffer; the count modulo its size is the slot. A thread takes as many slots
 * in a row as it has commands, by one compare-and-set, and writes them. The first thread that takes slots while nobody
 * publishes becomes the owner; the others mark each of their slots with its count. The owner waits until the owner before it has
 * finished, takes one more slot for the COMPLETION_WAIT, with which the round is closed, waits until the slots of the others
 * are marked, and moves the tail pointer over all of them at once. Each thread waits until the semaphore has passed its last command. Since counts only
 * go up, the semaphore never has to be cleared, and it tells how much room the ring has without asking the hardware.
 *
 * <p>Errors are the business of {@link CommandErrors}; only that takes a lock. Nothing is allocated on the way.
 */
final class CommandBuffer implements CommandCombiner.Queue {
    /** log2 of the slots: a ring of 8 KiB, as the kernel has it ({@code CMD_BUFFER_SIZE}). */
    private static final int LENGTH = 9;
    static final int SLOTS = 1 << LENGTH;
    private static final int MASK = SLOTS - 1;
    private static final int BYTES = SLOTS * CommandRecord.BYTES;
    private static final int SPINS = 64;
    private static final VarHandle MARK = MethodHandles.arrayElementVarHandle(int[].class);
    private static final VarHandle TAKEN;

    static {
        try {
            TAKEN = MethodHandles.lookup().findVarHandle(CommandBuffer.class, "taken", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final AmdviWindow window;
    private final PhysicalMemory memory;
    private final MemoryArena arena;
    private final long ring;
    private final long semaphore;
    private final CommandErrors errors;
    /** Twice the number of slots that were ever taken, plus one while somebody is to publish them. */
    private volatile long taken;
    /** By slot: the count of the command that somebody wrote there for the owner, plus one. */
    private final int[] marks = new int[SLOTS];
    /** Commands that the hardware was told of, or is being told of; only the owner changes them, and releases them to others. */
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong announced = new AtomicLong();

    /**
     * Allocates ring and semaphore and switches the buffer on. The unit is on already: it runs nothing otherwise.
     *
     * @throws IommuException ETIMEDOUT if the unit does not switch it on, ENOMEM; nothing stays allocated
     */
    CommandBuffer(AmdviWindow window, PhysicalMemory memory, MemoryArena arena) {
        this.window = window;
        this.memory = memory;
        this.arena = arena;
        ring = arena.allocate(BYTES);
        try {
            semaphore = arena.allocate(MemoryArena.PAGE_SIZE);
        } catch (IommuException e) {
            arena.free(ring, BYTES);
            throw e;
        }
        errors = new CommandErrors(window, memory, ring, this::countAt);
        try {
            stop(window);
            long base = CommandBufferBaseRegister.COMLEN.set(0, LENGTH);
            window.write64(CommandBufferBaseRegister.OFFSET, CommandBufferBaseRegister.COMBASE.setInPlace(base, ring));
            window.write64(CommandBufferHeadRegister.OFFSET, 0);
            window.write64(CommandBufferTailRegister.OFFSET, 0);
            window.start(ControlRegister.CMDBUFEN, StatusRegister.CMDBUFRUN);
        } catch (IommuException e) {
            window.control(ControlRegister.CMDBUFEN.mask(), 0);
            free();
            throw e;
        }
    }

    private static void stop(AmdviWindow window) {
        window.stop(ControlRegister.CMDBUFEN, StatusRegister.CMDBUFRUN);
    }

    private void free() {
        arena.free(semaphore, MemoryArena.PAGE_SIZE);
        arena.free(ring, BYTES);
    }

    CommandErrors errors() {
        return errors;
    }

    /** The most commands that {@link #take} gives at once, so that two threads fit in. */
    static int most() {
        return SLOTS / 2 - 2;
    }

    @Override
    public void run(long low, long high) {
        long ticket = take(1);
        put(ticket, 0, low, high);
        finish(ticket, 1, false);
    }

    @Override
    public void run(long[] commands, int count) {
        long ticket = take(count);
        for (int i = 0; i < count; i++) {
            put(ticket, i, commands[2 * i], commands[2 * i + 1]);
        }
        finish(ticket, count, false);
    }

    /**
     * Takes slots in a row. {@link #put} has to be called for each of them and then {@link #finish}, whatever happens.
     *
     * @param count at most {@link #most}
     * @return a ticket
     * @throws IommuException EIO if the buffer stays full; nothing was taken then
     */
    long take(int count) {
        long begun = 0;
        while (true) {
            long state = taken;
            long first = state >>> 1;
            // One slot more for the COMPLETION_WAIT; and one stays free, since head and tail may not meet.
            if (first + count + 2 - memory.get64Acquire(semaphore) <= SLOTS) {
                if (TAKEN.compareAndSet(this, state, first + count << 1 | 1)) {
                    // In the lowest bit: whether somebody else publishes.
                    return state;
                }
            } else {
                begun = begun == 0 ? window.patience().begin() : begun;
                errors.check();
                pauseWhileFull(begun);
            }
        }
    }

    private void pauseWhileFull(long begun) {
        try {
            window.patience().pause(begun, window.unit(), "the command buffer stays full");
        } catch (IommuException e) {
            throw new IommuException(Errno.EIO, e.getMessage(), e);
        }
    }

    /** Writes one of the commands of a ticket. */
    void put(long ticket, int index, long low, long high) {
        long count = (ticket >>> 1) + index;
        try {
            putAt(count, low, high);
        } finally {
            if ((ticket & 1) != 0) {
                // Whatever happens here: the owner waits for the mark.
                MARK.setRelease(marks, (int) count & MASK, (int) count + 1);
            }
        }
    }

    private void putAt(long count, long low, long high) {
        long address = ring + (count & MASK) * CommandRecord.BYTES;
        memory.set64(address + Long.BYTES, high);
        memory.set64Release(address, low);
    }

    /**
     * Has the commands of a ticket carried out and returns when they are.
     *
     * @param devices whether devices have to answer
     * @throws IommuException EINVAL if hardware refuses one of them; EIO if it can't read one; ETIMEDOUT if it does not answer,
     *     or a device behind it does not. All others' commands go on
     */
    void finish(long ticket, int count, boolean devices) {
        long first = ticket >>> 1;
        if ((ticket & 1) == 0) {
            publish(first, count);
        }
        await(first + count);
        if (devices) {
            errors.readEvents();
        }
        errors.throwIfFailed(first, count);
    }

    private void publish(long first, int own) {
        int spins = 0;
        while (published.getAcquire() != first) {
            spins = relax(spins);
        }
        long state = taken;
        while (!TAKEN.compareAndSet(this, state, (state >>> 1) + 1 << 1)) {
            state = taken;
        }
        long wait = state >>> 1;
        try {
            putAt(wait, Commands.waitAndStore(semaphore), wait + 1);
            for (long count = first + own; count < wait; count++) {
                while ((int) MARK.getAcquire(marks, (int) count & MASK) != (int) count + 1) {
                    spins = relax(spins);
                }
            }
            // First, because errors may be reported before the write returns.
            announced.setRelease(wait + 1);
            window.write64(CommandBufferTailRegister.OFFSET, (wait + 1 & MASK) * CommandRecord.BYTES);
        } finally {
            // Whatever happens here: the next owner waits for it.
            published.setRelease(wait + 1);
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

    /** Waits until so many commands are done. */
    private void await(long end) {
        if (reached(end)) {
            return;
        }
        long begun = window.patience().begin();
        do {
            errors.check();
            if (reached(end)) {
                return;
            }
            window.patience().pause(begun, window.unit(), "a COMPLETION_WAIT does not complete");
        } while (!reached(end));
    }

    private boolean reached(long end) {
        // Acquires: what the commands protected may be reused only after their completion was seen.
        return memory.get64Acquire(semaphore) >= end;
    }

    /** The command that was last put into a slot among those that hardware knows. */
    private long countAt(int slot) {
        long last = announced.getAcquire() - 1;
        return last - (last - slot & MASK);
    }

    /** Whether it has that page of the arena. */
    boolean uses(long page) {
        return page >= ring && page < ring + BYTES || page == semaphore;
    }

    /** Waits for what is under way. Nobody submits any more. */
    void drain() {
        await(published.get());
    }

    /** Switches the buffer off and gives memory back. */
    void stop() {
        stop(window);
        free();
    }
}
