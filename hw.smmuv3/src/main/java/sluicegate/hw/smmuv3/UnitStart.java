package sluicegate.hw.smmuv3;

import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Hex;
import sluicegate.hw.common.Patience;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/**
 * Takes a unit into use ({@code arm_smmu_device_probe} and {@code arm_smmu_device_reset}): off, with requests aborting
 * meanwhile; attributes; stream table; command queues, and everything cached is invalidated; event queue; PRI queue; ATS
 * check; interrupts; translation.
 *
 * <p>A unit that translates with a stream table of an earlier driver of this kind is never switched off for that: its table
 * goes on to be used. It goes on translating if that is asked for ({@link Takeover}); otherwise it is made to abort entry by entry. Only
 * tables of others, which can't be replaced in flight, cost a moment of translation off, in which requests abort.
 */
final class UnitStart {
    private static final Logger LOG = LoggerFactory.getLogger(UnitStart.class);
    private static final long LASTING = Cr0Register.SMMUEN.mask() | Cr0Register.ATSCHK.mask() | Cr0Register.EVENTQEN.mask()
            | Cr0Register.PRIQEN.mask();
    private static final long QUEUES = Cr0Register.EVENTQEN.mask() | Cr0Register.PRIQEN.mask();

    private final String name;
    private final ProbeContext context;
    private final IommuUnit unit;
    private final Smmuv3Window window;
    private final GlobalErrors errors;
    private final boolean stage2Only;
    private StreamTable streams;
    private CommandQueues queues;
    private Reports reports;
    /** What an earlier driver left, if it left translation on. */
    private Optional<LeftTables> left = Optional.empty();
    /** What is in its queues, if that is not left to be served. */
    private Optional<LeftReports> leftReports = Optional.empty();
    /** Whether its stream table is gone on with. */
    private boolean adopted;
    /** Whether that is left translating, too. */
    private boolean takesOver;

    UnitStart(ProbeContext context, Patience patience, boolean stage2Only) {
        this.name = context.unitName();
        this.context = context;
        this.stage2Only = stage2Only;
        this.unit = context.unit();
        this.window = new Smmuv3Window(name, unit.registers(), patience);
        this.errors = new GlobalErrors(window);
    }

    /**
     * Starts the unit.
     *
     * @throws sluicegate.api.types.IommuException ENODEV if this is no unit that the driver can use: nothing was touched;
     *     ETIMEDOUT, EINVAL or ENOMEM if it does not start. Memory is given back then, and requests abort. A unit that was
     *     left blocked keeps its stream table for that, the fence
     */
    Smmuv3Unit run() {
        var all = Smmuv3Capabilities.read(name, unit.registers());
        var capabilities = stage2Only ? all.stage2Only(name) : all;
        try {
            window.abortWhileOff();
            switchOff(capabilities);
            acknowledgeErrors();
            queues = CommandQueues.start(capabilities, window, new CommandQueue.Surroundings(window, unit.memory(), unit.arena(),
                    capabilities.msi() && capabilities.coherent(), errors::check));
            errors.onCommandError(queues::recoverMain, queues::recoverEnhanced);
            var invalidator = new Invalidator(capabilities, queues);
            invalidator.everything(capabilities.hypervisor());
            reports = new Reports(capabilities, window, unit.memory(), unit.arena(), context.faults(), errors, queues, takesOver);
            reports.openEvents();
            reports.openPageRequests();
            if (capabilities.ats()) {
                window.switchOn(Cr0Register.ATSCHK);
            }
            if (takesOver) {
                return new Smmuv3Unit(unit, capabilities, window, streams, invalidator, reports,
                        left.map(found -> new Takeover(found, unit.interrupts())));
            }
            reports.connect(unit.interrupts());
            window.switchOn(Cr0Register.SMMUEN);
            // A unit that is off does not answer devices.
            leftReports.ifPresent(found -> found.refuse(queues.mine()));
            if (adopted) {
                left.get().free(page -> page == streams.base() || queues.uses(page) || reports.uses(page));
            }
            return new Smmuv3Unit(unit, capabilities, window, streams, invalidator, reports, Optional.empty());
        } catch (RuntimeException e) {
            undo(e);
            throw e;
        }
    }

