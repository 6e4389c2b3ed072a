package sluicegate.sim.vtd;

import sluicegate.sim.register.RegisterFile;
import sluicegate.spec.Register;
import sluicegate.spec.vtd.ProtectedHighMemoryBaseRegister;
import sluicegate.spec.vtd.ProtectedHighMemoryLimitRegister;
import sluicegate.spec.vtd.ProtectedLowMemoryBaseRegister;
import sluicegate.spec.vtd.ProtectedLowMemoryLimitRegister;
import sluicegate.spec.vtd.ProtectedMemoryEnableRegister;

/**
 * The protected memory regions (VT-d 11.4.8, PMEN_REG and what belongs to it): two ranges of physical addresses that DMA may not
 * reach while translation is off. The unit's own accesses to tables and queues are not concerned, nor are interrupts. What is
 * blocked is not recorded as a fault.
 *
 * <p>While translation is on, what passes through or was translated by the device is blocked there as well, and what the unit
 * translates "may or may not" be: this unit blocks it like everything else. Regions are as fine as 2 MiB; their bases and limits
 * ignore writes while they are in force, which the manual forbids.
 *
 * <p>Writes come one at a time, in the order of the register file; reads are free.
 */
final class ProtectedMemory {
    private static final long FINEST = 1L << 21;

    private final Region low;
    private final Region high;
    private final Runnable changed;
    private volatile boolean enabled;

    /** @param changed to be run when protection goes on or off; returns when no earlier request is under way */
    ProtectedMemory(VtdCapabilities capabilities, Runnable changed) {
        this.low = new Region(capabilities.protectedLowMemory() ? 0xffff_ffffL & -FINEST : 0);
        this.high = new Region(capabilities.protectedHighMemory() ? ~capabilities.beyondHostAddress() & -FINEST : 0);
        this.changed = changed;
    }

    /** A base and a limit. Bits that they don't have read as 0; those of a limit count as 1. */
    private final class Region {
        private final long bits;
        private volatile long base;
        private volatile long limit;

        Region(long bits) {
            this.bits = bits;
        }

        boolean covers(long address) {
            return bits != 0 && Long.compareUnsigned(base, address) <= 0
                    && Long.compareUnsigned(address, limit | FINEST - 1) <= 0;
        }

        void addTo(RegisterFile file, Register baseRegister, Register limitRegister) {
            if (bits != 0) {
                file.add(baseRegister, () -> base, (value, mask) -> base = enabled ? base : (base & ~mask | value) & bits);
                file.add(limitRegister, () -> limit, (value, mask) -> limit = enabled ? limit : (limit & ~mask | value) & bits);
            }
        }
    }

    void addTo(RegisterFile file) {
        if ((low.bits | high.bits) != 0) {
            file.add(ProtectedMemoryEnableRegister.REGISTER, this::status, (value, mask) -> enable(value));
        }
        low.addTo(file, ProtectedLowMemoryBaseRegister.REGISTER, ProtectedLowMemoryLimitRegister.REGISTER);
        high.addTo(file, ProtectedHighMemoryBaseRegister.REGISTER, ProtectedHighMemoryLimitRegister.REGISTER);
    }

    /** Whether the regions are in force. */
    boolean enabled() {
        return enabled;
    }

    /** Whether a physical address is in one of them. */
    boolean covers(long address) {
        return low.covers(address) || high.covers(address);
    }

    private long status() {
        return enabled ? ProtectedMemoryEnableRegister.EPM.mask() | ProtectedMemoryEnableRegister.PRS.mask() : 0;
    }

    /** What EPM asks for is done, and PRS shows it, when the write returns. */
    private void enable(long value) {
        boolean on = ProtectedMemoryEnableRegister.EPM.isSet(value);
        if (on != enabled) {
            enabled = on;
            changed.run();
        }
    }
}
