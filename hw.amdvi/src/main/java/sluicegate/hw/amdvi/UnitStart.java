package sluicegate.hw.amdvi;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.hw.common.Patience;
import sluicegate.spec.acpi.Ivhd;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.ExclusionBaseRegister;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.InvalidationTimeout;

/**
 * Takes a unit into use ({@code early_enable_iommu} and {@code enable_iommus_v2}): commands, an empty device table, logs,
 * translation.
 *
 * <p>A unit that translates already, because an earlier driver held it or firmware left it on, is never switched off for
 * that: the device table is replaced under it and everything is forgotten, so that no request passes untranslated. If the earlier
 * driver left it for this one to {@linkplain Takeover take over in place}, the device table is not replaced yet.
 */
final class UnitStart {
    /** What this driver sets as it needs it; the rest of the control register stays as firmware left it. */
    private static final long OWN_CONTROL = ControlRegister.HTTUNEN.mask() | ControlRegister.PASSPW.mask()
            | ControlRegister.RESPASSPW.mask() | ControlRegister.ISOC.mask() | ControlRegister.COHERENT.mask()
            | ControlRegister.INVTIMEOUT.mask() | ControlRegister.EVENTINTEN.mask() | ControlRegister.COMWAITINTEN.mask()
            | ControlRegister.PPRINTEN.mask() | ControlRegister.PPREN.mask() | ControlRegister.GTEN.mask()
            | ControlRegister.EPHEN.mask() | ControlRegister.HADUPDATE.mask()
            | ControlRegister.PPRAUTORSPEN.mask() | ControlRegister.PPRAUTORSPAON.mask()
            | ControlRegister.GCR3TRPMODE.mask() | ControlRegister.DUALEVENTLOGEN.mask() | ControlRegister.DUALPPRLOGEN.mask();
    /** What of it a PPR log needs that goes on running. */
    private static final long ANSWERS = ControlRegister.PPRAUTORSPEN.mask() | ControlRegister.PPRAUTORSPAON.mask();

    private final String name;
    private final ProbeContext context;
    private final IommuUnit unit;
    private final AmdviWindow window;
    private final PagingTables tables;
    private DeviceTable table;
    private CommandBuffer commands;
    private EventLog events;
    private Optional<LogRing> runningEvents = Optional.empty();
    private Optional<PageRequestLog> pageRequests = Optional.empty();
    private UnitInterrupt interrupt;
    private boolean wasOn;
    /** What the unit used before, once it has the new table. */
    private Optional<LeftTables> left = Optional.empty();
    /** Instead, where those go on translating until this driver has written its own. */
    private Optional<LeftTables> translating = Optional.empty();
    private boolean replaced;
    private boolean forgotten;

    UnitStart(ProbeContext context, Patience patience, PagingTables tables) {
        this.name = context.unitName();
        this.context = context;
        this.unit = context.unit();
        this.window = new AmdviWindow(name, unit.registers(), patience);
        this.tables = tables;
    }

    /**
     * Starts the unit.
     *
     * @throws sluicegate.api.types.IommuException ENODEV if this is no unit that the driver can use: nothing was touched;
     *     ETIMEDOUT, EIO, EINVAL or ENOMEM if it does not start. Memory is given back then. A unit that was translating stays
     *     blocked, at the price of its device table, the fence; one that was not is as it was found, and so is one that was left to
     *     be taken over in place, but that its logs do not run
     */
    AmdviUnit run() {
        var function = UnitFunction.of(unit);
        var capabilities = AmdviCapabilities.read(window, unit.registers().size(), function);
        if (tables == PagingTables.GUEST) {
            capabilities.requireGuestTablesForAll(name);
        }
        wasOn = window.isOn(ControlRegister.IOMMUEN);
        try {
            table = new DeviceTable(unit.memory(), unit.arena(), capabilities.segmentBits());
            if (wasOn) {
                // Before the tables are replaced: once they are, nothing may be missing to make the unit forget the old ones.
                makeRings();
            }
            if (context.held() && wasOn) {
                translating = Optional.of(new LeftTables(unit, DeviceTableBases.read(window)));
                window.control(OWN_CONTROL & ~ANSWERS, control(capabilities));
            } else {
                left = replaceTable(capabilities);
            }
            if (!wasOn) {
                makeRings();
            }
            var invalidator = new Invalidator(commands, capabilities.invalidateAll());
            startEvents();
            commands.errors().readEventsWith(events::drain);
            invalidator.everything();
            forgotten = true;
            table.live(invalidator::deviceEntry);
            // Nobody probes these: they are on no bus, and their interrupts are all that they send.
            var settings = function.specialSettings();
            settings.forEach((id, setting) -> table.write(id, DeviceEntry.BLOCKED.withSetting(setting)));
            var started = new AtomicReference<AmdviUnit>();
            pageRequests = startPageRequests(capabilities, invalidator, started);
            interrupt = new UnitInterrupt(window, capabilities, function);
            var parts = new UnitParts(window, table, invalidator, events, pageRequests, interrupt);
            started.set(new AmdviUnit(unit, capabilities, tables, parts, settings,
                    translating.map(found -> new Takeover(window, table, invalidator, found))));
            interrupt.open(unit.interrupts(), parts::drainLogs);
            events.ring().enableInterrupts(true);
            pageRequests.ifPresent(log -> log.ring().enableInterrupts(true));
            // What came before the interrupt was connected.
            parts.drainLogs();
            left.ifPresent(found -> found.free(this::uses));
            return started.get();
        } catch (RuntimeException e) {
            undo(e);
            throw e;
        }
    }

