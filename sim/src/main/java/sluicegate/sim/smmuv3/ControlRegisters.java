package sluicegate.sim.smmuv3;

import sluicegate.sim.cache.InFlight;
import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.IrqCtrlRegister;

/**
 * The registers that switch the unit and its parts on and off, with their acknowledgement (6.3.9 to 6.3.18). A change is
 * complete before the write of it is, so that an acknowledgement always shows what was written.
 *
 * <p>What may only be written while something is off is ignored while it is on. Writes come one at a time; reads are free.
 */
final class ControlRegisters {
    private static final long SMMUEN = Cr0Register.SMMUEN.mask();
    private static final long QUEUES = Cr0Register.CMDQEN.mask() | Cr0Register.EVENTQEN.mask() | Cr0Register.PRIQEN.mask();
    private static final long TABLE_ATTRIBUTES = Cr1Register.TABLE_SH.mask() | Cr1Register.TABLE_OC.mask()
            | Cr1Register.TABLE_IC.mask();
    private static final long QUEUE_ATTRIBUTES = Cr1Register.QUEUE_SH.mask() | Cr1Register.QUEUE_OC.mask()
            | Cr1Register.QUEUE_IC.mask();

    private static final int GBPA_SHCFG_INCOMING = 1;

    private final Parts parts;
    private final long known0;
    private final long known2;
    private final long knownInterrupts;
    private volatile long cr0;
    private volatile long cr1;
    private volatile long cr2;
    /** Attributes as they come; out of reset requests pass. */
    private volatile long gbpa = GbpaRegister.SHCFG.set(0, GBPA_SHCFG_INCOMING);
    private volatile long interrupts;

    /** What is switched. */
    record Parts(TranslationEngine engine, StreamTable streams, CommandQueue commandQueue,
            EnhancedCommandQueues enhancedQueues, Commands commands, EventQueue events, PageRequestQueue pageRequests,
            GlobalErrors errors, Stalls stalls, InFlight inFlight) {}

    ControlRegisters(Smmuv3Capabilities capabilities, Parts parts) {
        this.parts = parts;
        this.known0 = SMMUEN | Cr0Register.CMDQEN.mask() | Cr0Register.EVENTQEN.mask()
                | (capabilities.pri() ? Cr0Register.PRIQEN.mask() : 0)
                | (capabilities.ats() ? Cr0Register.ATSCHK.mask() : 0);
        this.known2 = Cr2Register.RECINVSID.mask() | Cr2Register.PTM.mask()
                | (capabilities.hypervisor() ? Cr2Register.E2H.mask() : 0);
        this.knownInterrupts = IrqCtrlRegister.EVENTQ_IRQEN.mask() | IrqCtrlRegister.GERROR_IRQEN.mask()
                | (capabilities.pri() ? IrqCtrlRegister.PRIQ_IRQEN.mask() : 0);
    }

    /** SMMU_CR0, and SMMU_CR0ACK: they never differ. */
    long control0() {
        return cr0;
    }

    Writer control0Writer() {
        return (value, mask) -> {
            long next = value & known0;
            long changed = next ^ cr0;
            boolean off = (changed & ~next & SMMUEN) != 0;
            cr0 = next;
            parts.commands().setTranslating((next & SMMUEN) != 0);
            parts.engine().setControl(next);
            if ((changed & Cr0Register.EVENTQEN.mask()) != 0) {
                parts.events().enable(Cr0Register.EVENTQEN.isSet(next));
            }
            if ((changed & Cr0Register.PRIQEN.mask()) != 0) {
                parts.pageRequests().enable(Cr0Register.PRIQEN.isSet(next));
            }
            if (off) {
                parts.stalls().abortAll();
            }
            if ((changed & SMMUEN) != 0) {
                // From now on requests meet the new state, and those that met the old one have ended.
                parts.inFlight().drain();
            }
            if ((changed & Cr0Register.CMDQEN.mask()) != 0) {
                parts.commandQueue().enable(Cr0Register.CMDQEN.isSet(next));
            }
        };
    }

    long control1() {
        return cr1;
    }

    Writer control1Writer() {
        return (value, mask) -> {
            boolean queuesOff = (cr0 & QUEUES) == 0 && !parts.enhancedQueues().isAnyOn();
            long writable = ((cr0 & SMMUEN) == 0 ? TABLE_ATTRIBUTES : 0) | (queuesOff ? QUEUE_ATTRIBUTES : 0);
            cr1 = cr1 & ~writable | value & writable;
        };
    }

    long control2() {
        return cr2;
    }

    Writer control2Writer() {
        return (value, mask) -> {
            if ((cr0 & SMMUEN) == 0) {
                cr2 = value & known2;
                parts.engine().setControl2(cr2);
                parts.commands().setE2h(Cr2Register.E2H.isSet(cr2));
            }
        };
    }

    long globalBypass() {
        return gbpa;
    }

    Writer globalBypassWriter() {
        return (value, mask) -> {
            // Without UPDATE a write has no effect (6.3.14.1).
            if (GbpaRegister.UPDATE.isSet(value)) {
                gbpa = GbpaRegister.UPDATE.clear(value) & ~GbpaRegister.LAYOUT.reservedMask(0);
                parts.engine().setBypass(gbpa);
                parts.inFlight().drain();
            }
        };
    }

    /** SMMU_IRQ_CTRL, and SMMU_IRQ_CTRLACK. */
    long interrupts() {
        return interrupts;
    }

    Writer interruptsWriter() {
        return (value, mask) -> {
            interrupts = value & knownInterrupts;
            parts.events().interrupt().enable(IrqCtrlRegister.EVENTQ_IRQEN.isSet(interrupts));
            parts.pageRequests().interrupt().enable(IrqCtrlRegister.PRIQ_IRQEN.isSet(interrupts));
            parts.errors().interrupt().enable(IrqCtrlRegister.GERROR_IRQEN.isSet(interrupts));
        };
    }

    long streamTable() {
        return parts.streams().base();
    }

    Writer streamTableWriter() {
        return (value, mask) -> {
            if ((cr0 & SMMUEN) == 0) {
                parts.streams().setBase(parts.streams().base() & ~mask | value);
            }
        };
    }

    long streamTableFormat() {
        return parts.streams().config();
    }

    Writer streamTableFormatWriter() {
        return (value, mask) -> {
            if ((cr0 & SMMUEN) == 0) {
                parts.streams().setConfig(value);
            }
        };
    }
}
