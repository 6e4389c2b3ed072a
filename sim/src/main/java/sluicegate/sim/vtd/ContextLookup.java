package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * From a source id to its context entry by way of the root table, in memory (VT-d 3.4.1 to 3.4.3, fault conditions of 7.1).
 * Stateless; allocates nothing.
 */
final class ContextLookup {
    private static final long ROOT_RESERVED_LOW = RootEntry.LAYOUT.reservedMask(0);
    private static final long ROOT_RESERVED_HIGH = RootEntry.LAYOUT.reservedMask(1);
    private static final long CONTEXT_RESERVED_LOW = ContextEntry.LAYOUT.reservedMask(0);
    private static final long CONTEXT_RESERVED_HIGH = ContextEntry.LAYOUT.reservedMask(1);

    private final PhysicalMemory memory;
    private final VtdCapabilities capabilities;
    private final long beyondHostAddress;
    private final int domains;

    ContextLookup(PhysicalMemory memory, VtdCapabilities capabilities) {
        this.memory = memory;
        this.capabilities = capabilities;
        this.beyondHostAddress = capabilities.beyondHostAddress();
        this.domains = CapabilityRegister.domainCount(capabilities.cap());
    }

    /**
     * Reads the root entry of the bus, then the context entry of the function.
     *
     * @param rootTable physical address of the root table
     * @return a {@link ContextWord}, which may be a fault
     */
    long read(long rootTable, int sourceId) {
        long root = rootTable + (long) (sourceId >>> 8 & 0xff) * RootEntry.BYTES;
        if (!memory.contains(root, RootEntry.BYTES)) {
            return ContextWord.fault(FaultReason.ROOT_ENTRY_UNREADABLE, false);
        }
        long low = memory.get64Acquire(root);
        if (!RootEntry.P.isSet(low)) {
            return ContextWord.fault(FaultReason.ROOT_ENTRY_NOT_PRESENT, false);
        }
        if ((low & (ROOT_RESERVED_LOW | beyondHostAddress)) != 0
                || (memory.get64Acquire(root + 8) & ROOT_RESERVED_HIGH) != 0) {
            return ContextWord.fault(FaultReason.ROOT_ENTRY_RESERVED, false);
        }
        return readContext(RootEntry.CTP.inPlace(low) + (long) (sourceId & 0xff) * ContextEntry.BYTES);
    }

    private long readContext(long entry) {
        if (!memory.contains(entry, ContextEntry.BYTES)) {
            return ContextWord.fault(FaultReason.CONTEXT_ENTRY_UNREADABLE, false);
        }
        long low = memory.get64Acquire(entry);
        // A driver sets P last, so the upper half is read after it.
        long high = memory.get64Acquire(entry + 8);
        boolean fpd = ContextEntry.FPD.isSet(low);
        if (!ContextEntry.P.isSet(low)) {
            return ContextWord.fault(FaultReason.CONTEXT_ENTRY_NOT_PRESENT, fpd);
        }
        if ((low & (CONTEXT_RESERVED_LOW | beyondHostAddress)) != 0 || (high & CONTEXT_RESERVED_HIGH) != 0) {
            return ContextWord.fault(FaultReason.CONTEXT_ENTRY_RESERVED, fpd);
        }
        int aw = (int) ContextEntry.AW.get(high);
        int kind = (int) ContextEntry.TT.get(low);
        int did = (int) ContextEntry.DID.get(high);
        if (!widthPossible(aw) || !kindPossible(kind) || did >= domains) {
            return ContextWord.fault(FaultReason.CONTEXT_ENTRY_INVALID, fpd);
        }
        return ContextWord.of(kind, ContextEntry.SSPTPTR.inPlace(low), did, aw + 2, fpd);
    }

    private boolean widthPossible(int aw) {
        return aw >= AddressWidth.BITS_39.code() && aw <= AddressWidth.BITS_57.code()
                && (CapabilityRegister.SAGAW.get(capabilities.cap()) >>> aw & 1) != 0;
    }

    private boolean kindPossible(int kind) {
        return kind == TranslationType.UNTRANSLATED.code()
                || kind == TranslationType.DEVICE_TLB.code() && capabilities.deviceTlb()
                || kind == TranslationType.PASS_THROUGH.code() && capabilities.passThrough();
    }
}
