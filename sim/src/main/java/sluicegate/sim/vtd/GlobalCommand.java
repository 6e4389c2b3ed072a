package sluicegate.sim.vtd;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
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
    private final InterruptRemapper interrupts;
    private final FaultReporting faults;
    private final Invalidator invalidator;
    private volatile long status;
    private volatile long rootTableAddress;

    GlobalCommand(String unit, VtdCapabilities capabilities, TranslationEngine engine, InvalidationQueue queue,
            InterruptRemapper interrupts, FaultReporting faults, Invalidator invalidator) {
        this.unit = unit;
        this.capabilities = capabilities;
        this.engine = engine;
        this.queue = queue;
        this.interrupts = interrupts;
        this.faults = faults;
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
        if (capabilities.interruptRemapping()) {
            commandInterrupts(command);
        }
        if (!engine.enabled() && !interrupts.enabled()) {
            faults.rewind();
        }
        // WBF is done at once: memory has no write buffer. SFL and EAFL belong to features that are not there.
    }

    private void commandInterrupts(long command) {
        if (GlobalCommandRegister.SIRTP.isSet(command)) {
            interrupts.setTable();
            status |= GlobalStatusRegister.IRTPS.mask();
            invalidator.drain();
        }
        boolean pass = GlobalCommandRegister.CFI.isSet(command);
        if (pass != interrupts.passesCompatibility()) {
            interrupts.passCompatibility(pass);
            show(GlobalStatusRegister.CFIS, pass);
        }
        boolean on = GlobalCommandRegister.IRE.isSet(command);
        if (on != interrupts.enabled()) {
            interrupts.enable(on);
            invalidator.drain();
            show(GlobalStatusRegister.IRES, on);
        }
    }

    private void show(Field field, boolean on) {
        status = on ? status | field.mask() : status & ~field.mask();
    }

    private void setRootTable() {
        engine.setRoot(rootTableAddress);
        status |= GlobalStatusRegister.RTPS.mask();
        if (capabilities.enhancedRootPointer()) {
            forgetEverything();
        }
        invalidator.drain();
    }

    /**
     * Also what requests that are still under way in the former mode keep: the driver of the new one need not know of caches that
     * only the former has.
     */
    private void forgetEverything() {
        invalidator.drain();
        invalidator.everything();
    }

    private void switchQueue(boolean on) {
        if (on && !capabilities.queuedInvalidation()) {
            throw IommuException.of(Errno.EINVAL,
                    "Write of %s of %s: QIE can't be set because the unit has no queued invalidation (ECAP_REG.QI is 0)",
                    GlobalCommandRegister.LAYOUT.name(), unit);
        }
        if (on != queue.enabled()) {
            show(GlobalStatusRegister.QIES, on);
            queue.enable(on);
        }
    }

    private void switchTranslation(boolean on) {
        if (on != engine.enabled()) {
            engine.enable(on);
            if (!on && capabilities.has(ExtendedCapabilityRegister.SMTS)) {
                forgetEverything(); // as hardware with scalable mode does (TE)
            }
            invalidator.drain();
            show(GlobalStatusRegister.TES, on);
        }
    }
}
