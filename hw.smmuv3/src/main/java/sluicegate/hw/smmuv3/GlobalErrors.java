package sluicegate.hw.smmuv3;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;

/**
 * The unit's global errors (section 7.5; {@code arm_smmu_gerror_handler}): each bit of SMMU_GERROR that differs from SMMU_GERRORN
 * is one that happened and was not acknowledged. Thread-safe.
 */
final class GlobalErrors {
    private static final Logger LOG = LoggerFactory.getLogger(GlobalErrors.class);

    private final Smmuv3Window window;
    private Runnable commandRecovery = () -> {};
    private Runnable enhancedRecovery = () -> {};

    GlobalErrors(Smmuv3Window window) {
        this.window = window;
    }

    /**
     * From now on queues that have stopped are made ready to go on.
     *
     * @param recovery for the command queue, before the error is acknowledged, which lets it go on
     * @param ofEnhanced for enhanced ones, which are to be looked at one by one
     */
    synchronized void onCommandError(Runnable recovery, Runnable ofEnhanced) {
        commandRecovery = recovery;
        enhancedRecovery = ofEnhanced;
    }

    /** Handles and acknowledges what has happened, if anything has. */
    void check() {
        if ((window.read32(GerrorRegister.OFFSET) ^ window.read32(GerrorNRegister.OFFSET)) != 0) {
            handle();
        }
    }

    private synchronized void handle() {
        int errors = window.read32(GerrorRegister.OFFSET);
        long active = Integer.toUnsignedLong(errors ^ window.read32(GerrorNRegister.OFFSET));
        if (active == 0) {
            return;
        }
        if (GerrorRegister.CMDQ_ERR.isSet(active)) {
            commandRecovery.run();
        }
        for (Field field : GerrorRegister.LAYOUT.fields()) {
            if (field.isSet(active) && field != GerrorRegister.CMDQ_ERR && field != GerrorRegister.CMDQP_ERR) {
                LOG.warn("{}: global error {}: {}", window.unit(), field.name(), field.meaning());
            }
        }
        window.write32(GerrorNRegister.OFFSET, errors);
        if (GerrorRegister.CMDQP_ERR.isSet(active)) {
            // After that, so that a queue which stops while the others are looked at is reported again (section 3.5.6.3).
            enhancedRecovery.run();
        }
    }
}
