package sluicegate.sim.vtd;

import java.util.OptionalLong;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;

/**
 * Reads tables of scalable mode as simply as can be, with bits by their numbers: where a request ends if nothing forbids it.
 * What is reserved it does not look at, nor at caches; a judge of addresses that a unit has granted.
 */
final class TableReader {
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    private final PhysicalMemory memory;

    TableReader(PhysicalMemory memory) {
        this.memory = memory;
    }

    private static boolean bit(long word, int number) {
        return (word >>> number & 1) != 0;
    }

    /** Empty if some entry on the way is not present or does not permit the request. */
    OptionalLong resolve(long root, int sourceId, int pasid, long iova, boolean write) {
        long half = memory.get64(root + (sourceId >>> 8) * 16L + ((sourceId & 0x80) != 0 ? 8 : 0));
        if (!bit(half, 0)) {
            return OptionalLong.empty();
        }
        long context = (half & ADDRESS) + (sourceId & 0x7f) * 32L;
        long high = memory.get64(context + 8);
        boolean labelled = pasid != Pasid.NONE;
        long number = labelled ? pasid : high & 0xfffff;
        long directory = memory.get64((memory.get64(context) & ADDRESS) + (number >>> 6) * 8);
        long entry = (directory & ADDRESS) + (number & 63) * 64;
        long first = memory.get64(entry);
        if (!bit(memory.get64(context), 0) || !bit(directory, 0) || !bit(first, 0)) {
            return OptionalLong.empty();
        }
        long third = memory.get64(entry + 16);
        boolean privileged = !labelled && bit(high, 20);
        boolean readOnlyCounts = !privileged || bit(third, 4);
        int levels = (int) (first >>> 2 & 7) + 2;
        return switch ((int) (first >>> 6 & 7)) {
            case 1 -> firstStage(third, iova, write, privileged, readOnlyCounts, 0, 0);
            case 2 -> secondStage(first & ADDRESS, levels, iova, write);
            case 3 -> firstStage(third, iova, write, privileged, readOnlyCounts, first & ADDRESS, levels);
            case 4 -> OptionalLong.of(iova);
            default -> OptionalLong.empty();
        };
    }

    private OptionalLong firstStage(long third, long iova, boolean write, boolean privileged, boolean readOnlyCounts, long second,
            int secondLevels) {
        long at = third & ADDRESS;
        for (int level = bit(third, 2) ? 5 : 4; level > 0; level--) {
            var place = host(at + (iova >>> 3 + 9 * level & 0x1ff) * 8, second, secondLevels, false);
            if (place.isEmpty()) {
                return place;
            }
            long entry = memory.get64(place.getAsLong());
            if (!bit(entry, 0) || !privileged && !bit(entry, 2) || write && readOnlyCounts && !bit(entry, 1)) {
                return OptionalLong.empty();
            }
            if (level == 1 || level < 4 && bit(entry, 7)) {
                long offset = (1L << 3 + 9 * level) - 1;
                return host(entry & ADDRESS & ~offset | iova & offset, second, secondLevels, write);
            }
            at = entry & ADDRESS;
        }
        throw new AssertionError("a walk ends at level 1");
    }

    private OptionalLong host(long address, long second, int levels, boolean write) {
        return levels == 0 ? OptionalLong.of(address) : secondStage(second, levels, address, write);
    }

    private OptionalLong secondStage(long top, int levels, long address, boolean write) {
        long at = top;
        for (int level = levels; level > 0; level--) {
            long entry = memory.get64(at + (address >>> 3 + 9 * level & 0x1ff) * 8);
            if (!bit(entry, write ? 1 : 0)) {
                return OptionalLong.empty();
            }
            if (level == 1 || level < 4 && bit(entry, 7)) {
                long offset = (1L << 3 + 9 * level) - 1;
                return OptionalLong.of(entry & ADDRESS & ~offset | address & offset);
            }
            at = entry & ADDRESS;
        }
        throw new AssertionError("a walk ends at level 1");
    }
}
