package sluicegate.firmware;

import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * What a VT-d unit of a machine description can do: the part of its capability registers that no firmware table tells.
 *
 * @param addressWidth bits of a guest address (MGAW + 1): 39, 48 or 57, at most what the deepest table covers
 * @param levels depths of second-stage tables that it walks (SAGAW): of 3, 4 and 5, at least one; ascending
 * @param pages2M leaves of 2 MiB (SSLPS)
 * @param pages1G leaves of 1 GiB (SSLPS)
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
 * @param protectedLowMemory a range below 4 GiB can be protected from DMA (PLMR)
 * @param protectedHighMemory another range can, wherever it is (PHMR)
 * @param enhancedRootPointer setting the root table pointer empties all caches, and may change the mode of tables while
 *     translation is on (ESRTPS)
 * @param scalable what it can do in scalable mode
 * @param interrupts what it does with interrupts
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
        boolean drain,
        boolean protectedLowMemory,
        boolean protectedHighMemory,
        boolean enhancedRootPointer,
        VtdScalable scalable,
        VtdInterrupts interrupts) {

    private static final Set<Integer> WIDTHS = Set.of(39, 48, 57);
    private static final Set<Integer> LEVELS = Set.of(3, 4, 5);
    private static final int MOST_FAULT_RECORDS = 128;

    /**
     * 48 bits in 4 levels with 2 MiB and 1 GiB pages, coherent, 16-bit domain ids, queued invalidation, pass-through, 8
     * fault records; no caching mode, device TLBs, write buffer, protected memory, enhanced root pointer, scalable mode or
     * interrupt remapping.
     */
    public static final VtdFeatures DEFAULT = new VtdFeatures(
            48, Set.of(4), true, true, false, 16, true, true, 8, false, true, true, false, true, true, true,
            false, false, false, VtdScalable.NONE, VtdInterrupts.NONE);

    /** @throws IommuException EINVAL if the rules above are broken */
    public VtdFeatures {
        levels = Collections.unmodifiableSortedSet(new TreeSet<>(levels));
        check(addressWidth, levels, faultRecords);
        require(domainIdBits >= 4 && domainIdBits <= 16 && domainIdBits % 2 == 0,
                "%d is no width of a domain id; it is even and from 4 to 16", domainIdBits);
        require(deviceIotlb || !scalable.pageRequests(), "only devices with device TLBs ask for pages");
    }

    static void check(int addressWidth, Set<Integer> levels, int faultRecords) {
        require(WIDTHS.contains(addressWidth), "%d is no address width; there are 39, 48 and 57", addressWidth);
        require(!levels.isEmpty() && LEVELS.containsAll(levels), "%s are no table depths; there are 3, 4 and 5", levels);
        int covered = Collections.max(levels) * 9 + 12;
        require(addressWidth <= covered, "tables of %s levels cover %d bits, less than the address width of %d",
                levels, covered, addressWidth);
        require(faultRecords >= 1 && faultRecords <= MOST_FAULT_RECORDS, "%d fault records are not between 1 and %d",
                faultRecords, MOST_FAULT_RECORDS);
    }

    /** The depth of table that an address width takes. */
    static int levelsFor(int addressWidth) {
        return (addressWidth - 12 + 8) / 9;
    }

    private static void require(boolean rule, String format, Object... args) {
        if (!rule) {
            throw IommuException.of(Errno.EINVAL, format, args);
        }
    }
}
