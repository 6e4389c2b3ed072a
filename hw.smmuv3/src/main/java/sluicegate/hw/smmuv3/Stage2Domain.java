package sluicegate.hw.smmuv3;

import sluicegate.api.types.IommuException;
import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * Tables of stage 2, with a VMID: for units without stage 1, and as the parent of nested domains. Memory types are forced where
 * the unit can do that and guests could choose them.
 */
final class Stage2Domain extends PagingDomain {
    private final int vmid;
    private final boolean parent;
    private final boolean forcedWriteBack;
    private final long[] tags;

    private Stage2Domain(Smmuv3Unit unit, ArmLpae format, int vmid, boolean parent, boolean forcedWriteBack) {
        super(unit, format);
        this.vmid = vmid;
        this.parent = parent;
        this.forcedWriteBack = forcedWriteBack;
        // What stage 1 led to is cached with the result of both stages, under addresses that only the guest knows.
        this.tags = parent ? new long[] {InvalidationTarget.vmid(vmid), InvalidationTarget.stage1OfVmid(vmid)}
                : new long[] {InvalidationTarget.vmid(vmid)};
    }

    /** @throws IommuException ENOMEM, ENOSPC */
    static Stage2Domain create(Smmuv3Unit unit, boolean parent) {
        var capabilities = unit.capabilities();
        boolean forced = parent && capabilities.forcedWriteBack();
        int bits = capabilities.output().bits();
        var format = ArmLpae.stage2(capabilities.granuleShift(), bits, bits, capabilities.pageSizes(), forced);
        int vmid = unit.vmids().allocate();
        try {
            return new Stage2Domain(unit, format, vmid, parent, forced);
        } catch (IommuException e) {
            unit.vmids().free(vmid);
            throw e;
        }
    }

    int vmid() {
        return vmid;
    }

    /** Whether nested domains may be built on it. */
    boolean isParent() {
        return parent;
    }

    @Override
    long[] streamEntry(Master master, boolean ats) {
        return unit().entries().stage2(walk(), StreamTableEntry.S2TTB.setInPlace(0, table().top()), forcedWriteBack, ats,
                master.stalls());
    }

    /** Word 2 of the entry: VMID, and how tables are walked. */
    private long walk() {
        long walk = StreamTableEntry.S2VMID.set(0, vmid);
        walk = StreamTableEntry.S2T0SZ.set(walk, Long.SIZE - format().inputBits());
        walk = StreamTableEntry.S2SL0.set(walk, format().startLevelCode());
        walk = StreamTableEntry.S2IR0.set(walk, StreamEntries.WRITE_BACK);
        walk = StreamTableEntry.S2OR0.set(walk, StreamEntries.WRITE_BACK);
        walk = StreamTableEntry.S2SH0.set(walk, StreamEntries.INNER_SHAREABLE);
        walk = StreamTableEntry.S2TG.set(walk, ContextDescriptors.granule(format().granuleShift()));
        walk = StreamTableEntry.S2PS.set(walk, unit().capabilities().output().code());
        return walk | StreamTableEntry.S2AA64.mask() | StreamTableEntry.S2PTW.mask() | StreamTableEntry.S2R.mask();
    }

    @Override
    boolean allowsSubstreams() {
        return false;
    }

    @Override
    long[] tags() {
        return tags;
    }

    @Override
    void freeTag() {
        unit().vmids().free(vmid);
    }
}
