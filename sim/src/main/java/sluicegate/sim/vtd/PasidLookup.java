package sluicegate.sim.vtd;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.cache.DomainTags;
import sluicegate.spec.Field;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;

/**
 * From a context entry and a PASID to the PASID entry by way of the PASID directory, in memory (VT-d 3.4.3, fault conditions
 * SPD and SPT of 7.1). Stateless.
 */
final class PasidLookup {
    private final PhysicalMemory memory;
    private final VtdCapabilities capabilities;
    private final DomainTags tags;
    private final long beyondHostAddress;
    private final int domains;
    private final boolean walksAlwaysSnoop;
    private final long firstReserved;
    private final long secondReserved;
    private final long thirdReserved;

    PasidLookup(PhysicalMemory memory, VtdCapabilities capabilities, DomainTags tags) {
        this.memory = memory;
        this.capabilities = capabilities;
        this.tags = tags;
        beyondHostAddress = capabilities.beyondHostAddress();
        domains = CapabilityRegister.domainCount(capabilities.cap());
        walksAlwaysSnoop = !capabilities.has(ExtendedCapabilityRegister.SMPWCS);
        firstReserved = PasidEntry.LAYOUT.reservedMask(0)
                | without(ExtendedCapabilityRegister.SSADS, PasidEntry.SSADE)
                | without(ExtendedCapabilityRegister.ERS, PasidEntry.SSEE);
        secondReserved = PasidEntry.LAYOUT.reservedMask(1)
                | without(ExtendedCapabilityRegister.SMPWCS, PasidEntry.PWSNP)
                | without(ExtendedCapabilityRegister.SC, PasidEntry.PGSNP)
                | without(ExtendedCapabilityRegister.MTS, PasidEntry.CD, PasidEntry.EMTE, PasidEntry.EMT, PasidEntry.PWT,
                        PasidEntry.PCD, PasidEntry.PAT);
        thirdReserved = PasidEntry.LAYOUT.reservedMask(2)
                | without(ExtendedCapabilityRegister.SRS, PasidEntry.SRE, PasidEntry.WPE, PasidEntry.SMEP)
                | without(ExtendedCapabilityRegister.ERS, PasidEntry.ERE, PasidEntry.NXE)
                | without(ExtendedCapabilityRegister.EAFS, PasidEntry.EAFE);
    }

    private long without(Field capability, Field... fields) {
        long mask = 0;
        for (var field : fields) {
            mask |= capabilities.has(capability) ? 0 : field.mask();
        }
        return mask;
    }

    /**
     * Reads the directory entry, then the PASID entry.
     *
     * @param context a good one, whose directory has room for the PASID
     */
    PasidContext read(ScalableContext context, int pasid) {
        boolean faultsDisabled = context.faultsDisabled();
        long at = context.directory() + (long) PasidDirectoryEntry.index(pasid) * PasidDirectoryEntry.BYTES;
        if (!memory.contains(at, PasidDirectoryEntry.BYTES)) {
            return PasidContext.fault(FaultReason.PASID_DIRECTORY_ENTRY_UNREADABLE, faultsDisabled, pasid);
        }
        long directory = memory.get64Acquire(at);
        faultsDisabled |= PasidDirectoryEntry.FPD.isSet(directory);
        if (!PasidDirectoryEntry.P.isSet(directory)) {
            return PasidContext.fault(FaultReason.PASID_DIRECTORY_ENTRY_NOT_PRESENT, faultsDisabled, pasid);
        }
        if ((directory & (PasidDirectoryEntry.LAYOUT.reservedMask(0) | beyondHostAddress)) != 0) {
            return PasidContext.fault(FaultReason.PASID_DIRECTORY_ENTRY_RESERVED, faultsDisabled, pasid);
        }
        long entry = PasidDirectoryEntry.SMPTBLPTR.inPlace(directory) + (long) PasidEntry.index(pasid) * PasidEntry.BYTES;
        return readEntry(entry, faultsDisabled, pasid);
    }

