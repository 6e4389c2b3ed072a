package sluicegate.hw.smmuv3;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.driver.SharedTables;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Tables of stage 1, with an ASID: what a device's domain is by default, and the only kind that PASIDs can have. */
final class Stage1Domain extends PagingDomain {
    /** Width of addresses of an address space. */
    private static final int SHARED_BITS = 48;

    private final int asid;
    private final boolean dirty;
    private final long[] tags;

    private Stage1Domain(Smmuv3Unit unit, ArmLpae format, int asid, boolean dirty) {
        super(unit, format);
        this.asid = asid;
        this.dirty = dirty;
        this.tags = new long[] {InvalidationTarget.asid(asid)};
    }

    /** @throws IommuException ENOMEM, ENOSPC */
    static Stage1Domain create(Smmuv3Unit unit, boolean dirty) {
        var capabilities = unit.capabilities();
        int granule = capabilities.granuleShift();
        int input = capabilities.virtualBits();
        int output = capabilities.output().bits();
        var format = dirty ? ArmLpae.stage1WithDirtyState(granule, input, output, capabilities.pageSizes())
                : ArmLpae.stage1(granule, input, output, capabilities.pageSizes());
        int asid = unit.asids().allocate();
        try {
            return new Stage1Domain(unit, format, asid, dirty);
        } catch (IommuException e) {
            unit.asids().free(asid);
            throw e;
        }
    }

    private Stage1Domain(Smmuv3Unit unit, ArmLpae format, int asid, SharedTables tables) {
        super(unit, format, tables.top());
        this.asid = asid;
        this.dirty = false;
        this.tags = new long[] {InvalidationTarget.asid(asid)};
    }

    /**
     * For the tables of an address space ({@code arm_smmu_sva_domain_alloc}).
     *
     * @throws IommuException ENOSPC
     */
    static Stage1Domain shared(Smmuv3Unit unit, SharedTables tables) {
        var format = ArmLpae.stage1(12, SHARED_BITS, unit.capabilities().output().bits(), ArmLpae.SIZES_4K);
        return new Stage1Domain(unit, format, unit.asids().allocate(), tables);
    }

    /** Whether the unit can walk tables of {@link SharedTables.Format#ARM64_4K} ({@code arm_smmu_sva_supported}). */
    static boolean canShare(Smmuv3Capabilities capabilities) {
        return capabilities.stage1() && capabilities.granuleShift() == 12 && capabilities.virtualBits() >= SHARED_BITS;
    }

    int asid() {
        return asid;
    }

    @Override
    Optional<long[]> contextDescriptor(Master master) {
        return Optional.of(ContextDescriptors.stage1(asid, format(), table().top(), unit().capabilities().output(),
                master.stalls(), dirty));
    }

    @Override
    long[] streamEntry(Master master, boolean ats) {
        return master.contextEntry(StreamTableEntry.S1DSS_SSID0, ats);
    }

    @Override
    long[] tags() {
        return tags;
    }

    @Override
    void freeTag() {
        unit().asids().free(asid);
    }

    /** {@inheritDoc} Hardware keeps the dirty state all the time ({@code arm_smmu_set_dirty_tracking}). */
    @Override
    public void setDirtyTracking(boolean enabled) {
        requireDirtyState();
    }

    /**
     * {@inheritDoc}
     *
     * <p>When this returns no write goes unseen that comes later: pages that became clean were invalidated.
     */
    @Override
    public void readAndClearDirty(long iova, long size, boolean clear, DirtyPages pages) {
        requireDirtyState();
        var cleaned = new IotlbGather();
        table().visit(iova, size, (level, slot, entry, at) -> {
            if (ArmLpae.isDirty(entry)) {
                long bytes = 1L << format().leafShift(level, entry);
                pages.dirty(at, bytes);
                if (clear && unit().memory().compareAndSet64(slot, entry, ArmLpae.clean(entry))) {
                    cleaned.add(at, bytes, bytes);
                }
            }
        });
        iotlbSync(cleaned);
    }

    private void requireDirtyState() {
        if (!dirty) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: this domain has no dirty state; allocate one with DIRTY_TRACKING",
                    unit().name());
        }
    }

    /** The descriptor of a device whose address space has ended. */
    long[] quietDescriptor(Master master) {
        return ContextDescriptors.quiet(asid, master.stalls(), unit().capabilities().mustStall());
    }

    @Override
    public void spaceEnded(DeviceContext device, int pasid, DriverDomain blocked) {
        if (!unit().silencePasid(device, pasid, this)) {
            super.spaceEnded(device, pasid, blocked);
        }
    }

    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit().attachPasid(device, pasid, this);
    }
}
