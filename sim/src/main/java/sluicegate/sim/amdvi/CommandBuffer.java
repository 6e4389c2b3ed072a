package sluicegate.sim.amdvi;

import java.util.concurrent.atomic.AtomicLong;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The command buffer (2.4): fetches commands from memory and carries them out in order, as part of the register write that makes
 * them due. A command that can't be carried out stops the buffer in front of it; software switches it off and on again to make
 * it go on.
 *
 * <p>Writes come one at a time, in the order of the register file; reads are free.
 */
final class CommandBuffer {
    private static final int COMMAND_BYTES = CompletionWaitCommand.BYTES;
    private static final long BASE_BITS = ~CommandBufferBaseRegister.LAYOUT.reservedMask(0);
    private static final long POINTER_BITS = CommandBufferHeadRegister.CMDHEADPTR.mask();
    private static final long RUN = StatusRegister.CMDBUFRUN.mask();

    private final PhysicalMemory memory;
    private final Commands commands;
    private final EventReporter events;
    private final UnitStatus status;
    private volatile long base;
    /** Only whoever writes registers changes head and tail. They are released, not fenced: a fence for each command costs. */
    private final AtomicLong head = new AtomicLong();
    private final AtomicLong tail = new AtomicLong();
    private boolean enabled;

    CommandBuffer(PhysicalMemory memory, Commands commands, EventReporter events, UnitStatus status) {
        this.memory = memory;
        this.commands = commands;
        this.events = events;
        this.status = status;
    }

    void enable(boolean on) {
        if (on != enabled) {
            enabled = on;
            status.set(RUN, on);
        }
        process();
    }

    /** Lengths below the smallest count as that. */
    private long bytes() {
        long length = Math.max(CommandBufferBaseRegister.COMLEN.get(base), CommandBufferBaseRegister.MIN_LENGTH);
        return (long) COMMAND_BYTES << length;
    }

    /** Goes on with new commands. */
    private void process() {
        long mask = bytes() - 1;
        while (status.has(RUN) && (head.getPlain() & mask) != (tail.getPlain() & mask)) {
            long offset = head.getPlain() & mask;
            long place = CommandBufferBaseRegister.COMBASE.inPlace(base) + offset;
            if (!memory.contains(place, COMMAND_BYTES)) {
                events.commandError(place);
                status.clear(RUN);
                return;
            }
            switch (commands.carryOut(memory.get64Acquire(place), memory.get64Acquire(place + 8), place)) {
                case DONE -> head.setRelease(offset + COMMAND_BYTES & mask);
                case ILLEGAL -> {
                    events.illegalCommand(place);
                    status.clear(RUN);
                }
                case ERROR -> status.clear(RUN);
                // It goes on waiting, and the device is asked again when there are more commands.
                case UNANSWERED -> {
                    return;
                }
            }
        }
    }

    long base() {
        return base;
    }

    long head() {
        return head.getAcquire();
    }

    long tail() {
        return tail.getAcquire();
    }

    Writer baseWriter() {
        return (value, mask) -> {
            if (!status.has(RUN)) {
                base = (base & ~mask | value) & BASE_BITS;
            }
        };
    }

    /** Software may write it while the buffer does not run. */
    Writer headWriter() {
        return (value, mask) -> {
            if (!status.has(RUN)) {
                head.setRelease((head.getPlain() & ~mask | value) & POINTER_BITS);
            }
        };
    }

    Writer tailWriter() {
        return (value, mask) -> {
            tail.setRelease((tail.getPlain() & ~mask | value) & POINTER_BITS);
            process();
        };
    }
}
