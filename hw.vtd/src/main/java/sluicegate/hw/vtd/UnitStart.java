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
    private Optional<DeviceTlbInvalidator> deviceTlbs = Optional.empty();
    private FaultLog faults;
    private Optional<PageRequestQueue> pageRequests = Optional.empty();
    /** One that was left and is not gone on with. */
    private Optional<PageRequestQueue> abandoned = Optional.empty();
    private boolean requestsGoOn;

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
            boolean inPlace = context.held() && window.status(GlobalStatusRegister.TES)
                    && RootSwitch.isWhole(capabilities, window, tables.mode());
            preparePageRequests(capabilities, inPlace);
            var parts = new UnitParts(window, tables, invalidator, scalable, deviceTlbs, faults, pageRequests);
            var takeover = inPlace ? Optional.of(takeover(parts)) : Optional.<Takeover>empty();
            if (!inPlace) {
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
            deviceTlbs = Optional.of(new DeviceTlbInvalidator(queue));
            scalable = capabilities.scalable() ? Optional.of(new ScalableInvalidator(queue)) : Optional.empty();
        } else {
            invalidator = new RegisterInvalidator(capabilities, window);
        }
    }

    /**
     * The queue of page requests, where devices may ask for pages: one that an earlier driver left goes on as it is, if the unit is taken
     * over in place. No request is lost, and those in it are the first to be taken.
     */
    private void preparePageRequests(VtdCapabilities capabilities, boolean inPlace) {
        boolean asked = window.status(GlobalStatusRegister.TES) && RootSwitch.mode(window) == RootTableAddressRegister.SCALABLE_MODE;
        var left = asked ? PageRequestRing.left(window, unit.memory(), unit.arena()) : Optional.<PageRequestRing>empty();
        requestsGoOn = inPlace && capabilities.pageRequests() && left.isPresent();
        if (capabilities.pageRequests()) {
            var ring = requestsGoOn ? left.get() : PageRequestRing.make(window, unit.memory(), unit.arena());
            pageRequests = scalable.map(answers -> new PageRequestQueue(capabilities, window, ring, context.faults(), answers, inPlace));
        }
        if (!requestsGoOn && invalidator instanceof InvalidationQueue queue) {
            abandoned = left.map(ring -> new PageRequestQueue(capabilities, window, ring, context.faults(),
                    new ScalableInvalidator(queue), false));
        }
    }

    /** Leaves the tables that translate where they are: an earlier driver left them for that, and they can be replaced whole. */
    private Takeover takeover(UnitParts parts) {
        long root = window.read64(RootTableAddressRegister.OFFSET);
        int mode = (int) RootTableAddressRegister.TTM.get(root);
        tables.live(invalidator);
        var left = new LeftTables(unit, RootTableAddressRegister.RTA.inPlace(root), mode);
        return new Takeover(parts, left, mode != tables.mode(), abandoned);
    }

    /** Makes the unit use the new, empty root table; if it was translating, the tables that it used before are given back. */
    private void replaceTables(VtdCapabilities capabilities, UnitParts parts) {
        var left = Optional.<LeftTables>empty();
        if (window.status(GlobalStatusRegister.TES)) {
            long before = window.read64(RootTableAddressRegister.OFFSET);
            int mode = (int) RootTableAddressRegister.TTM.get(before);
            left = Optional.of(new LeftTables(unit, RootTableAddressRegister.RTA.inPlace(before), mode));
        }
        refuseAbandoned();
        new RootSwitch(capabilities, window, context).to(tables);
        parts.forgetEverything();
        tables.live(invalidator);
        // Now, not at the end: if a later step fails, nobody will find them again.
        refuseAbandoned();
        abandoned.ifPresent(queue -> queue.stop(parts::uses));
        left.ifPresent(old -> old.free(parts::uses));
    }

    /**
     * Answers page requests for which the driver that comes can do nothing: its tables block at first, and a device whose page requests
     * are switched on anew has forgotten what it asked for. In legacy mode there are no answers (6.5.2).
     */
    private void refuseAbandoned() {
        if (RootSwitch.mode(window) == RootTableAddressRegister.SCALABLE_MODE) {
            abandoned.ifPresent(PageRequestQueue::refuseAll);
        }
    }

    private void undo(RuntimeException cause) {
        if (faults != null) {
            attempt(cause, faults::close);
        }
        // One that goes on stays with the unit: devices are using it.
        pageRequests.ifPresent(queue -> attempt(cause, requestsGoOn ? queue::leave : () -> queue.stop(page -> false)));
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
