package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.PprLogBaseRegister;
import sluicegate.spec.amdvi.PprLogTailRegister;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The command buffer and the logs of a unit that does what a test says: which commands it refuses, when it is silent, which
 * records it writes and when. It translates nothing.
 */
final class ScriptedUnit implements RegisterWindow {
    private static final long SIZE = 0x4000;
    private static final int RING_BYTES = 8192;

    private final PhysicalMemory memory;
    private final long[] registers = new long[(int) SIZE / 8];
    final List<Command> commands = new ArrayList<>();
    private Predicate<Command> illegal = command -> false;
    private Predicate<Command> unreadable = command -> false;
    private Predicate<Command> unanswered = command -> false;
    private boolean stuck;
    private boolean silentLog;
    private boolean tailLost;
    int waits;

    record Command(long low, long high) {
        int code() {
            return CommandCode.of(low);
        }
    }

    ScriptedUnit(PhysicalMemory memory) {
        this.memory = memory;
    }

    synchronized void refuse(Predicate<Command> which) {
        illegal = which;
    }

    synchronized void failToRead(Predicate<Command> which) {
        unreadable = which;
    }

    synchronized void leaveUnanswered(Predicate<Command> which) {
        unanswered = which;
    }

    /** From now on no command is carried out, or those that wait are. */
    synchronized void hold(boolean held) {
        stuck = held;
        process();
    }

    /** The next write of the tail pointer does not arrive, as when the bus has lost the unit for a moment. */
    synchronized void loseTailWrite() {
        tailLost = true;
    }

    /** Errors of commands stop the buffer, but nothing is logged. */
    synchronized void logNothing() {
        silentLog = true;
    }

    /** The commands since the last call, without COMPLETION_WAITs. */
    synchronized List<Command> take() {
        var taken = List.copyOf(commands);
        commands.clear();
        return taken;
    }

    synchronized void set(int offset, long value) {
        registers[offset / 8] = value;
    }

    synchronized long get(int offset) {
        return registers[offset / 8];
    }

    @Override
    public long size() {
        return SIZE;
    }

    @Override
    public synchronized int read32(long offset) {
        return (int) (registers[(int) offset / 8] >>> (offset % 8 * 8));
    }

    @Override
    public synchronized long read64(long offset) {
        return registers[(int) offset / 8];
    }

    @Override
    public synchronized void write32(long offset, int value) {
        int shift = (int) (offset % 8 * 8);
        long mask = 0xffff_ffffL << shift;
        write64(offset & ~7, registers[(int) offset / 8] & ~mask | Integer.toUnsignedLong(value) << shift & mask);
    }

    @Override
    public synchronized void write64(long offset, long value) {
        int index = (int) offset / 8;
        if (offset == StatusRegister.OFFSET) {
            registers[index] &= ~(value & StatusRegister.WRITE_ONE_TO_CLEAR);
            return;
        }
        if (tailLost && offset == CommandBufferTailRegister.OFFSET) {
            tailLost = false;
            throw new IommuException(Errno.EIO, "the unit is not there");
        }
        long before = registers[index];
        registers[index] = value;
        if (offset == ControlRegister.OFFSET) {
            boolean on = ControlRegister.IOMMUEN.isSet(value);
            follow(ControlRegister.CMDBUFEN, StatusRegister.CMDBUFRUN, on, before, value);
            follow(ControlRegister.EVENTLOGEN, StatusRegister.EVENTLOGRUN, on, before, value);
            follow(ControlRegister.PPRLOGEN, StatusRegister.PPRLOGRUN, on, before, value);
        }
        process();
    }

    /** What has stopped by itself runs again only after it was switched off and on. */
    private void follow(sluicegate.spec.Field enable, sluicegate.spec.Field running, boolean on, long before, long now) {
        boolean wasOn = ControlRegister.IOMMUEN.isSet(before) && enable.isSet(before);
        boolean isOn = on && enable.isSet(now);
        if (isOn != wasOn) {
            status(running.mask(), isOn);
        }
    }

    private void status(long bits, boolean set) {
        int index = StatusRegister.OFFSET / 8;
        registers[index] = registers[index] & ~bits | (set ? bits : 0);
    }

    private void process() {
        while (!stuck && StatusRegister.CMDBUFRUN.isSet(get(StatusRegister.OFFSET))
                && get(CommandBufferHeadRegister.OFFSET) != get(CommandBufferTailRegister.OFFSET)) {
            long head = get(CommandBufferHeadRegister.OFFSET);
            long address = CommandBufferBaseRegister.COMBASE.inPlace(get(CommandBufferBaseRegister.OFFSET)) + head;
            var command = new Command(memory.get64Acquire(address), memory.get64(address + 8));
            if (illegal.test(command) || unreadable.test(command)) {
                status(StatusRegister.CMDBUFRUN.mask(), false);
                event(illegal.test(command) ? EventCode.ILLEGAL_COMMAND_ERROR : EventCode.COMMAND_HARDWARE_ERROR, address);
                return;
            }
            set(CommandBufferHeadRegister.OFFSET, (head + 16) % RING_BYTES);
            if (command.code() != CommandCode.COMPLETION_WAIT) {
                commands.add(command);
            } else if (CompletionWaitCommand.S.isSet(command.low)) {
                waits++;
                memory.set64Release(CompletionWaitCommand.STORE.inPlace(command.low), command.high);
            }
            if (unanswered.test(command)) {
                event(EventCode.IOTLB_INV_TIMEOUT, address);
            }
        }
    }

    private void event(EventCode code, long address) {
        if (!silentLog) {
            log(EventLogRecord.CODE.set(0, code.code()), address, true);
        }
    }

    /** Puts a record into the event log; its words follow later if it is not {@code written}. Returns where it belongs. */
    synchronized long log(long low, long high, boolean written) {
        return append(EventLogBaseRegister.EVENTBASE.inPlace(get(EventLogBaseRegister.OFFSET)), EventLogTailRegister.OFFSET,
                StatusRegister.EVENTLOGINT.mask(), low, high, written);
    }

    /** Puts a record into the PPR log. */
    void ask(long low, long high) {
        ask(low, high, true);
    }

    /** The same; its words follow later if it is not {@code written}. Returns where it belongs. */
    synchronized long ask(long low, long high, boolean written) {
        return append(PprLogBaseRegister.PPRLOGBASE.inPlace(get(PprLogBaseRegister.OFFSET)), PprLogTailRegister.OFFSET,
                StatusRegister.PPRINT.mask(), low, high, written);
    }

    private long append(long base, int tailRegister, long interrupt, long low, long high, boolean written) {
        long tail = get(tailRegister);
        if (written) {
            memory.set64(base + tail + 8, high);
            memory.set64Release(base + tail, low);
        }
        set(tailRegister, (tail + 16) % RING_BYTES);
        status(interrupt, true);
        return base + tail;
    }

    /** As if a log had run full. */
    synchronized void overflow(sluicegate.spec.Field overflow, sluicegate.spec.Field running) {
        status(overflow.mask(), true);
        status(running.mask(), false);
    }
}
