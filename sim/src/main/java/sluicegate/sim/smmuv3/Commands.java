package sluicegate.sim.smmuv3;

import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.smmuv3.AtcInvCommand;
import sluicegate.spec.smmuv3.CfgiCdAllCommand;
import sluicegate.spec.smmuv3.CfgiCdCommand;
import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CfgiSteRangeCommand;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.PrefetchAddressCommand;
import sluicegate.spec.smmuv3.PrefetchConfigCommand;
import sluicegate.spec.smmuv3.PriRespCommand;
import sluicegate.spec.smmuv3.ResumeCommand;
import sluicegate.spec.smmuv3.StallTermCommand;
import sluicegate.spec.smmuv3.SyncCommand;
import sluicegate.spec.smmuv3.TlbiEl2VaCommand;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.smmuv3.TlbiS2IpaCommand;

/**
 * Carries out commands (chapter 4). Reserved fields are checked, as a unit may. Thread-safe: each queue carries out one at a time,
 * and several queues do so at once; what one of them owes to its next CMD_SYNC it keeps itself.
 */
final class Commands {
    private static final int OPCODES = 256;
    private static final int PAGE_SHIFT = 12;
    private static final long MAX_PREFETCHES = 512;
    private static final int TRANSLATION_GRANULES = 4;
    private static final int LEVEL_HINTS = 4;

    /** Bits that must be zero, by opcode, two words each. */
    private final long[] reserved = new long[2 * OPCODES];
    private final boolean[] known = new boolean[OPCODES];
    /** Page sizes that are meant, one bit each, by TG and TTL of an invalidation. */
    private final int[] meantSizes = new int[TRANSLATION_GRANULES * LEVEL_HINTS];
    private final Smmuv3Capabilities capabilities;
    private final ConfigurationCache configurations;
    private final TlbInvalidations tlb;
    private final TranslationEngine engine;
    private final Stalls stalls;
    private final InFlight inFlight;
    private final Messages messages;
    private final GlobalErrors errors;
    private volatile Devices devices = Devices.ABSENT;
    private volatile boolean translating;
    private volatile boolean e2h;

    Commands(Smmuv3Capabilities capabilities, ConfigurationCache configurations, TlbInvalidations tlb,
            TranslationEngine engine, Stalls stalls, InFlight inFlight, Messages messages, GlobalErrors errors) {
        this.capabilities = capabilities;
        this.configurations = configurations;
        this.tlb = tlb;
        this.engine = engine;
        this.stalls = stalls;
        this.inFlight = inFlight;
        this.messages = messages;
        this.errors = errors;
        for (int tg = 1; tg < TRANSLATION_GRANULES; tg++) {
            for (int level = 0; level < LEVEL_HINTS; level++) {
                meantSizes[tg * LEVEL_HINTS + level] = sizes(Granule.ofInvalidation(tg), level, capabilities.outputBits() > 48);
            }
        }
        for (int opcode = 0; opcode < OPCODES; opcode++) {
            var layout = CommandOpcode.layout(opcode);
            if (layout.isPresent() && isSupported(opcode)) {
                known[opcode] = true;
                reserved[2 * opcode] = layout.get().reservedMask(0);
                reserved[2 * opcode + 1] = layout.get().reservedMask(1);
            }
        }
    }

    private boolean isSupported(int opcode) {
        return switch (opcode) {
            case CommandOpcode.CFGI_CD, CommandOpcode.CFGI_CD_ALL, CommandOpcode.TLBI_NH_ALL, CommandOpcode.TLBI_NH_ASID,
                CommandOpcode.TLBI_NH_VA, CommandOpcode.TLBI_NH_VAA -> capabilities.stage1();
            case CommandOpcode.TLBI_EL2_ALL, CommandOpcode.TLBI_EL2_ASID, CommandOpcode.TLBI_EL2_VA,
                CommandOpcode.TLBI_EL2_VAA -> capabilities.hypervisor();
            case CommandOpcode.TLBI_S12_VMALL, CommandOpcode.TLBI_S2_IPA -> capabilities.stage2();
            case CommandOpcode.ATC_INV -> capabilities.ats();
            case CommandOpcode.PRI_RESP -> capabilities.pri();
            case CommandOpcode.RESUME, CommandOpcode.STALL_TERM -> capabilities.stallModel() != Idr0Register.TERMINATE_ONLY;
            case CommandOpcode.CFGI_VMS_PIDM, CommandOpcode.DPTI_ALL -> false;
            default -> true;
        };
    }

