package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.EcmdqConsRegister;
import sluicegate.spec.smmuv3.EcmdqProdRegister;
import sluicegate.spec.smmuv3.GerrorRegister;

/**
 * One enhanced command queue (3.5.6): switched on by its own producer register, and stopped by an error until that is
 * acknowledged there. It runs whatever becomes of the other queues, SMMU_CR0.CMDQEN and SMMU_GERROR, and takes the same
 * commands as the command queue.
 *
 * <p>Thread-safe: writes of one queue take turns, and its commands are carried out by the thread that writes; those of
 * different queues wait for nothing of each other.
 */
final class EnhancedCommandQueue extends CommandRing {
    private static final long EN = EcmdqProdRegister.EN.mask();
    private static final long ENACK = EcmdqConsRegister.ENACK.mask();
    /** The same bit as {@link EcmdqProdRegister#ERRACK}. */
    private static final long ERR = EcmdqConsRegister.ERR.mask();
    private static final long PRODUCER_BITS = ~EcmdqProdRegister.LAYOUT.reservedMask(0);
    private static final long CONSUMER_BITS = ~EcmdqConsRegister.LAYOUT.reservedMask(0) & ~ENACK;

    private final GlobalErrors errors;

    EnhancedCommandQueue(PhysicalMemory memory, Smmuv3Capabilities capabilities, Commands commands, GlobalErrors errors) {
        super(memory, capabilities, commands);
        this.errors = errors;
    }

    boolean isOn() {
        return (producer() & EN) != 0;
    }

    /** While the two bits differ for another reason than an error, a unit may do either (3.5.6.3). */
    @Override
    boolean runs() {
        long producer = producer();
        return (producer & EN) != 0 && ((producer ^ consumer()) & ERR) == 0;
    }

    /** What the queue says is there to be seen before SMMU_GERROR says that one of them has something to say. */
    @Override
    void stop(CommandError error) {
        setConsumer(EcmdqConsRegister.ERR_REASON.set(consumer(), error.code()) ^ ERR);
        errors.raise(GerrorRegister.CMDQP_ERR.mask());
    }

    Writer baseWriter() {
        return (value, mask) -> {
            synchronized (turn()) {
                if (!isOn()) {
                    setBase(base() & ~mask | value);
                }
            }
        };
    }

    /** The queue is on or off, and says so, before the write ends. */
    Writer producerWriter() {
        return (value, mask) -> {
            synchronized (turn()) {
                boolean changes = ((producer() ^ value) & EN) != 0;
                setProducer(value & PRODUCER_BITS);
                if (changes) {
                    setConsumer(consumer() ^ ENACK);
                }
                process();
            }
        };
    }

    Writer consumerWriter() {
        return (value, mask) -> {
            synchronized (turn()) {
                if (!isOn()) {
                    setConsumer(value & CONSUMER_BITS);
                }
            }
        };
    }
}
