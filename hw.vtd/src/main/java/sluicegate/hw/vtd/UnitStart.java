package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.spec.vtd.ContextCacheInvalidateDescriptor;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.IotlbInvalidateDescriptor;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Takes a unit into use ({@code init_dmars} for one unit): invalidation, empty tables, faults, translation.
 *
 * <p>A unit that translates already, because an earlier driver held it or firmware left it on, is never switched off for
 * that: the root table is replaced under it and the caches are invalidated (section 11.4.4 allows it), so that no request
 * passes untranslated. Only tables of another mode, which can't be replaced in flight, cost a moment of translation off; no
 * driver of this platform leaves any.
 */
final class UnitStart {
    private final String name;
    private final ProbeContext context;
    private final IommuUnit unit;
    private final VtdWindow window;
    private ContextTables contexts;
    private Invalidator invalidator;
    private FaultLog faults;
    private boolean rootInUse;

    UnitStart(ProbeContext context, Patience patience) {
        this.name = context.unitName();
        this.context = context;
        this.unit = context.unit();
        this.window = new VtdWindow(name, unit.registers(), patience);
    }

    /**
     * Starts the unit.
     *
     * @throws sluicegate.api.types.IommuException ENODEV if this is no unit that the driver can use: nothing was touched;
     *     ETIMEDOUT, EIO, EINVAL or ENOMEM if it does not start. Memory is given back then. A unit that was translating stays
     *     blocked, at the price of one page, the fence; one that was not is as it was found
     */
    VtdUnit run() {
        var capabilities = VtdCapabilities.read(name, unit.registers(), false);
        try {
            contexts = new ContextTables(unit.memory(), unit.arena(), capabilities, window);
            startInvalidation(capabilities);
            var left = replaceTables();
            faults = new FaultLog(capabilities, window, context.faults());
            faults.open(unit.interrupts());
            if (capabilities.writeBufferFlush()) {
                window.flushWriteBuffer();
            }
            window.command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, true);
            if (capabilities.protectedMemory()) {
                window.disableProtectedMemory();
            }
            left.ifPresent(tables -> tables.free(page -> page == contexts.root() || invalidator.uses(page)));
            return new VtdUnit(unit, capabilities, window, contexts, invalidator, faults);
        } catch (RuntimeException e) {
            undo(e);
            throw e;
        }
    }

    private void startInvalidation(VtdCapabilities capabilities) {
        if (capabilities.queuedInvalidation()) {
            InvalidationQueue.disable(window);
            invalidator = new InvalidationQueue(capabilities, window, unit.memory(), unit.arena());
        } else {
            invalidator = new RegisterInvalidator(capabilities, window);
        }
    }

    /** Makes the unit use the new, empty root table; returns the tables that it used before, if it was translating. */
    private Optional<LeftTables> replaceTables() {
        var left = Optional.<LeftTables>empty();
        if (window.status(GlobalStatusRegister.TES)) {
            long before = window.read64(RootTableAddressRegister.OFFSET);
            if (RootTableAddressRegister.TTM.get(before) == RootTableAddressRegister.LEGACY_MODE) {
                left = Optional.of(new LeftTables(unit, RootTableAddressRegister.RTA.inPlace(before)));
                rootInUse = true;
            } else {
                window.command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, false);
            }
        }
        window.setRootTable(contexts.root());
        invalidator.contextCache(ContextCacheInvalidateDescriptor.GLOBAL, 0, 0);
        invalidator.iotlb(IotlbInvalidateDescriptor.GLOBAL, 0, 0, 0, false);
        contexts.live(invalidator);
        return left;
    }

    private void undo(RuntimeException cause) {
        try {
            if (faults != null) {
                faults.close();
            }
            if (invalidator != null) {
                invalidator.stop();
            }
            if (contexts != null && !rootInUse && !window.status(GlobalStatusRegister.TES)) {
                contexts.freeRoot();
            }
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