    void setDevices(Devices listener) {
        devices = listener;
    }

    void setTranslating(boolean on) {
        translating = on;
    }

    void setE2h(boolean on) {
        e2h = on;
    }

    /** @param queue whose command it is */
    CommandError carryOut(CommandRing queue, long low, long high) {
        int opcode = CommandOpcode.of(low);
        if (!known[opcode] || (low & reserved[2 * opcode]) != 0 || (high & reserved[2 * opcode + 1]) != 0
                || takesStream(opcode) && CfgiSteCommand.SSEC.isSet(low)) {
            return CommandError.CERROR_ILL;
        }
        return switch (opcode) {
            case CommandOpcode.PREFETCH_CONFIG -> {
                engine.prefetch((int) PrefetchConfigCommand.STREAMID.get(low), substream(low));
                yield CommandError.CERROR_NONE;
            }
            case CommandOpcode.PREFETCH_ADDR -> {
                prefetch(low, high);
                yield CommandError.CERROR_NONE;
            }
            case CommandOpcode.ATC_INV -> invalidateDevice(queue, low, high);
            case CommandOpcode.PRI_RESP -> answerPageRequest(low, high);
            case CommandOpcode.RESUME -> resume(low, high);
            case CommandOpcode.STALL_TERM -> {
                stalls.abort((int) StallTermCommand.STREAMID.get(low));
                yield CommandError.CERROR_NONE;
            }
            case CommandOpcode.SYNC -> synchronise(queue, low, high);
            default -> invalidate(queue, opcode, low, high);
        };
    }

    private static int substream(long low) {
        return PrefetchConfigCommand.SSV.isSet(low) ? (int) PrefetchConfigCommand.SUBSTREAMID.get(low) : Pasid.NONE;
    }

    /** Stops after so many that the first ones are still cached. */
    private void prefetch(long low, long high) {
        long count = Math.min(MAX_PREFETCHES, 1L << PrefetchAddressCommand.SIZE.get(high));
        int stride = PAGE_SHIFT + (int) PrefetchAddressCommand.STRIDE.get(high);
        for (long i = 0; i < count; i++) {
            engine.prefetch((int) PrefetchAddressCommand.STREAMID.get(low), substream(low),
                    PrefetchAddressCommand.ADDRESS.inPlace(high) + (i << stride));
        }
    }

    /** Whether a command names a stream, and so could name one of the Secure state. */
    private static boolean takesStream(int opcode) {
        return opcode <= CommandOpcode.CFGI_CD_ALL || opcode == CommandOpcode.RESUME || opcode == CommandOpcode.STALL_TERM;
    }

    private CommandError invalidate(CommandRing queue, int opcode, long low, long high) {
        queue.owe(CommandRing.DMA);
        return switch (opcode) {
            case CommandOpcode.CFGI_STE, CommandOpcode.CFGI_STE_RANGE, CommandOpcode.CFGI_CD, CommandOpcode.CFGI_CD_ALL -> {
                invalidateConfiguration(opcode, low, high);
                yield CommandError.CERROR_NONE;
            }
            case CommandOpcode.TLBI_NH_VA, CommandOpcode.TLBI_NH_VAA, CommandOpcode.TLBI_EL2_VA, CommandOpcode.TLBI_EL2_VAA,
                CommandOpcode.TLBI_S2_IPA -> invalidateAddresses(opcode, low, high);
            default -> {
                invalidateSpaces(opcode, low);
                yield CommandError.CERROR_NONE;
            }
        };
    }

