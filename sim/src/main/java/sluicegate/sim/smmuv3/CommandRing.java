package sluicegate.sim.smmuv3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.SyncCommand;

/**
 * A queue of commands in memory (3.5, 4.1, 7.1), whatever registers it has: fetches commands and carries them out in order, as
 * part of the register write that makes them due. A command that can't be carried out stops it in front of that command.
 *
 * <p>Base, indices and sizes are in the same bits of all queues' registers. Whoever writes them excludes other writers of the same
 * queue; reads are free. Queues share nothing that one of them writes on its way: each has its words in lines of a
 * processor's cache of its own, because such a line takes longer from one processor to the other than a command takes.
 */
abstract class CommandRing {
    /** What a CMD_SYNC has to care for: DMAs that may have used what commands before it removed. */
    static final int DMA = 1;
    /** What a CMD_SYNC has to care for: a device that did not answer a CMD_ATC_INV. */
    static final int DEVICE = 2;

    private static final VarHandle WORD = MethodHandles.arrayElementVarHandle(long[].class);
    private static final long BASE_BITS = ~CmdqBaseRegister.LAYOUT.reservedMask(0);
    private static final int BASE = 0;
    private static final int PRODUCER = 1;
    private static final int CONSUMER = 2;
    private static final int OWED = 3;
    /** More than two lines behind the last of them, because these are fetched in pairs. */
    private static final int WORDS = 24;

    private final PhysicalMemory memory;
    private final Commands commands;
    private final int maxBits;
    private final long[] words = new long[WORDS];

    CommandRing(PhysicalMemory memory, Smmuv3Capabilities capabilities, Commands commands) {
        this.memory = memory;
        this.commands = commands;
        this.maxBits = (int) Idr1Register.CMDQS.get(capabilities.idr1());
    }

    /** Whether it is on, and has not stopped for an error. */
    abstract boolean runs();

    /** Its command at the consumer index can't be carried out. */
    abstract void stop(CommandError error);

    /** What writers of this queue take turns at; in the same lines as what they write. */
    final Object turn() {
        return words;
    }

    final long base() {
        return (long) WORD.getAcquire(words, BASE);
    }

    final long producer() {
        return (long) WORD.getAcquire(words, PRODUCER);
    }

    final long consumer() {
        return (long) WORD.getAcquire(words, CONSUMER);
    }

    final void setBase(long value) {
        WORD.setRelease(words, BASE, value & BASE_BITS);
    }

    final void setProducer(long value) {
        WORD.setRelease(words, PRODUCER, value);
    }

    /** What was carried out before is to be seen by whoever sees the index. */
    final void setConsumer(long value) {
        WORD.setRelease(words, CONSUMER, value);
    }

    /** The next CMD_SYNC of this queue has to care for something. */
    final void owe(int what) {
        words[OWED] |= what;
    }

    /** Whether this CMD_SYNC has to care for something; the next one has not. */
    final boolean settle(int what) {
        boolean owed = (words[OWED] & what) != 0;
        words[OWED] &= ~what;
        return owed;
    }

    /** Goes on with new commands, or after an error was acknowledged. */
    final void process() {
        long base = base();
        int bits = (int) Math.min(CmdqBaseRegister.LOG2SIZE.get(base), maxBits);
        long wrap = (1L << bits + 1) - 1;
        long start = CmdqBaseRegister.ADDR.inPlace(base) & -Math.max((long) SyncCommand.BYTES << bits, 32);
        while (runs()) {
            long consumer = consumer();
            long read = CmdqConsRegister.RD.get(consumer) & wrap;
            long waiting = CmdqProdRegister.WR.get(producer()) - read & wrap;
            // Indices that no queue can have leave it alone, where a unit may do anything.
            if (waiting == 0 || waiting > 1L << bits) {
                return;
            }
            var error = carryOut(start + (read & (1L << bits) - 1) * SyncCommand.BYTES);
            if (error == CommandError.CERROR_NONE) {
                setConsumer(CmdqConsRegister.RD.set(consumer, read + 1 & wrap));
            } else {
                setConsumer(CmdqConsRegister.RD.set(consumer, read));
                stop(error);
            }
        }
    }

    private CommandError carryOut(long slot) {
        if (!memory.contains(slot, SyncCommand.BYTES)) {
            return CommandError.CERROR_ABT;
        }
        return commands.carryOut(this, memory.get64Acquire(slot), memory.get64Acquire(slot + 8));
    }
}
