package sluicegate.firmware;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a VT-d unit of a machine description can do: the part of its capability registers that no firmware table tells.
 *
 * @param addressWidth bits of a guest address (MGAW + 1): 39, 48 or 57
 * @param levels depths of second-stage tables that it walks (SAGAW): of 3, 4 and 5
 * @param pages2M leaves of 2 MiB
 * @param pages1G leaves of 1 GiB
 * @param cachingMode not-present entries may be cached too (CM)
 * @param domainIdBits bits of a domain id (ND): 4, 6, ... 16
 * @param queuedInvalidation QI
 * @param passThrough PT
 * @param faultRecords number of fault recording registers (NFR + 1), 1 to 128
 * @param deviceIotlb device TLBs (DT)
 * @param coherent table walks snoop the caches (C)
 * @param snoopControl SNP bit of second-stage entries (SC)
 * @param writeBufferFlush the write buffer has to be flushed after changes of tables (RWBF)
 * @param zeroLengthRead zero-length reads of write-only pages are allowed (ZLR)
 * @param pageSelectiveInvalidation PSI
 * @param drain IOTLB invalidations can drain reads and writes (DRD, DWD)
 */
public record VtdFeatures(
        int addressWidth,
        Set<Integer> levels,
        boolean pages2M,
        boolean pages1G,
        boolean cachingMode,
        int domainIdBits,
        boolean queuedInvalidation,
        boolean passThrough,
        int faultRecords,
        boolean deviceIotlb,
        boolean coherent,
        boolean snoopControl,
        boolean writeBufferFlush,
        boolean zeroLengthRead,
        boolean pageSelectiveInvalidation,
        boolean drain) {

    public VtdFeatures {
        levels = Collections.unmodifiableSortedSet(new TreeSet<>(levels));
    }

    /** 48 bits in 4 levels with 2 MiB and 1 GiB pages, coherent, 16-bit domain ids, queued invalidation, pass-through. */
    public static final VtdFeatures DEFAULT = new VtdFeatures(
            48, Set.of(4), true, true, false, 16, true, true, 8, false, true, true, false, true, true, true);
}
