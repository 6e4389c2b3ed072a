package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;
import sluicegate.spec.vtd.SecondStageEntry;

/** The walk of scalable mode (section 3.4.3): root entry, context entry, PASID directory, PASID entry, and the stages it names. */
record ScalableWalk(VtdCapabilities capabilities, WalkLog log) {
    private static final int UPPER_HALF = 0x80;

    void walk(long root, int sourceId, int pasid, long iova) {
        long contexts = rootEntry(root, sourceId);
        if (contexts != WalkLog.END) {
            contextEntry(contexts, sourceId & 0xff, pasid, iova);
        }
    }

    private long rootEntry(long root, int sourceId) {
        long address = root + (long) (sourceId >>> 8) * ScalableRootEntry.BYTES;
        if (!log.readable("root entry", address, ScalableRootEntry.BYTES, FaultReason.SM_ROOT_ENTRY_UNREADABLE)) {
            return WalkLog.END;
        }
        var words = log.read(address, 2);
        // Both halves have one form: LP and UP, LCTP and UCTP stand at the same places of their words.
        int half = (sourceId & UPPER_HALF) == 0 ? 0 : 1;
        boolean present = ScalableRootEntry.LP.isSet(words[half]);
        boolean good = present && (words[half] & ScalableRootEntry.LAYOUT.reservedMask(half)) == 0;
        long table = ScalableRootEntry.LCTP.inPlace(words[half]);
        log.add(String.format("root entry of bus %02x", sourceId >>> 8), address, ScalableRootEntry.LAYOUT, words,
                !present ? WalkLog.fault(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT)
                        : !good ? WalkLog.fault(FaultReason.SM_ROOT_ENTRY_RESERVED)
                        : String.format("context table of devices %s at %s", half == 0 ? "00 to 0f" : "10 to 1f", Hex.of(table)));
        return good ? table : WalkLog.END;
    }

    private void contextEntry(long table, int devfn, int pasid, long iova) {
        long address = table + (long) (devfn & UPPER_HALF - 1) * ScalableContextEntry.BYTES;
        if (!log.readable("context entry", address, ScalableContextEntry.BYTES, FaultReason.SM_CONTEXT_ENTRY_UNREADABLE)) {
            return;
        }
        var words = log.read(address, ScalableContextEntry.BYTES / Long.BYTES);
        int ridPasid = (int) ScalableContextEntry.RID_PASID.get(words[1]);
        int effective = pasid == Pasid.NONE ? ridPasid : pasid;
        boolean beyond = effective >= ScalableContextEntry.directoryEntries(words[0]) * PasidEntry.COUNT;
        Optional<FaultReason> wrong = !ScalableContextEntry.P.isSet(words[0]) ? Optional.of(FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT)
                : WalkLog.reserved(ScalableContextEntry.LAYOUT, words) ? Optional.of(FaultReason.SM_CONTEXT_ENTRY_RESERVED)
                : pasid != Pasid.NONE && !ScalableContextEntry.PASIDE.isSet(words[0])
                        ? Optional.of(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE)
                : pasid == ridPasid ? Optional.of(FaultReason.SM_PASID_IS_RID_PASID)
                : beyond ? Optional.of(FaultReason.SM_PASID_TOO_LARGE) : Optional.empty();
        long directory = ScalableContextEntry.PASIDDIRPTR.inPlace(words[0]);
        log.add(String.format("context entry of %02x.%x", devfn >>> 3, devfn & 7), address, ScalableContextEntry.LAYOUT, words,
                wrong.map(WalkLog::fault).orElseGet(() -> "PASID directory at " + Hex.of(directory)
                        + (pasid == Pasid.NONE ? ", PASID " + ridPasid + " for requests without one" : "")));
        if (wrong.isEmpty()) {
            directoryEntry(directory, effective, iova);
        }
    }

    private void directoryEntry(long directory, int pasid, long iova) {
        long address = directory + (long) PasidDirectoryEntry.index(pasid) * PasidDirectoryEntry.BYTES;
        String what = "PASID directory entry " + PasidDirectoryEntry.index(pasid);
        if (!log.readable(what, address, PasidDirectoryEntry.BYTES, FaultReason.PASID_DIRECTORY_ENTRY_UNREADABLE)) {
            return;
        }
        var words = log.read(address, 1);
        long table = PasidDirectoryEntry.SMPTBLPTR.inPlace(words[0]);
        boolean present = PasidDirectoryEntry.P.isSet(words[0]);
        boolean good = present && !WalkLog.reserved(PasidDirectoryEntry.LAYOUT, words);
        log.add(what, address, PasidDirectoryEntry.LAYOUT, words,
                !present ? WalkLog.fault(FaultReason.PASID_DIRECTORY_ENTRY_NOT_PRESENT)
                        : !good ? WalkLog.fault(FaultReason.PASID_DIRECTORY_ENTRY_RESERVED) : "PASID table at " + Hex.of(table));
        if (good) {
            pasidEntry(table + (long) PasidEntry.index(pasid) * PasidEntry.BYTES, pasid, iova);
        }
    }

