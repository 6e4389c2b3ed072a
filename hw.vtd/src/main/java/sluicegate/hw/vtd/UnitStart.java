package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.hw.common.Patience;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Takes a unit into use ({@code init_dmars} for one unit): invalidation, empty tables, faults, page requests, translation.
 *
 * <p>A unit that translates already, because an earlier driver held it or firmware left it on, is never switched off for
 * that: the root table is replaced under it and the caches are invalidated (section 11.4.4 allows it), so that no request
 * passes untranslated. {@link RootSwitch} says what happens if the tables are of another mode.
 */
final class UnitStart {
    private final String name;
    private final ProbeContext context;
    private final IommuUnit unit;
    private final VtdWindow window;
    private final boolean mayScale;
    private TranslationTables tables;
    private Invalidator invalidator;
    private Optional<ScalableInvalidator> scalable = Optional.empty();
    private FaultLog faults;
    private Optional<PageRequestQueue> pageRequests = Optional.empty();

    UnitStart(ProbeContext context, Patience patience, boolean mayScale) {
        this.name = context.unitName();
        this.context = context;
        this.unit = context.unit();
        this.window = new VtdWindow(name, unit.registers(), patience);
        this.mayScale = mayScale;
    }

    /**
     * Starts the unit.
     *
     * @throws sluicegate.api.types.IommuException ENODEV if this is no unit that the driver can use: nothing was touched;
     *     ETIMEDOUT, EIO, EINVAL or ENOMEM if it does not start. Memory is given back then. A unit that was translating stays
     *     blocked, at the price of one page, the fence; one that was not is as it was found. Only if the hardware does not
     *     answer when it is to forget the tables that it used before, these stay as well
     */
    VtdUnit run() {
        var capabilities = VtdCapabilities.read(name, unit.registers(), mayScale);
        try {
            startInvalidation(capabilities);
            tables = scalable.<TranslationTables>map(
                    what -> new ScalableTables(unit.memory(), unit.arena(), capabilities, window, what))
                    .orElseGet(() -> new ContextTables(unit.memory(), unit.arena(), capabilities, window));
            faults = new FaultLog(capabilities, window, context.faults(), new FaultDump(capabilities, window, unit.memory()));
            if (capabilities.pageRequests()) {
                pageRequests = scalable.map(answers -> new PageRequestQueue(capabilities, window, unit.memory(), unit.arena(),
                        context.faults(), answers));
            }
            var parts = new UnitParts(window, tables, invalidator, scalable, faults, pageRequests);
            var takeover = takeover(capabilities, parts);
            if (takeover.isEmpty()) {
                replaceTables(capabilities, parts);
            }
            faults.open(unit.interrupts());
            pageRequests.ifPresent(queue -> queue.open(unit.interrupts()));
            if (capabilities.writeBufferFlush()) {
                window.flushWriteBuffer();
            }
            window.command(GlobalCommandRegister.TE, GlobalStatusRegister.TES, true);
            if (capabilities.protectedMemory()) {
                new ProtectedMemory(window).lift();
            }
            return new VtdUnit(unit, capabilities, parts, takeover);
        } catch (RuntimeException e) {
            undo(e);
            throw e;
        }
    }

    private void startInvalidation(VtdCapabilities capabilities) {
        if (capabilities.queuedInvalidation()) {
            InvalidationQueue.disable(window);
            var queue = new InvalidationQueue(capabilities, window, unit.memory(), unit.arena());
            invalidator = queue;
            scalable = capabilities.scalable() ? Optional.of(new ScalableInvalidator(queue)) : Optional.empty();
        } else {
            invalidator = new RegisterInvalidator(capabilities, window);
        }
    }

    /**
     * Leaves the tables that translate where they are, if an earlier driver left them for that and they can be replaced whole.
     */
    private Optional<Takeover> takeover(VtdCapabilities capabilities, UnitParts parts) {
        long root = window.read64(RootTableAddressRegister.OFFSET);
        int mode = (int) RootTableAddressRegister.TTM.get(root);
        if (!context.held() || !window.status(GlobalStatusRegister.TES)
                || !RootSwitch.isWhole(capabilities, window, tables.mode())) {
            return Optional.empty();
        }
        tables.live(invalidator);
        var left = new LeftTables(unit, RootTableAddressRegister.RTA.inPlace(root), mode);
        return Optional.of(new Takeover(parts, left, mode != tables.mode()));
    }

    /** Makes the unit use the new, empty root table; if it was translating, the tables that it used before are given back. */
    private void replaceTables(VtdCapabilities capabilities, UnitParts parts) {
        var left = Optional.<LeftTables>empty();
        if (window.status(GlobalStatusRegister.TES)) {
            long before = window.read64(RootTableAddressRegister.OFFSET);
            int mode = (int) RootTableAddressRegister.TTM.get(before);
            left = Optional.of(new LeftTables(unit, RootTableAddressRegister.RTA.inPlace(before), mode));
        }
        new RootSwitch(capabilities, window, context).to(tables);
        parts.forgetEverything();
        tables.live(invalidator);
        // Now, not at the end: if a later step fails, nobody will find them again.
        left.ifPresent(old -> old.free(parts::uses));
    }

    private void undo(RuntimeException cause) {
        if (faults != null) {
            attempt(cause, faults::close);
        }
        pageRequests.ifPresent(queue -> attempt(cause, queue::stop));
        if (invalidator != null) {
            attempt(cause, invalidator::stop);
        }
        if (tables != null) {
            attempt(cause, this::giveTablesBack);
        }
    }

    /** What one step of the way back meets keeps no other from being taken. */
    private static void attempt(RuntimeException cause, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** The root table stays where it is, or may be, the fence. */
    private void giveTablesBack() {
        boolean given = RootTableAddressRegister.RTA.inPlace(window.read64(RootTableAddressRegister.OFFSET)) == tables.root();
        if (given && window.status(GlobalStatusRegister.TES)) {
            tables.keep();
        } else {
            tables.freeRoot();
        }
    }
}