    private void invalidateConfiguration(int opcode, long low, long high) {
        int streamId = (int) CfgiSteCommand.STREAMID.get(low);
        switch (opcode) {
            case CommandOpcode.CFGI_STE -> configurations.invalidateStreams(streamId, 1);
            case CommandOpcode.CFGI_STE_RANGE -> {
                int bits = (int) CfgiSteRangeCommand.RANGE.get(high) + 1;
                long count = 1L << bits;
                configurations.invalidateStreams((int) (streamId & -count), count);
            }
            case CommandOpcode.CFGI_CD -> configurations.invalidateContext(streamId, (int) CfgiCdCommand.SUBSTREAMID.get(low));
            default -> configurations.invalidateContexts((int) CfgiCdAllCommand.STREAMID.get(low));
        }
    }

    private void invalidateSpaces(int opcode, long low) {
        int vmid = (int) TlbiNhVaCommand.VMID.get(low);
        int asid = (int) TlbiNhVaCommand.ASID.get(low);
        switch (opcode) {
            case CommandOpcode.TLBI_NH_ALL -> tlb.allOfVmid(vmid);
            case CommandOpcode.TLBI_NH_ASID -> tlb.asid(vmid, asid);
            case CommandOpcode.TLBI_EL2_ALL -> tlb.allOfEl2();
            case CommandOpcode.TLBI_EL2_ASID -> tlb.asidOfEl2(asid);
            case CommandOpcode.TLBI_S12_VMALL -> tlb.allStagesOfVmid(vmid);
            default -> tlb.allButEl2();
        }
    }

    /** Invalidates the pages that a command names (4.4.1.1). */
    private CommandError invalidateAddresses(int opcode, long low, long high) {
        long tg = TlbiNhVaCommand.TG.get(high);
        long ttl = TlbiNhVaCommand.TTL.get(high);
        long scale = TlbiNhVaCommand.SCALE.get(low);
        long num = TlbiNhVaCommand.NUM.get(low);
        boolean hints = (scale | num | ttl) != 0;
        boolean leavesOnly = TlbiNhVaCommand.LEAF.isSet(high);
        long address = StageTables.cacheAddress(opcode == CommandOpcode.TLBI_S2_IPA
                ? TlbiS2IpaCommand.ADDRESS.inPlace(high)
                : TlbiEl2VaCommand.ADDRESS.inPlace(high));
        if (tg == 0) {
            return hints ? CommandError.CERROR_ILL : invalidatePages(opcode, low, address, address, Tlb.ALL_SIZES, leavesOnly);
        }
        if (!capabilities.rangeInvalidation() || !hints) {
            return CommandError.CERROR_ILL;
        }
        int granule = Granule.ofInvalidation(tg);
        long highest = StageTables.cacheAddress(-1);
        // 32 times 2^39 granules of 64 KiB is more than there are addresses.
        long pages = num + 1 << Math.min(scale, 39);
        long last = pages > highest >>> granule ? highest : Math.min(highest, address + (pages << granule) - 1);
        return invalidatePages(opcode, low, address, last, meantSizes[(int) (tg * LEVEL_HINTS + ttl)], leavesOnly);
    }

    private CommandError invalidatePages(int opcode, long low, long first, long last, int sizes, boolean leavesOnly) {
        int vmid = (int) TlbiNhVaCommand.VMID.get(low);
        int asid = (int) TlbiNhVaCommand.ASID.get(low);
        switch (opcode) {
            case CommandOpcode.TLBI_NH_VA -> tlb.addresses(vmid, asid, first, last, sizes, leavesOnly);
            case CommandOpcode.TLBI_NH_VAA -> tlb.addressesOfAllAsids(vmid, first, last, sizes, leavesOnly);
            case CommandOpcode.TLBI_EL2_VA -> tlb.addressesOfEl2(asid, e2h, first, last, sizes, leavesOnly);
            case CommandOpcode.TLBI_EL2_VAA -> tlb.addressesOfEl2AllAsids(e2h, first, last, sizes, leavesOnly);
            default -> tlb.intermediateAddresses(vmid, first, last, sizes, leavesOnly);
        }
        return CommandError.CERROR_NONE;
    }

