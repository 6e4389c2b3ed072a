package sluicegate.hw.smmuv3;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.ArmLpae;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Tables of stage 1, with an ASID: what a device's domain is by default, and the only kind that PASIDs can have. */
final class Stage1Domain extends PagingDomain {
    private final int asid;
    private final boolean dirty;

    private Stage1Domain(Smmuv3Unit unit, ArmLpae format, int asid, boolean dirty) {
        super(unit, format);
        this.asid = asid;
        this.dirty = dirty;
    }

    /** @throws IommuException ENOMEM, ENOSPC */
    static Stage1Domain create(Smmuv3Unit unit, boolean dirty) {
        var capabilities = unit.capabilities();
        var format = ArmLpae.stage1(capabilities.granuleShift(), capabilities.virtualBits(), capabilities.output().bits(),
                capabilities.pageSizes());
        int asid = unit.asids().allocate();
        try {
            return new Stage1Domain(unit, format, asid, dirty);
        } catch (IommuException e) {
            unit.asids().free(asid);
            throw e;
        }
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
        return master.contextEntry(master.nextPointer(), StreamTableEntry.S1DSS_SSID0, ats);
    }

    @Override
    void invalidate(long first, long last, long pageSize, boolean leaf) {
        unit().invalidator().stage1Range(asid, first, last, pageSize, leaf);
    }

    @Override
    void invalidateAll() {
        unit().invalidator().asid(asid);
    }

    @Override
    void freeTag() {
        unit().asids().free(asid);
    }

    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit().attachPasid(device, pasid, this);
    }
}
