package sluicegate.hw.vtd;

import java.util.List;
import java.util.Optional;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * What a guest has changed in its first-stage tables ({@code intel_nested_cache_invalidate_user}), as the members of {@code struct
 * iommu_hwpt_vtd_s1_invalidate} say it: address, number of 4K pages, flags. A guest's own descriptors name its domain ids and PASIDs, and
 * none of those are the unit's; whoever runs the guest knows to which nested domain they belong.
 */
final class GuestInvalidations {
    /** {@code IOMMU_VTD_INV_FLAGS_LEAF}: only entries that map pages have changed. */
    static final long LEAF = 1;
    /** As number of pages, from address 0: everything. */
    static final long ALL_PAGES = -1;
    private static final int WORDS = 3;
    private static final int PAGE_SHIFT = 12;

    private final NestedDomain domain;

    GuestInvalidations(NestedDomain domain) {
        this.domain = domain;
    }

    /** @throws IommuException EINVAL if the last invalidation has less than three words */
    GuestInvalidation carryOut(List<Long> words) {
        if (words.size() % WORDS != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: invalidations of a guest have three words each (address, number of pages, flags), "
                    + "and these are %d words", unit(), words.size());
        }
        int done = 0;
        try {
            for (; done < words.size() / WORDS; done++) {
                carryOut(words.get(WORDS * done), words.get(WORDS * done + 1), words.get(WORDS * done + 2), done);
            }
            return new GuestInvalidation(done, Optional.empty());
        } catch (IommuException e) {
            return new GuestInvalidation(done, Optional.of(e));
        }
    }

    private void carryOut(long address, long pages, long flags, int index) {
        if ((flags & ~LEAF) != 0) {
            throw refused(Errno.EOPNOTSUPP, index, "flags %s are unknown; there is LEAF (1)", Hex.of(flags));
        }
        if (pages == ALL_PAGES && address == 0) {
            domain.guestChanged(0, -1L, flags == LEAF);
            return;
        }
        long last = address + (pages << PAGE_SHIFT) - 1;
        boolean whole = (address & (1L << PAGE_SHIFT) - 1) == 0;
        if (!whole || pages == 0 || pages >>> Long.SIZE - PAGE_SHIFT != 0 || Long.compareUnsigned(last, address) < 0) {
            throw refused(Errno.EINVAL, index, "%s pages from %s are no range of whole pages; who means all says 2^64 - 1 pages from 0",
                    Long.toUnsignedString(pages), Hex.of(address));
        }
        domain.guestChanged(address, last, flags == LEAF);
    }

    private IommuException refused(Errno errno, int index, String why, Object... arguments) {
        return IommuException.of(errno, "%s: invalidation %d of a guest is refused: %s", unit(), index, String.format(why, arguments));
    }

    private String unit() {
        return domain.unit().name();
    }
}
