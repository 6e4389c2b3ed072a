package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.SyncCommand;

/**
 * The command queue (3.5, 4.1, 7.1): fetches commands from memory and carries them out in order, as part of the register
 * write that makes them due. A command that can't be carried out stops it in front of that command; acknowledging the error
 * in SMMU_GERRORN makes it go on.
 *
 * <p>Writes come one at a time, in the order of the register file; reads are free.
 */
final class CommandQueue {
    private static final long STOPPED = GerrorRegister.CMDQ_ERR.mask();
    private static final long BASE_BITS = ~CmdqBaseRegister.LAYOUT.reservedMask(0);

    private final PhysicalMemory memory;
    private final Commands commands;
    private final GlobalErrors errors;
    private final int maxBits;
    private volatile long base;
    private volatile long producer;
    private volatile long consumer;
    private volatile boolean enabled;

    CommandQueue(PhysicalMemory memory, Smmuv3Capabilities capabilities, Commands commands, GlobalErrors errors) {
        this.memory = memory;
        this.commands = commands;
        this.errors = errors;
        this.maxBits = (int) Idr1Register.CMDQS.get(capabilities.idr1());
    }

    void enable(boolean on) {
        enabled = on;
        process();
    }

    private int bits() {
        return (int) Math.min(CmdqBaseRegister.LOG2SIZE.get(base), maxBits);
    }

    /** Goes on with new commands, or after an error was acknowledged. */
    void process() {
        int bits = bits();
        long wrap = (1L << bits + 1) - 1;
        long start = CmdqBaseRegister.ADDR.inPlace(base) & -Math.max((long) SyncCommand.BYTES << bits, 32);
        while (enabled && !errors.isActive(STOPPED) && (CmdqConsRegister.RD.get(consumer) & wrap) != (producer & wrap)) {
            long read = CmdqConsRegister.RD.get(consumer) & wrap;
            // Indices that no queue can have leave it alone, where a unit may do anything.
            if ((producer - read & wrap) > 1L << bits) {
                return;
            }
            var error = carryOut(start + (read & (1L << bits) - 1) * SyncCommand.BYTES);
            if (error == CommandError.CERROR_NONE) {
                consumer = CmdqConsRegister.RD.set(consumer, read + 1 & wrap);
            } else {
                consumer = CmdqConsRegister.ERR.set(CmdqConsRegister.RD.set(consumer, read), error.code());
                errors.raise(STOPPED);
            }
        }
    }

    private CommandError carryOut(long slot) {
        if (!memory.contains(slot, SyncCommand.BYTES)) {
            return CommandError.CERROR_ABT;
        }
        return commands.carryOut(memory.get64Acquire(slot), memory.get64Acquire(slot + 8));
    }

    long base() {
        return base;
    }

    long producer() {
        return producer;
    }

    long consumer() {
        return consumer;
    }

    Writer baseWriter() {
        return (value, mask) -> {
            if (!enabled) {
                base = (base & ~mask | value) & BASE_BITS;
            }
        };
    }

    Writer producerWriter() {
        return (value, mask) -> {
            producer = CmdqProdRegister.WR.get(value);
            process();
        };
    }

    Writer consumerWriter() {
        return (value, mask) -> {
            if (!enabled) {
                consumer = value & (CmdqConsRegister.RD.mask() | CmdqConsRegister.ERR.mask());
            }
        };
    }
}
