package sluicegate.sim.cache;

import java.util.Arrays;

/**
 * Numbers pairs of a domain id and a PASID in the order in which they come, from 0 on. An open hash table of its own, because
 * invalidations look pairs up and a map of the library would create an object for each.
 *
 * <p>Not thread-safe.
 */
final class PairNumbers {
    /** What {@link #find} says of a pair that has no number. */
    static final int NONE = -1;

    private static final int FIRST_CAPACITY = 16;
    private static final long SPREAD = 0x9e37_79b9_7f4a_7c15L;

    /** By number. */
    private long[] pairs = new long[FIRST_CAPACITY];
    /** Numbers by hash, each plus one, 0 for a free place. Twice as many places as pairs have room, so that searches end. */
    private int[] places = new int[2 * FIRST_CAPACITY];
    private int count;

    private static long pair(int did, int pasid) {
        return (long) did << 32 | pasid & 0xffff_ffffL;
    }

    int count() {
        return count;
    }

    /** The number of a pair, or {@link #NONE}. Creates no object. */
    int find(int did, int pasid) {
        return places[placeOf(pair(did, pasid))] - 1;
    }

    /** Gives the next number to a pair that has none. */
    void add(int did, int pasid) {
        if (count == pairs.length) {
            grow();
        }
        long pair = pair(did, pasid);
        pairs[count] = pair;
        count++;
        places[placeOf(pair)] = count;
    }

    private void grow() {
        pairs = Arrays.copyOf(pairs, 2 * count);
        places = new int[2 * pairs.length];
        for (int number = 0; number < count; number++) {
            places[placeOf(pairs[number])] = number + 1;
        }
    }

    /** Where a pair is, or where it belongs. */
    private int placeOf(long pair) {
        int mask = places.length - 1;
        int place = (int) (pair * SPREAD >>> 32) & mask;
        while (places[place] != 0 && pairs[places[place] - 1] != pair) {
            place = place + 1 & mask;
        }
        return place;
    }
}
