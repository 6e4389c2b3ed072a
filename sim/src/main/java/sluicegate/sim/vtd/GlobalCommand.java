package sluicegate.sim.vtd;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * GCMD_REG, GSTS_REG and RTADDR_REG (VT-d 11.4.4, 11.4.5): what is on. A command is done, and the status shows it, when the
 * write returns.
 *
 * <p>Writes come one at a time, in the order of the register file; reads are free.
 */
final class GlobalCommand {
    private static final long RTADDR_RESERVED = RootTableAddressRegister.LAYOUT.reservedMask(0);

    private final String unit;
    private final VtdCapabilities capabilities;
    private final TranslationEngine engine;
    private final InvalidationQueue queue;
    private final Invalidator invalidator;
    private volatile long status;
    private volatile long rootTableAddress;

    GlobalCommand(String unit, VtdCapabilities capabilities, TranslationEngine engine, InvalidationQueue queue,
            Invalidator invalidator) {
        this.unit = unit;
        this.capabilities = capabilities;
        this.engine = engine;
        this.queue = queue;
        this.invalidator = invalidator;
    }

    /** GSTS_REG. */
    long status() {
        return status;
    }

    /** RTADDR_REG. */
    long rootTableAddress() {
        return rootTableAddress;
    }

    /** It takes effect with the next SRTP. */
    void writeRootTableAddress(long value, long mask) {
        rootTableAddress = (rootTableAddress & ~mask | value) & ~RTADDR_RESERVED;
    }

    /** GCMD_REG. Where a write changes several things at once, which the manual forbids, they happen in this order. */
    void write(long command) {
        if (GlobalCommandRegister.SRTP.isSet(command)) {
            setRootTable();
        }
        switchQueue(GlobalCommandRegister.QIE.isSet(command));
        switchTranslation(GlobalCommandRegister.TE.isSet(command));
        // WBF is done at once: memory has no write buffer. SFL, EAFL, IRE, SIRTP and CFI belong to features that are not there.
    }

    private void setRootTable() {
        engine.setRoot(rootTableAddress);
        status |= GlobalStatusRegister.RTPS.mask();
        if (CapabilityRegister.ESRTPS.isSet(capabilities.cap())) {
            invalidator.everything();
        }
        invalidator.drain();
    }

    private void switchQueue(boolean on) {
        if (on && !capabilities.queuedInvalidation()) {
            throw IommuException.of(Errno.EINVAL,
                    "Write of %s of %s: QIE can't be set because the unit has no queued invalidation (ECAP_REG.QI is 0)",
                    GlobalCommandRegister.LAYOUT.name(), unit);
        }
        if (on != queue.enabled()) {
            status = on ? status | GlobalStatusRegister.QIES.mask() : status & ~GlobalStatusRegister.QIES.mask();
            queue.enable(on);
        }
    }

    private void switchTranslation(boolean on) {
        if (on != engine.enabled()) {
            engine.enable(on);
            invalidator.drain();
            status = on ? status | GlobalStatusRegister.TES.mask() : status & ~GlobalStatusRegister.TES.mask();
        }
    }
}
