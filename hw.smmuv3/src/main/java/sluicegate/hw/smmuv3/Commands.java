package sluicegate.hw.smmuv3;

import sluicegate.spec.smmuv3.AtcInvCommand;
import sluicegate.spec.smmuv3.CfgiCdCommand;
import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CfgiSteRangeCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.PriRespCommand;
import sluicegate.spec.smmuv3.ResumeCommand;
import sluicegate.spec.smmuv3.SyncCommand;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.api.types.Pasid;

/**
 * The words of commands (chapter 4; {@code arm_smmu_cmdq_build_cmd}). A method whose name ends in High gives the upper word of
 * the command of that name, others the lower; where there is no such method the upper word is zero. Nothing is allocated.
 */
final class Commands {
    private static final int PAGE_SHIFT = 12;
    /** Reads as a memory type: inner and outer write-back, for messages that completions are. */
    private static final int WRITE_BACK_TYPE = 0xf;

    private Commands() {}

    static long of(int opcode) {
        return CommandOpcode.OPCODE.set(0, opcode);
    }

    static long stream(int sid) {
        return CfgiSteCommand.STREAMID.set(of(CommandOpcode.CFGI_STE), Integer.toUnsignedLong(sid));
    }

    /** @param leaf whether only the entry has changed, not the way to it */
    static long streamHigh(boolean leaf) {
        return CfgiSteCommand.LEAF.set(0, leaf ? 1 : 0);
    }

    static long streams(int sid) {
        return CfgiSteRangeCommand.STREAMID.set(of(CommandOpcode.CFGI_STE_RANGE), Integer.toUnsignedLong(sid));
    }

    /** @param bits log2 of the number of streams, at least 1 */
    static long streamsHigh(int bits) {
        return CfgiSteRangeCommand.RANGE.set(0, bits - 1);
    }

    static long allStreams() {
        return of(CommandOpcode.CFGI_STE_RANGE);
    }

    static long allStreamsHigh() {
        return CfgiSteRangeCommand.RANGE.set(0, CfgiSteRangeCommand.ALL);
    }

    static long context(int sid, int ssid) {
        long low = CfgiCdCommand.STREAMID.set(of(CommandOpcode.CFGI_CD), Integer.toUnsignedLong(sid));
        return CfgiCdCommand.SUBSTREAMID.set(low, ssid);
    }

    static long contextHigh(boolean leaf) {
        return CfgiCdCommand.LEAF.set(0, leaf ? 1 : 0);
    }

    static long allContexts(int sid) {
        return CfgiCdCommand.STREAMID.set(of(CommandOpcode.CFGI_CD_ALL), Integer.toUnsignedLong(sid));
    }

    /** A TLB invalidation with the tags that the opcode takes; 0 for those that it doesn't. */
    static long tlb(int opcode, int vmid, int asid) {
        return TlbiNhVaCommand.ASID.set(TlbiNhVaCommand.VMID.set(of(opcode), vmid), asid);
    }

    /** Upper word of an invalidation by address, without a range. */
    static long tlbHigh(long address, boolean leaf) {
        return TlbiNhVaCommand.ADDRESS.inPlace(address) | (leaf ? TlbiNhVaCommand.LEAF.mask() : 0);
    }

    /** What an invalidation of {@code (number + 1) << scale} granules has in its lower word. */
    static long tlbRange(long low, int scale, int number) {
        return TlbiNhVaCommand.NUM.set(TlbiNhVaCommand.SCALE.set(low, scale), number);
    }

    static long tlbRangeHigh(long address, boolean leaf, int granuleShift) {
        return TlbiNhVaCommand.TG.set(tlbHigh(address, leaf), granuleShift - 10 >>> 1);
    }

    /** @param ssid {@link Pasid#NONE} without */
    static long device(int sid, int ssid) {
        long low = AtcInvCommand.STREAMID.set(of(CommandOpcode.ATC_INV), Integer.toUnsignedLong(sid));
        return ssid == Pasid.NONE ? low : AtcInvCommand.SUBSTREAMID.set(low | AtcInvCommand.SSV.mask(), ssid);
    }

    /** The smallest naturally aligned power of two of pages that holds the range ({@code arm_smmu_atc_inv_to_cmd}). */
    static long deviceHigh(long first, long last) {
        int span = Long.SIZE - Long.numberOfLeadingZeros((first ^ last) >>> PAGE_SHIFT);
        if (span >= AtcInvCommand.SIZE_ALL) {
            return deviceAllHigh();
        }
        return AtcInvCommand.SIZE.set(AtcInvCommand.ADDRESS.inPlace(first & -1L << PAGE_SHIFT + span), span);
    }

    static long deviceAllHigh() {
        return AtcInvCommand.SIZE.set(0, AtcInvCommand.SIZE_ALL);
    }

    static long pageResponse(int sid, int ssid) {
        long low = PriRespCommand.STREAMID.set(of(CommandOpcode.PRI_RESP), Integer.toUnsignedLong(sid));
        return ssid == Pasid.NONE ? low : PriRespCommand.SUBSTREAMID.set(low | PriRespCommand.SSV.mask(), ssid);
    }

    static long pageResponseHigh(int group, int response) {
        return PriRespCommand.RESP.set(PriRespCommand.PRGINDEX.set(0, group), response);
    }

    /** @param retry whether the access is to be tried again; else it aborts */
    static long resume(int sid, boolean retry) {
        long low = ResumeCommand.STREAMID.set(of(CommandOpcode.RESUME), Integer.toUnsignedLong(sid));
        return low | (retry ? ResumeCommand.AC.mask() : ResumeCommand.AB.mask());
    }

    static long resumeHigh(int tag) {
        return ResumeCommand.STAG.set(0, tag);
    }

    /** A SYNC whose completion only the consumer index tells. */
    static long sync() {
        return SyncCommand.CS.set(of(CommandOpcode.SYNC), SyncCommand.CS_NONE);
    }

    /** A SYNC that writes {@code data} to memory when it completes. */
    static long syncMessage(int data) {
        long low = SyncCommand.CS.set(of(CommandOpcode.SYNC), SyncCommand.CS_IRQ);
        low = SyncCommand.MSH.set(low, StreamEntries.INNER_SHAREABLE);
        low = SyncCommand.MSIATTR.set(low, WRITE_BACK_TYPE);
        return SyncCommand.MSIDATA.set(low, Integer.toUnsignedLong(data));
    }

    static long syncMessageHigh(long address) {
        return SyncCommand.MSIADDRESS.inPlace(address);
    }
}
