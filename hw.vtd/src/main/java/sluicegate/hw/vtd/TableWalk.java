package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.WalkStep;
import sluicegate.spec.Layout;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * Reads what the hardware would read for one request, entry by entry (sections 3.4 and 3.7), from the registers and the
 * memory as they are now and not from what the driver believes. The last step's outcome is the answer.
 */
final class TableWalk {
    private final VtdCapabilities capabilities;
    private final VtdWindow window;
    private final PhysicalMemory memory;
    private final List<WalkStep> steps = new ArrayList<>();

    TableWalk(VtdCapabilities capabilities, VtdWindow window, PhysicalMemory memory) {
        this.capabilities = capabilities;
        this.window = window;
        this.memory = memory;
    }

    List<WalkStep> walk(int sourceId, int pasid, long iova) {
        long root = rootTable(pasid);
        if (root >= 0) {
            long contexts = rootEntry(root, sourceId >>> 8);
            if (contexts >= 0) {
                contextEntry(contexts, sourceId & 0xff, iova);
            }
        }
        return List.copyOf(steps);
    }

    private long rootTable(int pasid) {
        long value = window.read64(RootTableAddressRegister.OFFSET);
        long root = RootTableAddressRegister.RTA.inPlace(value);
        String outcome;
        boolean on = false;
        if (!window.status(GlobalStatusRegister.TES)) {
            outcome = "translation is off (GSTS_REG.TES is 0): every address passes unchanged";
        } else if (RootTableAddressRegister.TTM.get(value) == RootTableAddressRegister.ABORT_DMA_MODE) {
            outcome = fault(FaultReason.TABLE_MODE_ABORT);
        } else if (RootTableAddressRegister.TTM.get(value) != RootTableAddressRegister.LEGACY_MODE) {
            outcome = "not the legacy mode: this driver knows no other";
        } else if (pasid != Pasid.NONE) {
            outcome = fault(FaultReason.TABLE_MODE_NO_PASID);
        } else {
            outcome = "root table at " + Hex.of(root);
            on = true;
        }
        steps.add(new WalkStep("root table address register", RootTableAddressRegister.OFFSET, List.of(value),
                Decoding.fields(RootTableAddressRegister.LAYOUT, value), outcome));
        return on ? root : -1;
    }

    private long rootEntry(long root, int bus) {
        long address = root + (long) bus * RootEntry.BYTES;
        if (!readable("root entry", address, RootEntry.BYTES, FaultReason.ROOT_ENTRY_UNREADABLE)) {
            return -1;
        }
        long low = memory.get64Acquire(address);
        long high = memory.get64Acquire(address + Long.BYTES);
        long table = RootEntry.CTP.inPlace(low);
        String outcome = "context table at " + Hex.of(table);
        if (!RootEntry.P.isSet(low)) {
            table = -1;
            outcome = fault(FaultReason.ROOT_ENTRY_NOT_PRESENT);
        } else if (reserved(RootEntry.LAYOUT, low, high)) {
            table = -1;
            outcome = fault(FaultReason.ROOT_ENTRY_RESERVED);
        }
        steps.add(new WalkStep(String.format("root entry of bus %02x", bus), address, List.of(low, high),
                Decoding.fields(RootEntry.LAYOUT, low, high), outcome));
        return table;
    }

