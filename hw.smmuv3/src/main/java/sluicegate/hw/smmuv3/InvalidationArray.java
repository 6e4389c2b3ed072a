package sluicegate.hw.smmuv3;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * What has to be told of what a domain no longer maps, each thing once and with the number of its users ({@code struct
 * arm_smmu_invs}). Whoever unmaps reads the array that is there, without a lock; whoever attaches makes a new one. Only users go
 * away in place, because detaching must not fail: what has none any more is trash, which readers skip, and which the
 * next copy leaves out.
 *
 * <p>Reading is thread-safe and allocates nothing; changes take turns, for which the domain cares. {@link InvalidationTarget}s
 * are in the order of their numbers.
 */
final class InvalidationArray {
    static final InvalidationArray EMPTY = new InvalidationArray(new long[0], new int[0]);

    private final long[] targets;
    private final AtomicIntegerArray users;
    /** How many count: behind them there is only trash. */
    private volatile int size;
    private int trash;

    private InvalidationArray(long[] targets, int[] users) {
        this.targets = targets;
        this.users = new AtomicIntegerArray(users);
        this.size = targets.length;
    }

    /** Each target with one user; one that is named twice has two. */
    static InvalidationArray of(long... targets) {
        return EMPTY.merge(targets);
    }

    int size() {
        return size;
    }

    long target(int index) {
        return targets[index];
    }

    /** How many use a place's target; 0 for trash. */
    int users(int index) {
        return users.get(index);
    }

    /** How many use a target. */
    int usersOf(long target) {
        int index = Arrays.binarySearch(targets, 0, size, target);
        return index < 0 ? 0 : users(index);
    }

    /** How many places have no user. */
    int trash() {
        return trash;
    }

    /** A copy without trash, in which each of {@code more} has one user more. */
    InvalidationArray merge(long... more) {
        long[] added = more.clone();
        Arrays.sort(added);
        long[] all = new long[size + added.length];
        int[] counts = new int[all.length];
        int count = 0;
        int old = 0;
        int next = 0;
        while (old < size || next < added.length) {
            boolean fromOld = next == added.length || old < size && targets[old] <= added[next];
            long target = fromOld ? targets[old] : added[next];
            int number = fromOld ? users(old++) : 1;
            next += fromOld ? 0 : 1;
            if (number != 0) {
                boolean same = count > 0 && all[count - 1] == target;
                count += same ? 0 : 1;
                all[count - 1] = target;
                counts[count - 1] += number;
            }
        }
        return new InvalidationArray(Arrays.copyOf(all, count), Arrays.copyOf(counts, count));
    }

    /** Takes a user from each of {@code gone} that has some. Trash at the end is cut off. */
    void unref(long... gone) {
        for (long target : gone) {
            int index = Arrays.binarySearch(targets, 0, size, target);
            if (index >= 0 && users(index) > 0) {
                trash += users.decrementAndGet(index) == 0 ? 1 : 0;
            }
        }
        int last = size;
        while (last > 0 && users(last - 1) == 0) {
            last--;
            trash--;
        }
        size = last;
    }

    /** A copy without trash; itself if there is none. */
    InvalidationArray purge() {
        return trash == 0 && size == targets.length ? this : merge();
    }
}
