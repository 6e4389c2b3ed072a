package sluicegate.capture.driver;

import java.util.List;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.platform.TranslationProbe;
import sluicegate.api.types.Access;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.Translation;

/**
 * The domain that the kernel had made for a group. Its mappings are in the captured tables. The core maps direct regions one to
 * one into each default domain, which the kernel had done too: that is accepted, and everything else refused.
 */
final class CapturedPagingDomain implements DriverDomain {
    private static final long PAGE = 4096;

    private final IommuUnit unit;
    private final String group;
    private final int requesterId;
    private final List<ReservedRegion> direct;
    private final Runnable whenFree;

    /**
     * @param anchor a device of the group
     * @param reserved its reserved regions
     * @param whenFree called when the core gives the domain back
     */
    CapturedPagingDomain(IommuUnit unit, DeviceContext anchor, List<ReservedRegion> reserved, Runnable whenFree) {
        this.unit = unit;
        this.group = CapturedUnitOps.kernelGroup(anchor);
        this.requesterId = anchor.ids().stream().findFirst().orElse(0);
        this.direct = reserved.stream().filter(region -> region.type() == ReservedRegion.Type.DIRECT
                || region.type() == ReservedRegion.Type.DIRECT_RELAXABLE).toList();
        this.whenFree = whenFree;
    }

    @Override
    public DomainType type() {
        return DomainType.UNMANAGED;
    }

    @Override
    public long pageSizes() {
        return PAGE;
    }

    @Override
    public void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        if (!CapturedUnitOps.kernelGroup(device).equals(group)) {
            throw CapturedUnitOps.refusal(device.name() + " can't be attached to another group's domain");
        }
    }

    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        throw CapturedUnitOps.refusal("PASID " + pasid + " of " + device.name() + " can't be attached");
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        long size = pageSize * count;
        if (iova == address && direct.stream().anyMatch(region -> holds(region, iova, size))) {
            return size;
        }
        throw CapturedUnitOps.refusal(Hex.range(iova, size) + " can't be mapped");
    }

    /** Whether the range is in the pages that the region touches. */
    private static boolean holds(ReservedRegion region, long iova, long size) {
        return Long.compareUnsigned(iova, region.start() & -PAGE) >= 0
                && Long.compareUnsigned(iova + size - 1, region.end() | PAGE - 1) <= 0;
    }

    @Override
    public long unmapPages(long iova, long pageSize, long count, IotlbGather gather) {
        throw CapturedUnitOps.refusal(Hex.range(iova, pageSize * count) + " can't be unmapped");
    }

    /** As the unit's model finds it in the captured tables. */
    @Override
    public long iovaToPhys(long iova) {
        if (!(unit instanceof TranslationProbe hardware)) {
            throw IommuException.of(Errno.EOPNOTSUPP, "Nothing walks the captured tables of unit %s", unit.name());
        }
        for (var access : List.of(Access.READ, Access.WRITE)) {
            if (hardware.probe(requesterId, Pasid.NONE, iova, access) instanceof Translation.Mapped mapped) {
                return mapped.address();
            }
        }
        return NOT_MAPPED;
    }

    @Override
    public void free() {
        whenFree.run();
    }
}