    /** Switches off what has to be, and gives the unit a stream table: that of an earlier driver, or a new one. */
    private void switchOff(Smmuv3Capabilities capabilities) {
        window.interrupts(0);
        // Firmware may have left it on, too, but nothing in the arena.
        boolean found = window.isOn(Cr0Register.SMMUEN) && unit.arena().allocatedBytes() != 0;
        left = found ? Optional.of(new LeftTables(unit, window)) : Optional.empty();
        adopted = left.filter(tables -> fits(capabilities, tables)).isPresent();
        takesOver = adopted && context.held();
        window.switchOffAllBut(adopted ? LASTING : found ? QUEUES : 0);
        CommandQueues.switchOffEnhanced(capabilities, window);
        if (adopted) {
            streams = StreamTable.adopt(name, unit.memory(), unit.arena(), left.get().form().orElseThrow(), left.get().base());
            if (!takesOver) {
                streams.detachAll();
            }
        }
        if (found && !takesOver) {
            takeLeftReports();
        }
        if (!adopted) {
            // While translation is off no structure in memory can be reached (section 3.21.3); what is cached goes before it is on.
            left.ifPresent(tables -> tables.free(page -> false));
            attributes();
            streams = StreamTable.create(name, capabilities, unit.memory(), unit.arena());
            window.write64(StrtabBaseRegister.OFFSET, streams.baseRegister());
            window.write32(StrtabBaseCfgRegister.OFFSET, (int) streams.form().register());
        }
    }

    private boolean fits(Smmuv3Capabilities capabilities, LeftTables tables) {
        boolean fits = tables.form().filter(form -> StreamTable.fits(capabilities, unit.memory(), form, tables.base())).isPresent();
        if (!fits && context.held()) {
            LOG.warn("{}: requests are refused until their devices are attached again: the stream table that was left ({} at {}) has no "
                    + "place for all {} bits of stream id, and another can't be put in its place while translation is on", name,
                    tables.form().map(StreamTableForm::toString).orElse("of an unknown form"), Hex.of(tables.base()),
                    StreamTableForm.of(capabilities).bits());
        }
        return fits;
    }

    /** Whoever caused them is blocked now. */
    private void takeLeftReports() {
        var reports = new LeftReports(window, unit.memory(), context.faults(), left.get()::answersWithPasid);
        reports.take();
        leftReports = Optional.of(reports);
    }

    /** Tables and queues are in memory that processors cache; no part in broadcast TLB maintenance; bad stream ids are recorded. */
    private void attributes() {
        long cr1 = Cr1Register.TABLE_SH.set(0, StreamEntries.INNER_SHAREABLE);
        cr1 = Cr1Register.TABLE_OC.set(cr1, StreamEntries.WRITE_BACK);
        cr1 = Cr1Register.TABLE_IC.set(cr1, StreamEntries.WRITE_BACK);
        cr1 = Cr1Register.QUEUE_SH.set(cr1, StreamEntries.INNER_SHAREABLE);
        cr1 = Cr1Register.QUEUE_OC.set(cr1, StreamEntries.WRITE_BACK);
        cr1 = Cr1Register.QUEUE_IC.set(cr1, StreamEntries.WRITE_BACK);
        window.write32(Cr1Register.OFFSET, (int) cr1);
        window.write32(Cr2Register.OFFSET, (int) (Cr2Register.PTM.mask() | Cr2Register.RECINVSID.mask()));
    }

    /** An error that was left behind would keep the command queue from starting. */
    private void acknowledgeErrors() {
        window.write32(GerrorNRegister.OFFSET, window.read32(GerrorRegister.OFFSET));
    }

    private void undo(RuntimeException cause) {
        try {
            if (reports != null) {
                reports.silence(false);
                reports.stop();
            }
            if (queues != null) {
                queues.stop();
            }
            if (streams != null && !adopted) {
                window.switchOffAllBut(0);
                streams.freeBase();
            } else if (streams != null && !left.orElseThrow().isFence()) {
                abandonLeft();
            }
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }

    /** Blocks what was left translating. Without SMMU_GBPA that is done in memory alone, and nothing can be given back. */
    private void abandonLeft() {
        streams.detachAll();
        if (window.abortsWhileOff()) {
            window.switchOffAllBut(0);
            left.orElseThrow().free(page -> false);
        }
    }
}
