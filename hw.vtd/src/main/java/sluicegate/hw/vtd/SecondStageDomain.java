package sluicegate.hw.vtd;

import java.util.Arrays;
import java.util.Set;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.pgtable.VtdSecondStage;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.SecondStageEntry;
import sluicegate.spec.vtd.TranslationType;

/**
 * Tables of the second stage (section 9.8): all that legacy mode has; in scalable mode the parent of nested domains, and what keeps
 * dirty bits.
 */
final class SecondStageDomain extends PagingDomain {
    private static final NestedDomain[] NO_CHILDREN = {};

    private final boolean parent;
    private final boolean dirtyState;
    private volatile NestedDomain[] children = NO_CHILDREN;
    private volatile boolean forceSnoop;
    private volatile boolean tracking;

    /** @throws IommuException ENOMEM, ENOSPC */
    SecondStageDomain(VtdUnit unit, Set<AllocFlag> flags) {
        super(unit, new VtdSecondStage(unit.capabilities().width(), unit.capabilities().pageSizes()), flags);
        parent = flags.contains(AllocFlag.NEST_PARENT);
        dirtyState = flags.contains(AllocFlag.DIRTY_TRACKING);
    }

    /** Whether nested domains may be built on it. */
    boolean isParent() {
        return parent;
    }

    boolean forcesSnoop() {
        return forceSnoop;
    }

    boolean tracksDirty() {
        return tracking;
    }

    @Override
    public long apertureEnd() {
        return (1L << unit().capabilities().apertureBits()) - 1;
    }

    @Override
    long contextLow() {
        return ContextEntry.SSPTPTR.setInPlace(ContextEntry.P.mask(), table().top())
                | ContextEntry.TT.set(0, TranslationType.UNTRANSLATED.code());
    }

    @Override
    long contextHigh() {
        return ContextEntry.DID.set(ContextEntry.AW.set(0, unit().capabilities().width().code()), id());
    }

    @Override
    PasidWords pasidEntry(int pasid) {
        var capabilities = unit().capabilities();
        var words = PasidWords.secondStage(id(), table().top(), capabilities).trackingDirty(tracking);
        return pasid != Pasid.NONE && capabilities.supervisorRequests() ? words.with(PasidEntry.SRE.mask()) : words;
    }

    @Override
    public long mapPages(long iova, long address, long pageSize, long count, int prot) {
        boolean snoop = forceSnoop || (prot & Prot.CACHE) != 0 && unit().capabilities().snoopControl();
        return table().map(iova, address, pageSize, count, snoop ? prot | Prot.CACHE : prot & ~Prot.CACHE);
    }

    @Override
    public void iotlbSyncMap(long iova, long size) {
        if (unit().capabilities().cachingMode()) {
            if (size != 0 && isUsed()) {
                invalidate(iova, iova + size - 1, false);
            }
        } else if (unit().capabilities().writeBufferFlush()) {
            unit().window().flushWriteBuffer();
        }
    }

    @Override
    void invalidate(long first, long last, boolean leavesOnly) {
        unit().invalidator().iotlbRange(id(), first, last, leavesOnly);
        for (var child : children) {
            child.parentChanged();
        }
    }

    @Override
    void invalidateAll() {
        unit().invalidator().iotlbDomain(id());
        for (var child : children) {
            child.parentChanged();
        }
    }

    /** A device is about to use a nested domain on top of this one. */
    synchronized void addChild(NestedDomain child) {
        acquire();
        var now = children;
        var next = Arrays.copyOf(now, now.length + 1);
        next[now.length] = child;
        children = next;
    }

    synchronized void removeChild(NestedDomain child) {
        int at = Arrays.asList(children).indexOf(child);
        var next = Arrays.copyOf(children, children.length - 1);
        System.arraycopy(children, at + 1, next, at, next.length - at);
        children = next;
        release();
    }

    /**
     * {@inheritDoc}
     *
     * <p>The kernel refuses that once something is mapped ({@code intel_iommu_enforce_cache_coherency_ss}). Here the entries of pages
     * change in place, one bit each, beside what hardware sets in them; nested domains on top of this one snoop in the first stage too.
     */
    @Override
    public boolean enforceCacheCoherency() {
        if (!unit().capabilities().snoopControl()) {
            return false;
        }
        forceSnoop = true;
        table().visit((level, slot, entry, iova) -> {
            for (long now = entry; !SecondStageEntry.SNP.isSet(now)
                    && !unit().memory().compareAndSet64(slot, now, SecondStageEntry.SNP.set(now, 1));) {
                now = unit().memory().get64Acquire(slot);
            }
        });
        for (var child : children) {
            child.refreshEntries();
        }
        flushIotlbAll();
        return true;
    }

    /**
     * {@inheritDoc}
     *
     * <p>It is switched in one store of each PASID entry, so that no DMA is refused ({@code intel_iommu_set_dirty_tracking}).
     */
    @Override
    public void setDirtyTracking(boolean enabled) {
        requireDirtyState();
        tracking = enabled;
        refreshEntries();
        for (var child : children) {
            child.refreshEntries();
        }
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
            if (SecondStageEntry.D.isSet(entry)) {
                long bytes = 1L << table().format().leafShift(level, entry);
                pages.dirty(at, bytes);
                if (clear && unit().memory().compareAndSet64(slot, entry, SecondStageEntry.D.clear(entry))) {
                    cleaned.add(at, bytes, bytes);
                }
            }
        });
        iotlbSync(cleaned);
    }

    private void requireDirtyState() {
        if (!dirtyState) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: this domain has no dirty state; allocate one with DIRTY_TRACKING",
                    unit().name());
        }
    }
}
