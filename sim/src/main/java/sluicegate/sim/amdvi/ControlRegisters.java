package sluicegate.sim.amdvi;

import sluicegate.sim.register.RegisterFile.Writer;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.ExclusionBaseRegister;
import sluicegate.spec.amdvi.ExclusionLimitRegister;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.VirtualInterruptEntry;

/**
 * The control register and the exclusion range: what is switched on. Bits of features that the unit lacks stay zero.
 *
 * <p>Writes come one at a time; reads are free.
 */
final class ControlRegisters {
    private static final long PAGE_OFFSET = 0xfff;
    private static final long BASE_BITS = ~ExclusionBaseRegister.LAYOUT.reservedMask(0);
    private static final long LIMIT_BITS = ~ExclusionLimitRegister.LAYOUT.reservedMask(0);

    private final Parts parts;
    private final long implemented;
    private volatile long control;
    private volatile long exclusionBase;
    private volatile long exclusionLimit;

    /** What is switched. */
    record Parts(TranslationEngine engine, DeviceTable table, DeviceEntryCache entries, GuestWalker guest,
            InterruptRemapper remapper, Commands commands, CommandBuffer buffer, EventLog events,
            PageRequestLog pageRequests, GuestLog guests, Messages messages) {}

    ControlRegisters(AmdviCapabilities capabilities, Parts parts) {
        this.parts = parts;
        this.implemented = implemented(capabilities);
    }

    private static long implemented(AmdviCapabilities capabilities) {
        long bits = ControlRegister.IOMMUEN.mask() | ControlRegister.HTTUNEN.mask() | ControlRegister.EVENTLOGEN.mask()
                | ControlRegister.EVENTINTEN.mask() | ControlRegister.COMWAITINTEN.mask() | ControlRegister.INVTIMEOUT.mask()
                | ControlRegister.PASSPW.mask() | ControlRegister.RESPASSPW.mask() | ControlRegister.COHERENT.mask()
                | ControlRegister.ISOC.mask() | ControlRegister.CMDBUFEN.mask();
        bits |= when(capabilities, ExtendedFeatureRegister.PPRSUP, ControlRegister.PPRLOGEN, ControlRegister.PPRINTEN,
                ControlRegister.PPREN);
        bits |= when(capabilities, ExtendedFeatureRegister.GTSUP, ControlRegister.GTEN);
        bits |= when(capabilities, ExtendedFeatureRegister.GASUP, ControlRegister.GAEN);
        if (capabilities.virtualInterrupts()) {
            bits |= ControlRegister.GALOGEN.mask() | ControlRegister.GAINTEN.mask()
                    | ControlRegister.GAMEN.set(0, VirtualInterruptEntry.MODE_VIRTUAL_APIC);
        }
        if (capabilities.manyInterrupts()) {
            bits |= ControlRegister.NUMINTREMAPMODE.set(0, ControlRegister.NUMINTREMAPMODE_2K);
        }
        bits |= when(capabilities, ExtendedFeatureRegister.XTSUP, ControlRegister.XTEN, ControlRegister.INTCAPXTEN);
        bits |= when(capabilities, ExtendedFeatureRegister.PPRAUTORSPSUP, ControlRegister.PPRAUTORSPEN,
                ControlRegister.PPRAUTORSPAON);
        bits |= when(capabilities, ExtendedFeatureRegister.BLKSTOPMRKSUP, ControlRegister.BLKSTOPMRKEN);
        bits |= when(capabilities, ExtendedFeatureRegister.EPHSUP, ControlRegister.EPHEN);
        bits |= when(capabilities, ExtendedFeatureRegister.HASUP, ControlRegister.HADUPDATE);
        bits |= when(capabilities, ExtendedFeatureRegister.DEVTBLSEGSUP, ControlRegister.DEVTBLSEGEN);
        return bits | (ExtendedFeature2Register.GCR3TRPMODESUP.isSet(capabilities.features2())
                ? ControlRegister.GCR3TRPMODE.mask() : 0);
    }

    private static long when(AmdviCapabilities capabilities, Field feature, Field... controls) {
        long bits = 0;
        for (var control : controls) {
            bits |= capabilities.has(feature) ? control.mask() : 0;
        }
        return bits;
    }

    long control() {
        return control;
    }

    long exclusionBase() {
        return exclusionBase;
    }

    long exclusionLimit() {
        return exclusionLimit;
    }

    Writer controlWriter() {
        return (value, mask) -> {
            long old = control;
            control = (old & ~mask | value) & implemented;
            apply(old ^ control);
        };
    }

    Writer exclusionBaseWriter() {
        return (value, mask) -> {
            exclusionBase = (exclusionBase & ~mask | value) & BASE_BITS;
            parts.engine.configure(mode());
        };
    }

    Writer exclusionLimitWriter() {
        return (value, mask) -> {
            exclusionLimit = (exclusionLimit & ~mask | value) & LIMIT_BITS;
            parts.engine.configure(mode());
        };
    }

    private void apply(long changed) {
        long now = control;
        parts.messages.useXt(ControlRegister.INTCAPXTEN.isSet(now));
        parts.table.configure((int) ControlRegister.DEVTBLSEGEN.get(now), ControlRegister.GTEN.isSet(now));
        parts.guest.configure(ControlRegister.GCR3TRPMODE.isSet(now));
        boolean extended = ControlRegister.GAEN.isSet(now);
        parts.remapper.configure(new InterruptRemapper.Form(extended, extended && ControlRegister.XTEN.isSet(now),
                extended && ControlRegister.GAMEN.get(now) == VirtualInterruptEntry.MODE_VIRTUAL_APIC,
                ControlRegister.NUMINTREMAPMODE.get(now) == ControlRegister.NUMINTREMAPMODE_2K));
        if ((changed & (ControlRegister.GTEN.mask() | ControlRegister.DEVTBLSEGEN.mask())) != 0) {
            // What the entries mean has changed.
            parts.entries.invalidateAll();
        }
        parts.engine.configure(mode());
        // A unit that is off reads no commands and writes no logs.
        boolean on = ControlRegister.IOMMUEN.isSet(now);
        parts.events.enable(on && ControlRegister.EVENTLOGEN.isSet(now), ControlRegister.EVENTINTEN.isSet(now));
        parts.pageRequests.configure(now);
        parts.guests.configure(now);
        parts.commands.configure(now);
        // Last, because commands that wait in memory are carried out at once.
        parts.buffer.enable(on && ControlRegister.CMDBUFEN.isSet(now));
    }

    private Mode mode() {
        boolean on = ControlRegister.IOMMUEN.isSet(control);
        long first = ExclusionBaseRegister.BASE.inPlace(exclusionBase);
        long last = ExclusionLimitRegister.LIMIT.inPlace(exclusionLimit) | PAGE_OFFSET;
        boolean excludes = ExclusionBaseRegister.EXEN.isSet(exclusionBase) && first <= last;
        return new Mode(on, first, excludes ? last - first + 1 : 0, ExclusionBaseRegister.ALLOW.isSet(exclusionBase));
    }
}
