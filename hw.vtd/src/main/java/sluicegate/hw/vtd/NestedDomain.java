package sluicegate.hw.vtd;

import java.util.List;
import java.util.Map;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.IommuException;

/**
 * A guest's first-stage tables on top of a parent of the second stage ({@code intel_iommu_domain_alloc_nested}).
 *
 * <p>It has a domain id of its own and not its parent's: two guests' tables that are used under one PASID must not be mixed up in the
 * IOTLB.
 */
final class NestedDomain extends TaggedDomain {
    private final SecondStageDomain parent;
    private final GuestFirstStage guest;
    private boolean freed;

    /** @throws IommuException ENOSPC without a free domain id */
    NestedDomain(SecondStageDomain parent, GuestFirstStage guest) {
        super(parent.unit());
        this.parent = parent;
        this.guest = guest;
    }

    @Override
    public DomainType type() {
        return DomainType.NESTED;
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        return PasidWords.nested(id(), guest.top(), guest.mode(), parent.table().top(), unit().capabilities())
                .with(guest.entryBits()).snooping(parent.forcesSnoop()).trackingDirty(parent.tracksDirty());
    }

    @Override
    boolean servesPageRequests() {
        return parent.servesPageRequests();
    }

    @Override
    synchronized void acquire() {
        if (!isUsed()) {
            parent.addChild(this);
        }
        super.acquire();
    }

    @Override
    synchronized void release() {
        super.release();
        if (!isUsed()) {
            parent.removeChild(this);
        }
    }

    /**
     * The parent's mappings have changed. Nobody knows which of the guest's addresses led there: all that is cached of both stages
     * together goes, in the unit and in the devices ({@code cache_tag_flush_range} of a nesting tag).
     */
    void parentChanged() {
        unit().invalidator().iotlbDomain(id());
        forgetInDevices();
    }

    /** {@inheritDoc} See {@link GuestInvalidations} for their format; they name no devices. */
    @Override
    public GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, DeviceContext> devices) {
        return new GuestInvalidations(this).carryOut(commands);
    }

    /**
     * The guest has changed what it maps at {@code [first, last]} of its own addresses.
     *
     * @param leavesOnly whether that was only in entries that map pages
     */
    void guestChanged(long first, long last, boolean leavesOnly) {
        for (int slot : users().slots()) {
            unit().scalable().iotlbRange(id(), slot, first, last, leavesOnly);
        }
        for (long user : users().deviceTlbs()) {
            unit().deviceTlbs().forgetRange(user, first, last);
        }
    }

    @Override
    synchronized void discard() {
        if (!freed) {
            freed = true;
            unit().domainIds().free(id());
        }
    }
}
