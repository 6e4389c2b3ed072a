package sluicegate.sim.smmuv3;

import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.GerrorRegister;

/**
 * SMMU_GERROR, SMMU_GERRORN and their interrupt (7.5). Thread-safe, with a lock of its own under which nothing waits.
 */
final class GlobalErrors {
    private static final long ALWAYS_KNOWN = GerrorRegister.CMDQ_ERR.mask() | GerrorRegister.EVENTQ_ABT_ERR.mask()
            | GerrorRegister.PRIQ_ABT_ERR.mask() | GerrorRegister.MSI_CMDQ_ABT_ERR.mask()
            | GerrorRegister.MSI_EVENTQ_ABT_ERR.mask() | GerrorRegister.MSI_PRIQ_ABT_ERR.mask()
            | GerrorRegister.MSI_GERROR_ABT_ERR.mask() | GerrorRegister.SFM_ERR.mask();

    private final long known;
    private final MessageInterrupt interrupt;
    private volatile long errors;
    private volatile long acknowledged;

    GlobalErrors(Messages messages, Smmuv3Capabilities capabilities) {
        known = ALWAYS_KNOWN | (capabilities.controlPages() > 0 ? GerrorRegister.CMDQP_ERR.mask() : 0);
        interrupt = new MessageInterrupt("gerror", messages, aborted -> {
            // A message about this would only be aborted again.
            synchronized (this) {
                toggle(GerrorRegister.MSI_GERROR_ABT_ERR.mask());
            }
        });
    }

    MessageInterrupt interrupt() {
        return interrupt;
    }

    /** An error happens; nothing if it is active already. */
    synchronized void raise(long mask) {
        if (toggle(mask)) {
            interrupt.trigger();
        }
    }

    private boolean toggle(long mask) {
        long inactive = mask & ~(errors ^ acknowledged);
        errors ^= inactive;
        return inactive != 0;
    }

    boolean isActive(long mask) {
        return ((errors ^ acknowledged) & mask) != 0;
    }

    /** SMMU_GERROR. */
    long errors() {
        return errors;
    }

    /** SMMU_GERRORN. */
    long acknowledged() {
        return acknowledged;
    }

    Writer acknowledgeWriter(Runnable then) {
        return (value, mask) -> {
            synchronized (this) {
                acknowledged = value & known;
            }
            then.run();
        };
    }
}
