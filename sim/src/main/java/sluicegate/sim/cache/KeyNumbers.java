package sluicegate.sim.cache;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * Numbers keys in the order in which they come, from 0 on. A hash table of its own with open addressing, because invalidations
 * look keys up, and a map of the library would create an object for each.
 *
 * <p>Looking up takes no lock and allocates nothing; adding is for one thread at a time. Who looks up beside that may or may
 * not find what is being added.
 */
public final class KeyNumbers {
    /** What {@link #find} says of a key that has no number. */
    public static final int NONE = -1;

    /** Keys are below two to this power. */
    public static final int KEY_BITS = 38;

    private static final int NUMBER_BITS = Long.SIZE - KEY_BITS;
    private static final long NUMBER_MASK = (1L << NUMBER_BITS) - 1;
    private static final int FIRST_PLACES = 64;
    /** Spreads neighbouring keys: 2^64 by the golden ratio. */
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    /**
     * A place holds a key and below it its number plus one, 0 if it is free. Of two to the power of something, and never more than
     * half full, so that searches end. Replaced when it grows.
     */
    private volatile AtomicLongArray places = new AtomicLongArray(FIRST_PLACES);
    private int count;

    /** How many keys have a number. For the thread that adds. */
    public int count() {
        return count;
    }

    /** The number of a key, or {@link #NONE}. */
    public int find(long key) {
        var known = places;
        long place = known.getAcquire(placeOf(known, key));
        return place == 0 ? NONE : (int) (place & NUMBER_MASK) - 1;
    }

    /** Gives the next number to a key that has none. */
    public void add(long key) {
        count++;
        places.setRelease(placeOf(places, key), key << NUMBER_BITS | count);
        if (2 * count > places.length()) {
            grow();
        }
    }

    private void grow() {
        var more = new AtomicLongArray(2 * places.length());
        for (int at = 0; at < places.length(); at++) {
            long place = places.getPlain(at);
            if (place != 0) {
                more.setPlain(placeOf(more, place >>> NUMBER_BITS), place);
            }
        }
        places = more;
    }

    /** The place that has a key, or the free one where it belongs. */
    private static int placeOf(AtomicLongArray places, long key) {
        int mask = places.length() - 1;
        int at = (int) (key * SPREAD >>> 32) & mask;
        long place = places.getAcquire(at);
        while (place != 0 && place >>> NUMBER_BITS != key) {
            at = at + 1 & mask;
            place = places.getAcquire(at);
        }
        return at;
    }
}