    private void contextEntry(long table, int devfn, long iova) {
        long address = table + (long) devfn * ContextEntry.BYTES;
        if (!readable("context entry", address, ContextEntry.BYTES, FaultReason.CONTEXT_ENTRY_UNREADABLE)) {
            return;
        }
        long low = memory.get64Acquire(address);
        long high = memory.get64Acquire(address + Long.BYTES);
        var type = TranslationType.of(ContextEntry.TT.get(low));
        var width = AddressWidth.of(ContextEntry.AW.get(high))
                .filter(each -> CapabilityRegister.supports(capabilities.cap(), each));
        boolean goesOn = false;
        String outcome;
        if (!ContextEntry.P.isSet(low)) {
            outcome = fault(FaultReason.CONTEXT_ENTRY_NOT_PRESENT);
        } else if (reserved(ContextEntry.LAYOUT, low, high)) {
            outcome = fault(FaultReason.CONTEXT_ENTRY_RESERVED);
        } else if (width.isEmpty() || type.isEmpty() || !supports(type.get())
                || ContextEntry.DID.get(high) >= capabilities.domainIds()) {
            outcome = fault(FaultReason.CONTEXT_ENTRY_INVALID);
        } else if (iova >>> addressBits(type.get(), width.get()) != 0) {
            outcome = fault(FaultReason.ADDRESS_BEYOND_WIDTH);
        } else if (type.get() == TranslationType.PASS_THROUGH) {
            outcome = "pass-through: " + Hex.of(iova) + " is the physical address";
        } else {
            goesOn = true;
            outcome = width.get().levels() + "-level second-stage table at " + Hex.of(ContextEntry.SSPTPTR.inPlace(low))
                    + ", domain id " + ContextEntry.DID.get(high);
        }
        steps.add(new WalkStep(String.format("context entry of %02x.%x", devfn >>> 3, devfn & 7), address, List.of(low, high),
                Decoding.fields(ContextEntry.LAYOUT, low, high), outcome));
        if (goesOn) {
            secondStage(ContextEntry.SSPTPTR.inPlace(low), width.get().levels(), iova);
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

    private void secondStage(long top, int levels, long iova) {
        long table = top;
        long granted = SecondStageEntry.RW;
        for (int level = levels; level >= 1; level--) {
            int shift = 12 + 9 * (level - 1);
            long address = table + (iova >>> shift & 0x1ff) * SecondStageEntry.BYTES;
            if (!readable("second-stage level " + level, address, SecondStageEntry.BYTES,
                    level == levels ? FaultReason.CONTEXT_ENTRY_INVALID : FaultReason.SECOND_STAGE_ENTRY_UNREADABLE)) {
                return;
            }
            long entry = memory.get64Acquire(address);
            granted &= entry;
            boolean leaf = SecondStageEntry.isLeaf(level, entry);
            String outcome;
            boolean goesOn = false;
            if ((entry & SecondStageEntry.RW) == 0) {
                outcome = "not present: a read faults with " + fault(FaultReason.READ_NOT_PERMITTED) + "; a write with "
                        + fault(FaultReason.WRITE_NOT_PERMITTED);
            } else if ((entry & reservedBits(level, entry)) != 0) {
                outcome = fault(FaultReason.SECOND_STAGE_ENTRY_RESERVED);
            } else if (leaf) {
                long page = SecondStageEntry.pageAddress(level).inPlace(entry);
                int prot = ((granted & SecondStageEntry.R.mask()) != 0 ? Prot.READ : 0)
                        | ((granted & SecondStageEntry.W.mask()) != 0 ? Prot.WRITE : 0) | Prot.NOEXEC;
                outcome = Hex.of(page | iova & (1L << shift) - 1) + ", permissions " + Prot.toString(prot) + ", in a page of "
                        + Hex.of(1L << shift);
            } else {
                table = SecondStageEntry.ADDR.inPlace(entry);
                outcome = "table of level " + (level - 1) + " at " + Hex.of(table);
                goesOn = true;
            }
            steps.add(new WalkStep("second-stage entry of level " + level, address, List.of(entry),
                    Decoding.fields(SecondStageEntry.layout(level, entry), entry), outcome));
            if (!goesOn) {
                return;
            }
        }
    }

    /** Bits that are reserved in an entry, with those of features and page sizes that this unit lacks. */
    private long reservedBits(int level, long entry) {
        long bits = SecondStageEntry.layout(level, entry).reservedMask(0);
        if (level > 1 && (capabilities.pageSizes() >>> 12 + 9 * (level - 1) & 1) == 0) {
            bits |= SecondStageEntry.PS.mask();
        }
        if (SecondStageEntry.isLeaf(level, entry)) {
            bits |= capabilities.snoopControl() ? 0 : SecondStageEntry.SNP.mask();
            bits |= capabilities.deviceTlb() ? 0 : SecondStageEntry.TM.mask();
        }
        return bits;
    }

    private boolean readable(String what, long address, int size, FaultReason reason) {
        if (memory.contains(address, size)) {
            return true;
        }
        steps.add(new WalkStep(what, address, List.of(), List.of(), fault(reason)));
        return false;
    }

    private static boolean reserved(Layout layout, long low, long high) {
        return (low & layout.reservedMask(0) | high & layout.reservedMask(1)) != 0;
    }

    private static String fault(FaultReason reason) {
        return reason.name() + ", " + reason.sentence();
    }
}
