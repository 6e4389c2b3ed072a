package sluicegate.core.impl;

import java.util.BitSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** PASIDs that mean the same for all devices ({@code iommu_global_pasid_ida}). 0 is nobody's. Thread-safe. */
final class PasidAllocator {
    private final BitSet taken = new BitSet();

    PasidAllocator() {
        taken.set(0);
    }

    /**
     * The lowest that is free.
     *
     * @param limit one more than the largest that will do
     * @throws IommuException ENOSPC
     */
    synchronized int allocate(int limit) {
        int pasid = taken.nextClearBit(1);
        if (pasid >= limit) {
            throw IommuException.of(Errno.ENOSPC, "All PASIDs from 1 to %d are taken; free one first", limit - 1);
        }
        taken.set(pasid);
        return pasid;
    }

    /** @throws IommuException EINVAL if it is not taken */
    synchronized void free(int pasid) {
        if (pasid <= 0 || !taken.get(pasid)) {
            throw IommuException.of(Errno.EINVAL, "PASID %d was not taken", pasid);
        }
        taken.clear(pasid);
    }
}
