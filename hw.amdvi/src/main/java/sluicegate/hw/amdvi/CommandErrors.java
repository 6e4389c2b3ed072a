package sluicegate.hw.amdvi;

import java.util.function.IntToLongFunction;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * What becomes of commands that hardware does not carry out (sections 2.5.6 to 2.5.8). An illegal command and one that can't be
 * read stop the buffer; the event log tells which it was. An illegal one is replaced by a COMPLETION_WAIT that tells nobody,
 * one that could not be read is tried again; then the buffer is started again at that command, so that nothing of others is
 * lost. A device that did not answer stops nothing or stops the buffer behind the command, which is not tried again. Who
 * submitted the command gets an error.
 *
 * <p>Events may come later than the buffer's stop, or get lost when the log is full. Without one the buffer is started again as it
 * is, and only if it stops at the same command each time that is to blame.
 */
final class CommandErrors {
    private static final int ATTEMPTS = 3;
    private static final int MASK = CommandBuffer.SLOTS - 1;

    private final AmdviWindow window;
    private final PhysicalMemory memory;
    private final long ring;
    private final IntToLongFunction countAt;
    private Runnable events = () -> {};
    /** By slot: the count plus one of the last command there that failed, and how. Guarded by this. */
    private final long[] failed = new long[CommandBuffer.SLOTS];
    private final EventCode[] failure = new EventCode[CommandBuffer.SLOTS];
    private final long[] words = new long[2 * CommandBuffer.SLOTS];
    /** Count plus one of the command at which the buffer has stopped, if the log has told. Guarded by this. */
    private long stoppedAt;
    private EventCode stoppedBy = EventCode.ILLEGAL_COMMAND_ERROR;
    private int attempts;
    /** Whether a device has not answered since the last start; then a stop is not the fault of the next command. */
    private boolean timedOut;
    private int silentHead = -1;
    private int silentStops;
    /** Keeps the good path away from the lock. */
    private volatile boolean anyFailed;

    /** @param countAt which command was last put into a slot */
    CommandErrors(AmdviWindow window, PhysicalMemory memory, long ring, IntToLongFunction countAt) {
        this.window = window;
        this.memory = memory;
        this.ring = ring;
        this.countAt = countAt;
    }

    /** From now on {@code drain} takes events out of the log and hands those about commands to {@link #reported}. */
    void readEventsWith(Runnable drain) {
        events = drain;
    }

    /** The event log tells of a command; called by whoever reads the log. */
    synchronized void reported(EventCode event, long address) {
        long slot = (address - ring) / CommandRecord.BYTES;
        if (slot < 0 || slot >= CommandBuffer.SLOTS) {
            return;
        }
        long count = countAt.applyAsLong((int) slot);
        if (event == EventCode.IOTLB_INV_TIMEOUT) {
            timedOut = true;
            fail(count, event);
        } else {
            stoppedAt = count + 1;
            stoppedBy = event;
        }
    }

    /** Looks whether the buffer has stopped and starts it again. Called by threads that wait. */
    void check() {
        if (!window.status(StatusRegister.CMDBUFRUN)) {
            events.run();
            restart();
        }
    }

    /** Which devices have not answered, the log tells. */
    void readEvents() {
        events.run();
    }

    private synchronized void restart() {
        if (window.status(StatusRegister.CMDBUFRUN)) {
            return;
        }
        int head = (int) (CommandBufferHeadRegister.CMDHEADPTR.inPlace(window.read64(CommandBufferHeadRegister.OFFSET))
                / CommandRecord.BYTES) & MASK;
        int slot = head;
        if (stoppedAt != 0 || isStoppedFor(head)) {
            long count = stoppedAt != 0 ? stoppedAt - 1 : countAt.applyAsLong(head);
            slot = (int) count & MASK;
            if (failed[slot] != count + 1 && !isToBeTriedAgain(slot)) {
                fail(count, stoppedBy);
                attempts = 0;
                memory.set64(addressOf(slot) + Long.BYTES, 0);
                memory.set64Release(addressOf(slot), Commands.barrier());
            }
        }
        window.stop(ControlRegister.CMDBUFEN, StatusRegister.CMDBUFRUN);
        window.write64(CommandBufferHeadRegister.OFFSET, (long) slot * CommandRecord.BYTES);
        stoppedAt = 0;
        timedOut = false;
        stoppedBy = EventCode.ILLEGAL_COMMAND_ERROR;
        // It may stop again at once, so nobody waits until it runs.
        window.control(0, ControlRegister.CMDBUFEN.mask());
    }

    /** Whether the buffer has stopped so often in front of a command, without the log telling why, that the command is to blame. */
    private boolean isStoppedFor(int head) {
        silentStops = head == silentHead && !timedOut ? silentStops + 1 : 1;
        silentHead = head;
        return silentStops > ATTEMPTS;
    }

    /** What can't be read now may be readable next time; and without its COMPLETION_WAIT nobody would know that a round is over. */
    private boolean isToBeTriedAgain(int slot) {
        return stoppedBy == EventCode.COMMAND_HARDWARE_ERROR && ++attempts < ATTEMPTS
                || CompletionWaitCommand.S.isSet(memory.get64(addressOf(slot)))
                        && CommandCode.of(memory.get64(addressOf(slot))) == CommandCode.COMPLETION_WAIT;
    }

    private long addressOf(int slot) {
        return ring + (long) slot * CommandRecord.BYTES;
    }

    private void fail(long count, EventCode event) {
        int slot = (int) count & MASK;
        failed[slot] = count + 1;
        failure[slot] = event;
        words[2 * slot] = memory.get64(addressOf(slot));
        words[2 * slot + 1] = memory.get64(addressOf(slot) + Long.BYTES);
        anyFailed = true;
    }

    /** @throws IommuException if one of {@code count} commands from {@code first} on has failed */
    void throwIfFailed(long first, int count) {
        if (anyFailed) {
            lookForFailed(first, count);
        }
    }

    private synchronized void lookForFailed(long first, int count) {
        for (long each = first; each < first + count; each++) {
            int slot = (int) each & MASK;
            if (failed[slot] == each + 1) {
                throw exception(failure[slot], Hex.of(words[2 * slot]) + " " + Hex.of(words[2 * slot + 1]));
            }
        }
    }

    private IommuException exception(EventCode event, String command) {
        return switch (event) {
            case IOTLB_INV_TIMEOUT -> IommuException.of(Errno.ETIMEDOUT, "%s: a device does not answer invalidation %s of its "
                    + "translation cache (%s)", window.unit(), command, event);
            case COMMAND_HARDWARE_ERROR -> IommuException.of(Errno.EIO, "%s: the unit can't read or complete command %s after "
                    + "%d attempts (%s)", window.unit(), command, ATTEMPTS, event);
            default -> IommuException.of(Errno.EINVAL, "%s: the unit refuses command %s: %s (%s)", window.unit(), command,
                    event.meaning(), event);
        };
    }
}
