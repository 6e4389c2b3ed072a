package sluicegate.core.impl.iova;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;

/**
 * Gives out ranges of an address space for devices, from the top down, each aligned to its size rounded up to a power of two
 * ({@code struct iova_domain}). The page at 0 is never given out, so 0 can stand for none.
 *
 * <p>Because of the alignment a range crosses no multiple of a power of two that is not smaller than its rounded size: that is how
 * boundaries are honoured. Ranges of up to 32 pages take whole powers of two, as in the kernel, so that caches can give them out
 * again at once; larger ones take what they need, but need the rounded size to be free when they are allocated.
 *
 * <p>Thread-safe. Allocates nothing once its caches and the tree behind them have grown to what is in use.
 */
public final class IovaAllocator {
    private static final Logger LOG = LoggerFactory.getLogger(IovaAllocator.class);
    /** What {@link #tryAllocate} returns if there is nothing. */
    public static final long NONE = 0;
    /** The last address that 32 bits can name. */
    public static final long LAST_32BIT = 0xffff_ffffL;

    private final String owner;
    private final int shift;
    private final long lastPage;
    private final FreePages tree;
    private final Depot depot;
    private volatile Magazines magazines;
    private volatile Runnable whenCrowded = () -> { };
    /**
     * A space in which all is free but what lies outside [{@code start}, {@code end}] and the page at 0.
     *
     * @param owner what the space belongs to, for messages
     * @param granule bytes of a page, a power of two of at least 64
     * @param end the last address, {@code -1} for 2^64 - 1
     * @throws IommuException EINVAL if the granule is none or no whole page lies between start and end
     */
    public IovaAllocator(String owner, long granule, long start, long end) {
        this(owner, granule, start, end, FreePages.MAX_NODES);
    }

    IovaAllocator(String owner, long granule, long start, long end, int maxNodes) {
        this.owner = owner;
        shift = Long.numberOfTrailingZeros(granule);
        if (Long.bitCount(granule) != 1 || shift < 6 || shift == 63) {
            throw IommuException.of(Errno.EINVAL, "A page of %s can't have %s bytes: that is no power of two of at least 64", owner,
                    Hex.of(granule));
        }
        lastPage = pagesBelow(end) - 1;
        long firstPage = Math.max(1, (start >>> shift) + ((start & granule - 1) == 0 ? 0 : 1));
        if (firstPage > lastPage) {
            throw IommuException.of(Errno.EINVAL, "%s has no page of %s between %s and %s", owner, Hex.of(granule), Hex.of(start),
                    Hex.of(end));
        }
        tree = new FreePages(lastPage + 1, maxNodes);
        tree.set(0, firstPage - 1, false);
        depot = new Depot(stripes());
    }

    private static int stripes() {
        return Math.max(2, 2 * Integer.highestOneBit(Runtime.getRuntime().availableProcessors()));
    }

    /** Whole pages up to an address. */
    private long pagesBelow(long last) {
        return last == -1L ? 1L << 64 - shift : last + 1 >>> shift;
    }

    /** Bytes of a page. */
    public long granule() {
        return 1L << shift;
    }

    /**
     * Tells who is to call {@link #reclaim} in a while, from the thread that frees; called more often than needed.
     */
    public void onCrowded(Runnable reclaimSoon) {
        whenCrowded = reclaimSoon;
    }

    /**
     * Takes a range out for good, as far as it is not given out; pages that it meets go as a whole.
     *
     * @param first first address
     * @param last last address, not below the first
     */
    public void reserve(long first, long last) {
        flush(); // cached addresses in the range must not be given out any more
        long from = first >>> shift;
        long to = Math.min(last >>> shift, lastPage);
        if (from <= to) {
            synchronized (tree) {
                tree.set(from, to, false);
            }
        }
    }

    /**
     * Allocates a range.
     *
     * @param size in bytes, unsigned; rounded up to whole pages
     * @param limit the highest address that it may hold
     * @return its first address
     * @throws IommuException ENOSPC if there is none, also without caches; EINVAL for a size of 0; ENOMEM if no memory is left
     *     to know what is free
     */
    public long allocate(long size, long limit) {
        long iova = tryAllocate(size, limit, true);
        if (iova != NONE) {
            return iova;
        }
        if (size == 0) {
            throw IommuException.of(Errno.EINVAL, "%s can't give out a range of 0 bytes", owner);
        }
        throw IommuException.of(Errno.ENOSPC, "%s has no free range of %s bytes, aligned to that, at or below %s; unmap something, "
                + "or map it in smaller parts", owner, Hex.of(size), Hex.of(limit));
    }

