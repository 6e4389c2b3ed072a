package sluicegate.hw.amdvi;

import sluicegate.api.types.Pasid;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CommandRecord;
import sluicegate.spec.amdvi.CompletePprCommand;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.InvalidateDevTabEntryCommand;
import sluicegate.spec.amdvi.InvalidateInterruptTableCommand;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;

/**
 * The words of commands (section 2.4; {@code build_inv_iommu_pages} and its neighbours). A method whose name ends in High
 * gives the upper word of the command of that name, others the lower; where there is no such method the upper word is zero.
 * Nothing is allocated.
 */
final class Commands {
    private static final int PAGE_SHIFT = 12;
    /** Ranges that differ above this bit are invalidated with everything: the bits up there are copies of bit 51. */
    private static final int MAX_SIZE_BIT = 51;

    private Commands() {}

    private static long of(int code) {
        return CommandRecord.OPCODE.set(0, code);
    }

    /** A COMPLETION_WAIT that stores its upper word at {@code address}. */
    static long waitAndStore(long address) {
        return of(CommandCode.COMPLETION_WAIT) | CompletionWaitCommand.S.mask() | CompletionWaitCommand.STORE.setInPlace(0, address);
    }

    /** A COMPLETION_WAIT that tells nobody: commands after it wait for those before it. */
    static long barrier() {
        return of(CommandCode.COMPLETION_WAIT) | CompletionWaitCommand.F.mask();
    }

    static long deviceEntry(int deviceId) {
        return InvalidateDevTabEntryCommand.DEVICEID.set(of(CommandCode.INVALIDATE_DEVTAB_ENTRY), deviceId);
    }

    static long interruptTable(int deviceId) {
        return InvalidateInterruptTableCommand.DEVICEID.set(of(CommandCode.INVALIDATE_INTERRUPT_TABLE), deviceId);
    }

    static long everything() {
        return of(CommandCode.INVALIDATE_IOMMU_ALL);
    }

    /** @param pasid {@link Pasid#NONE} for what host tables translate */
    static long pages(int domainId, int pasid) {
        long low = InvalidateIommuPagesCommand.DOMAINID.set(of(CommandCode.INVALIDATE_IOMMU_PAGES), domainId);
        return pasid == Pasid.NONE ? low : InvalidateIommuPagesCommand.PASID.set(low, pasid);
    }

    /** @param tables whether entries that point to tables go too */
    static long pagesHigh(long first, long last, int pasid, boolean tables) {
        return range(first, last)
                | (tables ? InvalidateIommuPagesCommand.PDE.mask() : 0)
                | (pasid == Pasid.NONE ? 0 : guest());
    }

    static long allPagesHigh(int pasid) {
        return InvalidateIommuPagesCommand.ALL_PAGES | size() | InvalidateIommuPagesCommand.PDE.mask()
                | (pasid == Pasid.NONE ? 0 : guest());
    }

    /** @param queueDepth how many invalidations may be pending at the device */
    static long deviceTlb(int deviceId, int queueDepth, int pasid) {
        long low = InvalidateIotlbPagesCommand.DEVICEID.set(of(CommandCode.INVALIDATE_IOTLB_PAGES), deviceId);
        low = InvalidateIotlbPagesCommand.QUEUEID.set(low, deviceId);
        low = InvalidateIotlbPagesCommand.MAXPEND.set(low, queueDepth);
        return pasid == Pasid.NONE ? low : InvalidateIotlbPagesCommand.setPasid(low, pasid);
    }

    static long deviceTlbHigh(long first, long last, int pasid) {
        return range(first, last) | (pasid == Pasid.NONE ? 0 : InvalidateIotlbPagesCommand.GN.mask());
    }

    static long wholeDeviceTlbHigh(int pasid) {
        return InvalidateIotlbPagesCommand.ALL_PAGES | size() | (pasid == Pasid.NONE ? 0 : InvalidateIotlbPagesCommand.GN.mask());
    }

    static long pageResponse(int deviceId, int pasid) {
        long low = CompletePprCommand.DEVICEID.set(of(CommandCode.COMPLETE_PPR_REQUEST), deviceId);
        return pasid == Pasid.NONE ? low : CompletePprCommand.PASID.set(low, pasid);
    }

    static long pageResponseHigh(int pasid, int group, int code) {
        long high = CompletePprCommand.CODE.set(CompletePprCommand.TAG.set(0, group), code);
        return pasid == Pasid.NONE ? high : high | CompletePprCommand.GN.mask();
    }

    /**
     * The smallest naturally aligned power of two of pages that holds {@code [first, last]}, as address and size are encoded: the
     * lowest zero bit from bit 12 on is the highest in which two addresses of it can differ.
     */
    private static long range(long first, long last) {
        if ((first ^ last) >>> PAGE_SHIFT == 0) {
            return first & -1L << PAGE_SHIFT;
        }
        int highest = Long.SIZE - 1 - Long.numberOfLeadingZeros(first ^ last);
        if (highest > MAX_SIZE_BIT) {
            return InvalidateIommuPagesCommand.ALL_PAGES | size();
        }
        long ones = (1L << highest) - 1;
        return (first & ~(1L << highest) | ones) & -1L << PAGE_SHIFT | size();
    }

    private static long size() {
        return InvalidateIommuPagesCommand.S.mask();
    }

    private static long guest() {
        return InvalidateIommuPagesCommand.GN.mask();
    }
}