    /**
     * Switches the unit on with the new table, in which everything blocks; returns the tables that it used before, if it was
     * translating. What it may have cached of them, the first command has it forget.
     */
    private Optional<LeftTables> replaceTable(AmdviCapabilities capabilities) {
        var before = wasOn ? Optional.of(new LeftTables(unit, DeviceTableBases.read(window))) : Optional.<LeftTables>empty();
        replaced = true;
        table.install(window);
        // A range that passes untranslated: no entry of this driver makes use of it.
        window.write64(ExclusionBaseRegister.OFFSET, 0);
        window.control(OWN_CONTROL, control(capabilities) | ControlRegister.IOMMUEN.mask());
        return before;
    }

    /** A unit that is off runs no commands, so one that was off comes first. */
    private void makeRings() {
        commands = new CommandBuffer(window, unit.memory(), unit.arena());
        runningEvents = running(EventLog.LAYOUT);
        var ring = runningEvents.orElseGet(() -> new LogRing(window, unit.memory(), unit.arena(), EventLog.LAYOUT));
        events = new EventLog(window, ring, context.faults(), commands.errors());
    }

    /** A log that goes on as it is, for a driver that takes over in place. */
    private Optional<LogRing> running(LogRing.Layout layout) {
        return context.held() && wasOn ? LogRing.running(window, unit.memory(), unit.arena(), layout) : Optional.empty();
    }

    private static long control(AmdviCapabilities capabilities) {
        int flags = capabilities.ivhdFlags();
        long value = ControlRegister.COHERENT.mask();
        value |= Ivhd.HT_TUNNEL_ENABLE.isSet(flags) ? ControlRegister.HTTUNEN.mask() : 0;
        value |= Ivhd.PASS_POSTED_WRITE.isSet(flags) ? ControlRegister.PASSPW.mask() : 0;
        value |= Ivhd.RESPONSE_PASS_POSTED_WRITE.isSet(flags) ? ControlRegister.RESPASSPW.mask() : 0;
        value |= Ivhd.ISOCHRONOUS.isSet(flags) ? ControlRegister.ISOC.mask() : 0;
        value |= capabilities.guestTables() ? ControlRegister.GTEN.mask() : 0;
        // Without host tables a guest's address is a physical one: only nested domains notice (iommu_enable_gt).
        value |= capabilities.guestTables() && capabilities.gcr3AtGuestAddress() ? ControlRegister.GCR3TRPMODE.mask() : 0;
        value |= capabilities.pageRequests() ? ControlRegister.PPREN.mask() : 0;
        value |= capabilities.has(ExtendedFeatureRegister.EPHSUP) ? ControlRegister.EPHEN.mask() : 0;
        return ControlRegister.INVTIMEOUT.set(value, InvalidationTimeout.S_1.code());
    }

    /** What the unit logged while there was no driver is reported first. */
    private void startEvents() {
        if (runningEvents.isPresent()) {
            events.takeLeft();
            return;
        }
        var left = left(EventLog.LAYOUT);
        left.ifPresent(events::takeLeft);
        events.ring().start();
        left.ifPresent(log -> log.free(this::uses));
    }

    /** A log that the unit went on writing without a driver. */
    private Optional<LeftLog> left(LogRing.Layout layout) {
        return wasOn ? LeftLog.of(unit, window, layout) : Optional.empty();
    }

    /** Whether a page of the arena is one of those that were taken until now. */
    private boolean uses(long page) {
        return table.uses(page) || commands.uses(page) || events.ring().uses(page)
                || pageRequests.filter(log -> log.ring().uses(page)).isPresent();
    }

    private Optional<PageRequestLog> startPageRequests(AmdviCapabilities capabilities, Invalidator invalidator,
            AtomicReference<AmdviUnit> started) {
        if (!capabilities.pageRequests()) {
            return Optional.empty();
        }
        var running = running(PageRequestLog.LAYOUT);
        var ring = running.orElseGet(() -> new LogRing(window, unit.memory(), unit.arena(), PageRequestLog.LAYOUT));
        var log = new PageRequestLog(ring, context.faults(), invalidator, deviceId -> started.get().pageRequestPasids(deviceId),
                deviceId -> started.get().answersWithPasid(deviceId), translating.isPresent());
        pageRequests = Optional.of(log);
        if (running.isPresent()) {
            PageRequestLog.answerTheRest(window, capabilities);
            return pageRequests;
        }
        var left = left(PageRequestLog.LAYOUT);
        var tables = this.left.or(() -> translating);
        left.ifPresent(each -> log.takeLeft(each, deviceId -> tables.isEmpty() || tables.get().answersWithPasid(deviceId)));
        PageRequestLog.answerTheRest(window, capabilities);
        log.ring().start();
        left.ifPresent(each -> each.free(this::uses));
        return pageRequests;
    }

    /** What hardware may still use, because it was on before or does not stop, stays taken. */
    private void undo(RuntimeException cause) {
        if (!wasOn) {
            attempt(cause, () -> window.control(ControlRegister.IOMMUEN.mask(), 0));
        }
        if (interrupt != null) {
            attempt(cause, interrupt::close);
        }
        pageRequests.ifPresent(log -> attempt(cause, log.ring()::stop));
        if (commands != null) {
            attempt(cause, commands::stop);
        }
        if (events != null) {
            attempt(cause, events.ring()::stop);
        }
        if (table != null && !(wasOn && replaced)) {
            attempt(cause, () -> table.free(unit.arena()));
        }
        if (forgotten) {
            // Nobody else will find them: the unit has the new table.
            attempt(cause, () -> left.ifPresent(found -> found.free(this::uses)));
        }
    }

    private static void attempt(RuntimeException cause, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
