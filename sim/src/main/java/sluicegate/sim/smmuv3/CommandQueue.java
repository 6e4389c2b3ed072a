package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.GerrorRegister;

/**
 * The command queue that every unit has: switched on by SMMU_CR0, and stopped by an error until that is acknowledged in
 * SMMU_GERRORN.
 *
 * <p>Writes come one at a time, in the order of the register file; reads are free.
 */
final class CommandQueue extends CommandRing {
    private static final long STOPPED = GerrorRegister.CMDQ_ERR.mask();

    private final GlobalErrors errors;
    private volatile boolean enabled;

    CommandQueue(PhysicalMemory memory, Smmuv3Capabilities capabilities, Commands commands, GlobalErrors errors) {
        super(memory, capabilities, commands);
        this.errors = errors;
    }

    void enable(boolean on) {
        enabled = on;
        process();
    }

    @Override
    boolean runs() {
        return enabled && !errors.isActive(STOPPED);
    }

    @Override
    void stop(CommandError error) {
        setConsumer(CmdqConsRegister.ERR.set(consumer(), error.code()));
        errors.raise(STOPPED);
    }

    Writer baseWriter() {
        return (value, mask) -> {
            if (!enabled) {
                setBase(base() & ~mask | value);
            }
        };
    }

    Writer producerWriter() {
        return (value, mask) -> {
            setProducer(CmdqProdRegister.WR.get(value));
            process();
        };
    }

    Writer consumerWriter() {
        return (value, mask) -> {
            if (!enabled) {
                setConsumer(value & (CmdqConsRegister.RD.mask() | CmdqConsRegister.ERR.mask()));
            }
        };
    }
}