    /** The page sizes of a granule, or of one level of it; a level without pages is no hint. */
    private static int sizes(int granule, int level, boolean wideAddresses) {
        int sizes = 0;
        boolean first = Granule.hasBlocksAtLevel1(granule, wideAddresses);
        for (int at = 1; at <= 3; at++) {
            int shift = granule + (granule - 3) * (3 - at);
            boolean exists = at > 1 || first;
            boolean meant = level == 0 || level == at || level == 1 && !first;
            if (exists && meant) {
                int together = shift + Granule.contiguousBits(granule, at);
                sizes |= 1 << LeafWord.sizeOf(shift) | (LeafWord.isSize(together) ? 1 << LeafWord.sizeOf(together) : 0);
            }
        }
        return sizes;
    }

    private CommandError invalidateDevice(CommandRing queue, long low, long high) {
        if (!translating) {
            return CommandError.CERROR_NONE;
        }
        long size = AtcInvCommand.SIZE.get(high);
        if (size > AtcInvCommand.SIZE_ALL) {
            return CommandError.CERROR_ILL;
        }
        boolean substream = AtcInvCommand.SSV.isSet(low);
        long bytes = size == AtcInvCommand.SIZE_ALL ? 0 : 1L << PAGE_SHIFT + size;
        boolean answered = devices.invalidate((int) AtcInvCommand.STREAMID.get(low),
                substream ? (int) AtcInvCommand.SUBSTREAMID.get(low) : Pasid.NONE,
                substream && AtcInvCommand.GLOBAL.isSet(low),
                bytes == 0 ? 0 : AtcInvCommand.ADDRESS.inPlace(high) & -bytes, bytes);
        queue.owe(answered ? CommandRing.DMA : CommandRing.DMA | CommandRing.DEVICE);
        return CommandError.CERROR_NONE;
    }

    private CommandError answerPageRequest(long low, long high) {
        int code = switch ((int) PriRespCommand.RESP.get(high)) {
            case PriRespCommand.RESP_FAILURE -> PageRequestQueue.RESPONSE_FAILURE;
            case PriRespCommand.RESP_INVALID -> PageRequestQueue.INVALID_REQUEST;
            case PriRespCommand.RESP_SUCCESS -> PageRequestQueue.SUCCESS;
            default -> -1;
        };
        if (code < 0) {
            return CommandError.CERROR_ILL;
        }
        if (translating) {
            devices.respond((int) PriRespCommand.STREAMID.get(low),
                    PriRespCommand.SSV.isSet(low) ? (int) PriRespCommand.SUBSTREAMID.get(low) : Pasid.NONE,
                    (int) PriRespCommand.PRGINDEX.get(high), code);
        }
        return CommandError.CERROR_NONE;
    }

    private CommandError resume(long low, long high) {
        var outcome = Stalls.Outcome.RETRY;
        if (!ResumeCommand.AC.isSet(low)) {
            boolean abort = ResumeCommand.AB.isSet(low) || capabilities.alwaysAborts();
            outcome = abort ? Stalls.Outcome.ABORT : Stalls.Outcome.IGNORE;
        }
        stalls.resume((int) ResumeCommand.STREAMID.get(low), (int) ResumeCommand.STAG.get(high), outcome);
        return CommandError.CERROR_NONE;
    }

    /** Tells of a SYNC: by a message if it has an address, else by the wired interrupt (3.18). */
    private void interrupt(long low, long address) {
        if (address == 0) {
            messages.raiseLine("cmdq-sync");
        } else if (!messages.send(address, (int) SyncCommand.MSIDATA.get(low))) {
            errors.raise(GerrorRegister.MSI_CMDQ_ABT_ERR.mask());
        }
    }

    private CommandError synchronise(CommandRing queue, long low, long high) {
        int signal = (int) SyncCommand.CS.get(low);
        if (signal > SyncCommand.CS_SEV) {
            return CommandError.CERROR_ILL;
        }
        if (queue.settle(CommandRing.DEVICE)) {
            // The time is up; when the error is acknowledged, this command completes.
            return CommandError.CERROR_ATC_INV_SYNC;
        }
        if (queue.settle(CommandRing.DMA)) {
            inFlight.drain();
        }
        if (signal == SyncCommand.CS_IRQ) {
            interrupt(low, capabilities.msi() ? SyncCommand.MSIADDRESS.inPlace(high) : 0);
        }
        return CommandError.CERROR_NONE;
    }
}
