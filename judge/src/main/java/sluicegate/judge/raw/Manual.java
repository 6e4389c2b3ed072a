package sluicegate.judge.raw;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.vtd.FaultReason;

/**
 * What the manual says of a request in legacy mode (VT-d 3.4 to 3.7, 7.1, 9.1, 9.3, 9.8), from the words in memory. Its masks are
 * written out by hand and shared with nobody.
 *
 * @param addressBits MGAW + 1, and how wide physical addresses are
 * @param sagaw CAP_REG.SAGAW
 * @param passThrough ECAP_REG.PT
 * @param deviceTlb ECAP_REG.DT
 * @param snoopControl ECAP_REG.SC
 * @param domainIdBits 2 * CAP_REG.ND + 4
 */
record Manual(PhysicalMemory memory, int addressBits, int sagaw, boolean passThrough, boolean deviceTlb, boolean snoopControl,
        int domainIdBits) {

    /** A physical address, or a reason; whether that is recorded. */
    record Answer(long address, Optional<FaultReason> fault, boolean recorded) {}

    private static final long RESERVED_IN_ROOT = 0xffeL;
    private static final long RESERVED_IN_CONTEXT_LOW = 0xff0L;
    private static final long RESERVED_IN_CONTEXT_HIGH = 0xffff_ffff_ff00_0080L;
    private static final long BIT_11 = 1L << 11;
    private static final long BIT_7 = 1L << 7;
    private static final long BIT_62 = 1L << 62;

    Answer answer(long rootTable, int sourceId, long iova, boolean write) {
        long tooHigh = (1L << 52) - (1L << addressBits);
        long root = rootTable + (sourceId >>> 8) * 16L;
        if (!memory.contains(root, 16)) {
            return fault(FaultReason.ROOT_ENTRY_UNREADABLE, false);
        }
        long rootLow = memory.get64(root);
        if ((rootLow & 1) == 0) {
            return fault(FaultReason.ROOT_ENTRY_NOT_PRESENT, false);
        }
        if ((rootLow & (RESERVED_IN_ROOT | -1L << addressBits)) != 0 || memory.get64(root + 8) != 0) {
            return fault(FaultReason.ROOT_ENTRY_RESERVED, false);
        }
        long context = (rootLow & -4096) + (sourceId & 0xff) * 16L;
        if (!memory.contains(context, 16)) {
            return fault(FaultReason.CONTEXT_ENTRY_UNREADABLE, false);
        }
        long low = memory.get64(context);
        long high = memory.get64(context + 8);
        boolean silent = (low & 2) != 0;
        if ((low & 1) == 0) {
            return fault(FaultReason.CONTEXT_ENTRY_NOT_PRESENT, silent);
        }
        if ((low & (RESERVED_IN_CONTEXT_LOW | -1L << addressBits)) != 0 || (high & RESERVED_IN_CONTEXT_HIGH) != 0) {
            return fault(FaultReason.CONTEXT_ENTRY_RESERVED, silent);
        }
        int width = (int) high & 7;
        int type = (int) (low >>> 2) & 3;
        boolean typePossible = type == 0 || type == 1 && deviceTlb || type == 2 && passThrough;
        if (width > 4 || (sagaw >>> width & 1) == 0 || !typePossible || (high >>> 8 & 0xffff) >>> domainIdBits != 0) {
            return fault(FaultReason.CONTEXT_ENTRY_INVALID, silent);
        }
        int levels = width + 2;
        // What passes through is a physical address, whatever AW says (3.9).
        if (iova >>> (type == 2 ? addressBits : Math.min(addressBits, 12 + 9 * levels)) != 0) {
            return fault(FaultReason.ADDRESS_BEYOND_WIDTH, silent);
        }
        return type == 2 ? new Answer(iova, Optional.empty(), false) : walk(low & -4096, levels, iova, write, silent, tooHigh);
    }

    private Answer walk(long top, int levels, long iova, boolean write, boolean silent, long tooHigh) {
        long table = top;
        for (int level = levels;; level--) {
            long slot = table + ((iova >>> 12 + 9 * (level - 1) & 511) << 3);
            if (!memory.contains(slot, 8)) {
                // The topmost table is named by the context entry, so that is wrongly programmed (LCT.4).
                return fault(level == levels ? FaultReason.CONTEXT_ENTRY_INVALID : FaultReason.SECOND_STAGE_ENTRY_UNREADABLE, silent);
            }
            long entry = memory.get64(slot);
            if ((entry & (write ? 2 : 1)) == 0) {
                return fault(write ? FaultReason.WRITE_NOT_PERMITTED : FaultReason.READ_NOT_PERMITTED, silent);
            }
            boolean page = level == 1 || level <= 3 && (entry & BIT_7) != 0;
            long below = page ? (1L << 12 + 9 * (level - 1)) - 4096 : 0;
            long reserved = tooHigh | below
                    | (page && snoopControl ? 0 : BIT_11)
                    | (page && deviceTlb ? 0 : BIT_62)
                    | (level > 3 ? BIT_7 : 0);
            if ((entry & reserved) != 0) {
                return fault(FaultReason.SECOND_STAGE_ENTRY_RESERVED, silent);
            }
            long address = entry & (1L << 52) - 4096;
            if (page) {
                long offset = iova & (1L << 12 + 9 * (level - 1)) - 1;
                return (address | offset) >>> 20 == 0xfee
                        ? fault(FaultReason.ADDRESS_IN_INTERRUPT_RANGE, silent)
                        : new Answer(address | offset, Optional.empty(), false);
            }
            table = address;
        }
    }

    private static Answer fault(FaultReason reason, boolean silent) {
        return new Answer(-1, Optional.of(reason), !(silent && reason.qualified()));
    }
}
