package sluicegate.hw.smmuv3;

import java.util.Optional;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/**
 * Takes a unit into use ({@code arm_smmu_device_probe} and {@code arm_smmu_device_reset}): off, with requests aborting
 * meanwhile; attributes; stream table; command queue, and everything cached is invalidated; event queue; PRI queue; ATS
 * check; interrupts; translation.
 *
 * <p>A unit that translates with a stream table of an earlier driver of this kind is never switched off for that: its table is
 * made to abort entry by entry and goes on to be used. Only tables of others, which can't be replaced in flight, cost a moment
 * of translation off, in which requests abort.
 */
final class UnitStart {
    private static final long LASTING = Cr0Register.SMMUEN.mask() | Cr0Register.ATSCHK.mask() | Cr0Register.EVENTQEN.mask();

    private final String name;
    private final ProbeContext context;
    private final IommuUnit unit;
    private final Smmuv3Window window;
    private final GlobalErrors errors;
    private StreamTable streams;
    private CommandQueue queue;
    private Reports reports;
    private boolean adopted;

    UnitStart(ProbeContext context, Patience patience) {
        this.name = context.unitName();
        this.context = context;
        this.unit = context.unit();
        this.window = new Smmuv3Window(name, unit.registers(), patience);
        this.errors = new GlobalErrors(window);
    }

    /**
     * Starts the unit.
     *
     * @throws sluicegate.api.types.IommuException ENODEV if this is no unit that the driver can use: nothing was touched;
     *     ETIMEDOUT, EINVAL or ENOMEM if it does not start. Memory is given back then, and requests abort. A unit that was
     *     translating keeps its stream table for that, the fence
     */
    Smmuv3Unit run() {
        var capabilities = Smmuv3Capabilities.read(name, unit.registers());
        try {
            window.abortWhileOff();
            var left = switchOff(capabilities);
            acknowledgeErrors();
            queue = new CommandQueue(capabilities, window, unit.memory(), unit.arena(), errors::check);
            errors.onCommandError(queue::recover);
            var invalidator = new Invalidator(capabilities, queue);
            invalidator.everything(capabilities.hypervisor());
            reports = new Reports(capabilities, window, unit.memory(), unit.arena(), context.faults(), errors);
            reports.openEvents();
            reports.openPageRequests();
            if (capabilities.ats()) {
                window.switchOn(Cr0Register.ATSCHK);
            }
            reports.connect(unit.interrupts());
            window.switchOn(Cr0Register.SMMUEN);
            left.ifPresent(tables -> tables.free(page -> page == streams.base() || queue.uses(page) || reports.uses(page)));
            return new Smmuv3Unit(unit, capabilities, window, streams, invalidator, reports);
        } catch (RuntimeException e) {
            undo(e);
            throw e;
        }
    }

    /** Switches off what is on, and gives the unit a stream table. Returns what an earlier driver left. */
    private Optional<LeftTables> switchOff(Smmuv3Capabilities capabilities) {
        window.interrupts(0);
        boolean on = window.isOn(Cr0Register.SMMUEN);
        // Firmware may have left it on, too, but nothing in the arena.
        var left = on && unit.arena().allocatedBytes() != 0
                ? Optional.of(new LeftTables(unit, window)) : Optional.<LeftTables>empty();
        adopted = left.isPresent() && StreamTable.fits(capabilities, unit.memory(), left.get().base(),
                Integer.toUnsignedLong(window.read32(StrtabBaseCfgRegister.OFFSET)));
        window.switchOffAllBut(adopted ? LASTING : 0);
        if (adopted) {
            streams = StreamTable.adopt(name, capabilities, unit.memory(), unit.arena(), left.get().base());
            if (window.isOn(Cr0Register.EVENTQEN)) {
                Reports.takeLeft(window, unit.memory(), context.faults());
                window.switchOff(Cr0Register.EVENTQEN);
            }
        } else {
            attributes();
            streams = StreamTable.create(name, capabilities, unit.memory(), unit.arena());
            window.write64(StrtabBaseRegister.OFFSET, streams.baseRegister());
            window.write32(StrtabBaseCfgRegister.OFFSET, (int) StreamTable.format(capabilities));
        }
        return left;
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
                reports.silence();
                reports.stop(false);
            }
            if (queue != null) {
                queue.stop();
            }
            if (streams != null && !adopted) {
                window.switchOffAllBut(0);
                streams.freeBase();
            }
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
    }
}