    private void pasidEntry(long address, int pasid, long iova) {
        String what = "PASID entry " + pasid;
        if (!log.readable(what, address, PasidEntry.BYTES, FaultReason.PASID_ENTRY_UNREADABLE)) {
            return;
        }
        var words = log.read(address, PasidEntry.BYTES / Long.BYTES);
        var type = PasidTranslationType.of(PasidEntry.PGTT.get(words[0])).filter(each -> possible(each, words));
        var width = AddressWidth.of(PasidEntry.AW.get(words[0]))
                .filter(each -> CapabilityRegister.supports(capabilities.cap(), each));
        boolean firstOnly = type.filter(PasidTranslationType.FIRST_STAGE::equals).isPresent();
        Optional<FaultReason> wrong = !PasidEntry.P.isSet(words[0]) ? Optional.of(FaultReason.PASID_ENTRY_NOT_PRESENT)
                : WalkLog.reserved(PasidEntry.LAYOUT, words) ? Optional.of(FaultReason.PASID_ENTRY_RESERVED)
                : type.isEmpty() || width.isEmpty() && !firstOnly || PasidEntry.DID.get(words[1]) >= capabilities.domainIds()
                        ? Optional.of(FaultReason.PASID_ENTRY_INVALID)
                : type.get() == PasidTranslationType.SECOND_STAGE && iova >>> inputBits(width.get()) != 0
                        ? Optional.of(FaultReason.SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH)
                : type.get() == PasidTranslationType.PASS_THROUGH && iova >>> SecondStageEntry.ADDR.high() + 1 != 0
                        ? Optional.of(FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH)
                : Optional.empty();
        log.add(what, address, PasidEntry.LAYOUT, words, wrong.map(WalkLog::fault).orElseGet(() -> says(type.get(), width, words, iova)));
        if (wrong.isEmpty() && type.get() != PasidTranslationType.PASS_THROUGH) {
            stages(type.get(), width, words, iova);
        }
    }

    private int inputBits(AddressWidth width) {
        return Math.min(width.bits(), CapabilityRegister.guestAddressWidth(capabilities.cap()));
    }

    private boolean possible(PasidTranslationType type, long[] words) {
        boolean depth = FirstStageMode.of(PasidEntry.FSPM.get(words[2]))
                .filter(mode -> mode == FirstStageMode.LEVELS_4 || capabilities.fiveLevels()).isPresent();
        return switch (type) {
            case FIRST_STAGE -> capabilities.firstStage() && depth;
            case SECOND_STAGE -> capabilities.secondStage();
            case NESTED -> capabilities.nesting() && depth;
            case PASS_THROUGH -> capabilities.passThrough();
        };
    }

    private static String says(PasidTranslationType type, Optional<AddressWidth> width, long[] words, long iova) {
        String first = "first-stage table at " + Hex.of(PasidEntry.FSPTPTR.inPlace(words[2]));
        String second = width.map(each -> each.levels() + "-level ").orElse("") + "second-stage table at "
                + Hex.of(PasidEntry.SSPTPTR.inPlace(words[0]));
        String tables = switch (type) {
            case FIRST_STAGE -> first;
            case SECOND_STAGE -> second;
            case NESTED -> "nested: " + first + " on " + second;
            case PASS_THROUGH -> "pass-through: " + Hex.of(iova) + " is the physical address";
        };
        return tables + ", domain id " + PasidEntry.DID.get(words[1]);
    }

    private void stages(PasidTranslationType type, Optional<AddressWidth> width, long[] words, long iova) {
        var second = width.filter(each -> type != PasidTranslationType.FIRST_STAGE).map(each -> new SecondStageWalk(capabilities, log,
                PasidEntry.SSPTPTR.inPlace(words[0]), each.levels(), SecondStageWalk.Reasons.SCALABLE));
        if (type == PasidTranslationType.SECOND_STAGE) {
            second.orElseThrow().walk("", iova);
        } else {
            new FirstStageWalk(capabilities, log, PasidEntry.FSPTPTR.inPlace(words[2]),
                    FirstStageMode.of(PasidEntry.FSPM.get(words[2])).orElseThrow(), second).walk(iova);
        }
    }
}