    /** As {@link #allocate}, but returns {@link #NONE} if nothing is free that no cache holds. */
    public long tryAllocate(long size, long limit) {
        return tryAllocate(size, limit, false);
    }

    private long tryAllocate(long size, long limit, boolean hard) {
        long pages = (size >>> shift) + ((size & (1L << shift) - 1) == 0 ? 0 : 1);
        if (pages == 0) {
            return NONE;
        }
        int order = order(pages);
        boolean cached = order < Magazines.ORDERS;
        long max = pagesBelow(limit) - (cached ? 1L << order : pages);
        if (cached) {
            var caches = magazines;
            long page = caches == null ? FreePages.NONE : caches.take(order, max);
            if (page != FreePages.NONE) {
                return page << shift;
            }
        }
        long page = take(order, cached ? 1L << order : pages, max);
        if (page == FreePages.NONE && hard) {
            flush();
            page = take(order, cached ? 1L << order : pages, max);
        }
        return page == FreePages.NONE ? NONE : page << shift;
    }

    private long take(int order, long pages, long max) {
        synchronized (tree) {
            long page = tree.find(order, max);
            if (page != FreePages.NONE) {
                tree.set(page, page + pages - 1, false);
            }
            return page;
        }
    }

    private static int order(long pages) {
        return 64 - Long.numberOfLeadingZeros(pages - 1);
    }

    /**
     * Gives a range back. Nothing may translate it any more.
     *
     * @param iova as {@link #allocate} returned it
     * @param size as it was given to {@link #allocate}
     * @throws IommuException EINVAL if the range is not allocated, as far as that can be seen without looking through caches
     */
    public void free(long iova, long size) {
        long pages = (size >>> shift) + ((size & (1L << shift) - 1) == 0 ? 0 : 1);
        long page = iova >>> shift;
        int order = pages == 0 ? -1 : order(pages);
        if (page << shift != iova || order < 0 || page > lastPage || pages > lastPage - page + 1
                || (page & (1L << order) - 1) != 0) {
            throw IommuException.of(Errno.EINVAL, "%s gave out no range of %s bytes at %s", owner, Hex.of(size), Hex.of(iova));
        }
        if (order >= Magazines.ORDERS) {
            release(page, pages);
            return;
        }
        var caches = magazines;
        if (caches == null) {
            caches = makeMagazines();
        }
        int outcome = caches.put(order, page);
        if (outcome == Magazines.REFUSED) {
            release(page, 1L << order);
        } else if (outcome == Magazines.MOVED && depot.crowded()) {
            whenCrowded.run();
        }
    }

    private synchronized Magazines makeMagazines() {
        if (magazines == null) {
            magazines = new Magazines(stripes(), depot, this::give);
        }
        return magazines;
    }

    private void release(long page, long pages) {
        synchronized (tree) {
            if (!tree.release(page, page + pages - 1)) {
                throw IommuException.of(Errno.EINVAL, "%s gave out no range of %s bytes at %s: part of it is free", owner,
                        Hex.of(pages << shift), Hex.of(page << shift));
            }
        }
    }

    /** From a cache, where nobody can be told any more that he freed something twice. */
    private void give(int order, long[] pages, int offset, int count) {
        synchronized (tree) {
            for (int i = offset; i < offset + count; i++) {
                if (!tree.release(pages[i], pages[i] + (1L << order) - 1)) {
                    LOG.error("{}: {} pages at {} were freed twice", owner, 1L << order, Hex.of(pages[i] << shift));
                }
            }
        }
    }

    /** Empties all caches, so that what they hold can be part of larger ranges. */
    public void flush() {
        var caches = magazines;
        if (caches != null) {
            caches.flush();
        }
    }

    /**
     * Gives a little of what caches hold in plenty back to all sizes ({@code iova_depot_work_func}).
     *
     * @return whether it should be called again in a while
     */
    public boolean reclaim() {
        var out = new long[Magazines.SIZE];
        for (int order = 0; order < Magazines.ORDERS; order++) {
            if (depot.reclaim(order, out)) {
                give(order, out, 0, Magazines.SIZE);
            }
        }
        return depot.crowded();
    }

    /** How many pages are free, those in caches among them; exact while nobody allocates or frees. */
    public long freePages() {
        var caches = magazines;
        synchronized (tree) {
            return tree.count() + (caches == null ? 0 : caches.pages());
        }
    }

    /** How many pages caches hold; exact while nobody allocates or frees. */
    public long cachedPages() {
        var caches = magazines;
        return caches == null ? 0 : caches.pages();
    }

    /** How many nodes the tree has; its memory is about 700 bytes for each. */
    int nodes() {
        synchronized (tree) {
            return tree.nodes();
        }
    }
}
