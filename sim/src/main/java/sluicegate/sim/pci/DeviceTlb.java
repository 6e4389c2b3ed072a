package sluicegate.sim.pci;

import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;

/**
 * The address translation cache of a device (PCI Express 10.1.1): what units answered to its translation requests, in pages of
 * 4 KiB, until an invalidation says otherwise. One page for each place, the last one that was asked for.
 *
 * <p>Thread-safe. As in every cache here, what was asked for before an invalidation is not kept after it.
 */
final class DeviceTlb {
    /** What {@link #find} says when there is nothing. */
    static final long NONE = -1;

    private static final int PAGE_SHIFT = 12;
    private static final int PLACES = 256;

    private final boolean[] used = new boolean[PLACES];
    private final int[] pasids = new int[PLACES];
    private final long[] pages = new long[PLACES];
    private final long[] addresses = new long[PLACES];
    private final int[] prots = new int[PLACES];
    private long invalidations;

    private static int place(int pasid, long page) {
        // PASIDs are apart, so that the pages of a few of them find room.
        return (int) (page ^ page >>> 8 ^ pasid * 37L) & PLACES - 1;
    }

    /** The translated address, or {@link #NONE} if the device has none that permits the access. */
    synchronized long find(int pasid, long iova, boolean write) {
        long page = iova >>> PAGE_SHIFT;
        int place = place(pasid, page);
        int wanted = write ? Prot.WRITE : Prot.READ;
        boolean found = used[place] && pasids[place] == pasid && pages[place] == page && (prots[place] & wanted) != 0;
        return found ? addresses[place] | iova & (1L << PAGE_SHIFT) - 1 : NONE;
    }

    /** To be asked before a translation request goes out; for {@link #fill}. */
    synchronized long since() {
        return invalidations;
    }

    /** Keeps an answer, unless something was invalidated since the request. */
    synchronized void fill(int pasid, long iova, AtsCompletion answer, long since) {
        if (invalidations != since || answer.prot() == 0) {
            return;
        }
        long page = iova >>> PAGE_SHIFT;
        int place = place(pasid, page);
        used[place] = true;
        pasids[place] = pasid;
        pages[place] = page;
        addresses[place] = address(answer, iova) & -1L << PAGE_SHIFT;
        prots[place] = answer.prot();
    }

    /** Where an address is, by an answer for the page that holds it. */
    static long address(AtsCompletion answer, long iova) {
        return answer.address() & -answer.size() | iova & answer.size() - 1;
    }

    /**
     * An invalidation. Without PASID it takes pages of all (PCI Express 10.3.8); so does a global one.
     *
     * @param address first address
     * @param size in bytes, 0 for everything
     */
    synchronized void invalidate(int pasid, boolean global, long address, long size) {
        invalidations++;
        long first = address >>> PAGE_SHIFT;
        long last = size == 0 ? -1L >>> PAGE_SHIFT : address + size - 1 >>> PAGE_SHIFT;
        for (int place = 0; place < PLACES; place++) {
            boolean meant = pasid == Pasid.NONE || global && pasids[place] != Pasid.NONE || pasids[place] == pasid;
            if (meant && (size == 0 || pages[place] >= first && pages[place] <= last)) {
                used[place] = false;
            }
        }
    }
}