    private PasidContext readEntry(long entry, boolean directoryFpd, int pasid) {
        if (!memory.contains(entry, PasidEntry.BYTES)) {
            return PasidContext.fault(FaultReason.PASID_ENTRY_UNREADABLE, directoryFpd, pasid);
        }
        long first = memory.get64Acquire(entry);
        boolean faultsDisabled = directoryFpd | PasidEntry.FPD.isSet(first);
        if (!PasidEntry.P.isSet(first)) {
            return PasidContext.fault(FaultReason.PASID_ENTRY_NOT_PRESENT, faultsDisabled, pasid);
        }
        // A driver sets P last, so the rest is read after it.
        var words = new PasidContext.Words(first, memory.get64Acquire(entry + 8), memory.get64Acquire(entry + 16));
        if (reserved(words) || restOf(entry) != 0) {
            return PasidContext.fault(FaultReason.PASID_ENTRY_RESERVED, faultsDisabled, pasid);
        }
        if (!possible(words)) {
            return PasidContext.fault(FaultReason.PASID_ENTRY_INVALID, faultsDisabled, pasid);
        }
        int did = (int) PasidEntry.DID.get(words.second());
        int kind = (int) PasidEntry.PGTT.get(first);
        int tag = kind == PasidContext.SECOND_STAGE ? did
                : kind == PasidContext.PASS_THROUGH ? DomainTags.NONE : tags.of(did, pasid);
        var shape = new PasidContext.Shape(
                FirstStageMode.LEVELS_4.levels() + (int) PasidEntry.FSPM.get(words.third()),
                secondLevels(first), capabilities, walksAlwaysSnoop);
        return PasidContext.of(pasid, tag, faultsDisabled, words, shape);
    }

    private static int secondLevels(long first) {
        return 2 + (int) PasidEntry.AW.get(first);
    }

    private long restOf(long entry) {
        long bits = 0;
        for (int word = 3; word < PasidEntry.BYTES / 8; word++) {
            bits |= memory.get64Acquire(entry + 8L * word);
        }
        return bits;
    }

    /** A pointer is looked at only where the translation type uses it. */
    private boolean reserved(PasidContext.Words words) {
        int kind = (int) PasidEntry.PGTT.get(words.first());
        long first = firstReserved;
        long third = thirdReserved;
        if (kind == PasidContext.SECOND_STAGE || kind == PasidContext.NESTED) {
            first |= PasidEntry.SSPTPTR.mask() & beyondHostAddress;
        }
        if (kind == PasidContext.FIRST_STAGE) {
            third |= PasidEntry.FSPTPTR.mask() & beyondHostAddress;
        }
        return PasidEntry.DID.get(words.second()) >= domains || (words.first() & first) != 0 || (words.second() & secondReserved) != 0 || (words.third() & third) != 0;
    }

    private boolean possible(PasidContext.Words words) {
        int kind = (int) PasidEntry.PGTT.get(words.first());
        if (kind == PasidContext.FIRST_STAGE) {
            return capabilities.has(ExtendedCapabilityRegister.FSTS) && firstStagePossible(words.third());
        }
        if (kind == PasidContext.SECOND_STAGE) {
            return capabilities.has(ExtendedCapabilityRegister.SSTS) && widthPossible(words.first());
        }
        if (kind == PasidContext.NESTED) {
            return capabilities.has(ExtendedCapabilityRegister.NEST) && firstStagePossible(words.third())
                    && widthPossible(words.first()) && PasidEntry.FSPTPTR.inPlace(words.third())
                    >>> capabilities.secondStageWidth(secondLevels(words.first())) == 0;
        }
        return kind == PasidContext.PASS_THROUGH && capabilities.passThrough();
    }

    private boolean firstStagePossible(long third) {
        return FirstStageMode.of(PasidEntry.FSPM.get(third))
                .map(mode -> mode == FirstStageMode.LEVELS_4 || CapabilityRegister.FS5LP.isSet(capabilities.cap()))
                .orElse(false);
    }

    private boolean widthPossible(long first) {
        return AddressWidth.of(PasidEntry.AW.get(first))
                .map(width -> CapabilityRegister.supports(capabilities.cap(), width))
                .orElse(false);
    }
}
