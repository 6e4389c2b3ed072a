package sluicegate.hw.vtd;

import sluicegate.api.types.Hex;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.TranslationType;

/** The walk of legacy mode (section 3.4.2): root entry, context entry, second stage. */
record LegacyWalk(VtdCapabilities capabilities, WalkLog log) {

    void walk(long root, int sourceId, long iova) {
        long contexts = rootEntry(root, sourceId >>> 8);
        if (contexts != WalkLog.END) {
            contextEntry(contexts, sourceId & 0xff, iova);
        }
    }

    private long rootEntry(long root, int bus) {
        long address = root + (long) bus * RootEntry.BYTES;
        if (!log.readable("root entry", address, RootEntry.BYTES, FaultReason.ROOT_ENTRY_UNREADABLE)) {
            return WalkLog.END;
        }
        var words = log.read(address, 2);
        boolean present = RootEntry.P.isSet(words[0]);
        boolean good = present && !WalkLog.reserved(RootEntry.LAYOUT, words);
        long table = RootEntry.CTP.inPlace(words[0]);
        log.add(String.format("root entry of bus %02x", bus), address, RootEntry.LAYOUT, words,
                !present ? WalkLog.fault(FaultReason.ROOT_ENTRY_NOT_PRESENT)
                        : !good ? WalkLog.fault(FaultReason.ROOT_ENTRY_RESERVED) : "context table at " + Hex.of(table));
        return good ? table : WalkLog.END;
    }

    private void contextEntry(long table, int devfn, long iova) {
        long address = table + (long) devfn * ContextEntry.BYTES;
        if (!log.readable("context entry", address, ContextEntry.BYTES, FaultReason.CONTEXT_ENTRY_UNREADABLE)) {
            return;
        }
        var words = log.read(address, 2);
        var type = TranslationType.of(ContextEntry.TT.get(words[0]));
        var width = AddressWidth.of(ContextEntry.AW.get(words[1]))
                .filter(each -> CapabilityRegister.supports(capabilities.cap(), each));
        boolean goesOn = false;
        String outcome;
        if (!ContextEntry.P.isSet(words[0])) {
            outcome = WalkLog.fault(FaultReason.CONTEXT_ENTRY_NOT_PRESENT);
        } else if (WalkLog.reserved(ContextEntry.LAYOUT, words)) {
            outcome = WalkLog.fault(FaultReason.CONTEXT_ENTRY_RESERVED);
        } else if (width.isEmpty() || type.isEmpty() || !supports(type.get())
                || ContextEntry.DID.get(words[1]) >= capabilities.domainIds()) {
            outcome = WalkLog.fault(FaultReason.CONTEXT_ENTRY_INVALID);
        } else if (iova >>> addressBits(type.get(), width.get()) != 0) {
            outcome = WalkLog.fault(FaultReason.ADDRESS_BEYOND_WIDTH);
        } else if (type.get() == TranslationType.PASS_THROUGH) {
            outcome = "pass-through: " + Hex.of(iova) + " is the physical address";
        } else {
            goesOn = true;
            outcome = width.get().levels() + "-level second-stage table at " + Hex.of(ContextEntry.SSPTPTR.inPlace(words[0]))
                    + ", domain id " + ContextEntry.DID.get(words[1]);
        }
        log.add(String.format("context entry of %02x.%x", devfn >>> 3, devfn & 7), address, ContextEntry.LAYOUT, words, outcome);
        if (goesOn) {
            new SecondStageWalk(capabilities, log, ContextEntry.SSPTPTR.inPlace(words[0]), width.get().levels(),
                    SecondStageWalk.Reasons.LEGACY).walk("", iova);
        }
    }

    /** What passes through is a physical address; how wide those are on this platform, no register says. */
    private int addressBits(TranslationType type, AddressWidth width) {
        return type == TranslationType.PASS_THROUGH
                ? SecondStageEntry.ADDR.high() + 1
                : Math.min(width.bits(), CapabilityRegister.guestAddressWidth(capabilities.cap()));
    }

    private boolean supports(TranslationType type) {
        return switch (type) {
            case UNTRANSLATED -> true;
            case DEVICE_TLB -> capabilities.deviceTlb();
            case PASS_THROUGH -> capabilities.passThrough();
        };
    }
}
