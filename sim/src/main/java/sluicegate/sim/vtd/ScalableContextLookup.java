package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;

/**
 * From a source id to its scalable-mode context entry by way of the root table, in memory (VT-d 3.4.1 to 3.4.3, fault
 * conditions SRT and SCT of 7.1). Stateless.
 */
final class ScalableContextLookup {
    private static final int UPPER_HALF = 0x80;

    private final PhysicalMemory memory;
    private final long[] rootReserved;
    private final long lowReserved;
    private final long highReserved;

    ScalableContextLookup(PhysicalMemory memory, VtdCapabilities capabilities) {
        this.memory = memory;
        long beyond = capabilities.beyondHostAddress();
        rootReserved = new long[] {ScalableRootEntry.LAYOUT.reservedMask(0) | beyond,
            ScalableRootEntry.LAYOUT.reservedMask(1) | beyond};
        lowReserved = ScalableContextEntry.LAYOUT.reservedMask(0) | beyond
                | without(capabilities, ExtendedCapabilityRegister.DT, ScalableContextEntry.DTE)
                | without(capabilities, ExtendedCapabilityRegister.PASID, ScalableContextEntry.PASIDE)
                | without(capabilities, ExtendedCapabilityRegister.PRS, ScalableContextEntry.PRE);
        highReserved = ScalableContextEntry.LAYOUT.reservedMask(1)
                | without(capabilities, ExtendedCapabilityRegister.RPS, ScalableContextEntry.RID_PASID)
                | without(capabilities, ExtendedCapabilityRegister.RPRIVS, ScalableContextEntry.RID_PRIV);
    }

    private static long without(VtdCapabilities capabilities, Field capability, Field field) {
        return capability.isSet(capabilities.ecap()) ? 0 : field.mask();
    }

    /**
     * Reads the half of the bus's root entry that serves the device, then the context entry of the function.
     *
     * @param rootTable physical address of the root table
     */
    ScalableContext read(long rootTable, int sourceId) {
        int half = (sourceId & UPPER_HALF) == 0 ? 0 : 1;
        long root = rootTable + (long) (sourceId >>> 8 & 0xff) * ScalableRootEntry.BYTES + 8L * half;
        if (!memory.contains(root, 8)) {
            return ScalableContext.fault(FaultReason.SM_ROOT_ENTRY_UNREADABLE, false);
        }
        long entry = memory.get64Acquire(root);
        // Both halves have one form: LP and UP, LCTP and UCTP stand at the same places of their words.
        if (!ScalableRootEntry.LP.isSet(entry)) {
            return ScalableContext.fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT, false);
        }
        if ((entry & rootReserved[half]) != 0) {
            return ScalableContext.fault(FaultReason.SM_ROOT_ENTRY_RESERVED, false);
        }
        long table = ScalableRootEntry.LCTP.inPlace(entry);
        return readContext(table + (long) (sourceId & UPPER_HALF - 1) * ScalableContextEntry.BYTES);
    }

    private ScalableContext readContext(long entry) {
        if (!memory.contains(entry, ScalableContextEntry.BYTES)) {
            return ScalableContext.fault(FaultReason.SM_CONTEXT_ENTRY_UNREADABLE, false);
        }
        long low = memory.get64Acquire(entry);
        boolean faultsDisabled = ScalableContextEntry.FPD.isSet(low);
        if (!ScalableContextEntry.P.isSet(low)) {
            return ScalableContext.fault(FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT, faultsDisabled);
        }
        // A driver sets P last, so the rest is read after it.
        long high = memory.get64Acquire(entry + 8);
        if ((low & lowReserved) != 0 || (high & highReserved) != 0
                || (memory.get64Acquire(entry + 16) | memory.get64Acquire(entry + 24)) != 0) {
            return ScalableContext.fault(FaultReason.SM_CONTEXT_ENTRY_RESERVED, faultsDisabled);
        }
        return ScalableContext.of(low, high);
    }
}
