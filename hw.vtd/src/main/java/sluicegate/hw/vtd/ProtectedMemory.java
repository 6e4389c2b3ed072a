package sluicegate.hw.vtd;

import sluicegate.spec.vtd.ProtectedHighMemoryBaseRegister;
import sluicegate.spec.vtd.ProtectedHighMemoryLimitRegister;
import sluicegate.spec.vtd.ProtectedLowMemoryBaseRegister;
import sluicegate.spec.vtd.ProtectedLowMemoryLimitRegister;
import sluicegate.spec.vtd.ProtectedMemoryEnableRegister;

/**
 * The protected memory regions of a unit (section 11.4.8): what is in them no DMA reaches while translation is off. The unit
 * itself goes on reading its tables and its queue.
 */
final class ProtectedMemory {
    private static final long FOUR_GIB = 1L << 32;

    private final VtdWindow window;

    ProtectedMemory(VtdWindow window) {
        this.window = window;
    }

    /** Protects all of memory, by a unit that has both regions. Without translation, nothing is reached from here on. */
    void protectAll() {
        lift(); // neither base nor limit may change while it is in force
        window.write32(ProtectedLowMemoryBaseRegister.OFFSET, 0);
        window.write32(ProtectedLowMemoryLimitRegister.OFFSET, (int) (FOUR_GIB - 1));
        window.write64(ProtectedHighMemoryBaseRegister.OFFSET, FOUR_GIB);
        window.write64(ProtectedHighMemoryLimitRegister.OFFSET, -1L);
        enable(true);
    }

    /** Lifts the protection, whoever has left it on: translation protects from now on. */
    void lift() {
        if (ProtectedMemoryEnableRegister.EPM.isSet(window.read32(ProtectedMemoryEnableRegister.OFFSET))) {
            enable(false);
        }
    }

    private void enable(boolean on) {
        window.write32(ProtectedMemoryEnableRegister.OFFSET, on ? (int) ProtectedMemoryEnableRegister.EPM.mask() : 0);
        long begun = window.patience().begin();
        while (ProtectedMemoryEnableRegister.PRS.isSet(window.read32(ProtectedMemoryEnableRegister.OFFSET)) != on) {
            window.patience().pause(begun, window.unit(), "PMEN_REG.PRS " + (on ? "is not set" : "stays set"));
        }
    }
}
