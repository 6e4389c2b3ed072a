package sluicegate.sim.amdvi;

import java.util.OptionalLong;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;

/**
 * Where a request leads by the words in memory, read the plain way: no caches, nothing of the model or of its vocabulary, bit
 * positions as 48882 prints them (2.2.2.1, 2.2.3, 2.2.6). Says nothing about events: what can't be resolved has no address.
 */
final class TableReader {
    private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
    private static final long IR = 1L << 61;
    private static final long IW = 1L << 62;

    private final PhysicalMemory memory;
    private final boolean write;
    /** Words of the device table entry. */
    private final long[] entry = new long[4];

    private TableReader(PhysicalMemory memory, long dte, boolean write) {
        this.memory = memory;
        this.write = write;
        for (int i = 0; i < entry.length; i++) {
            entry[i] = memory.get64(dte + 8L * i);
        }
    }

    /**
     * @param dte where the device table entry is
     * @param write or else a read
     * @return the physical address
     */
    static OptionalLong resolve(PhysicalMemory memory, long dte, int pasid, long iova, boolean write) {
        return new TableReader(memory, dte, write).resolve(pasid, iova);
    }

    private OptionalLong resolve(int pasid, long iova) {
        if ((entry[0] & 1) == 0) {
            return OptionalLong.of(iova);
        }
        if (iova >>> 20 == 0xfee) {
            return write ? OptionalLong.of(iova) : OptionalLong.empty();
        }
        if ((entry[0] & 2) == 0 || (entry[0] & (write ? IW : IR)) == 0) {
            return OptionalLong.empty();
        }
        boolean guest = (entry[0] >>> 55 & 1) != 0;
        if (pasid == Pasid.NONE && !(guest && (entry[0] >>> 54 & 1) != 0)) {
            return host(iova, write);
        }
        return guest ? guest(pasid == Pasid.NONE ? 0 : pasid, iova) : OptionalLong.empty();
    }

    private OptionalLong host(long address, boolean writes) {
        int level = (int) (entry[0] >>> 9 & 7);
        if (level == 0) {
            return OptionalLong.of(address);
        }
        if (level < 6 && address >>> 12 + 9 * level != 0) {
            return OptionalLong.empty();
        }
        long table = entry[0] & ADDRESS;
        while (true) {
            long place = table + (address >>> 12 + 9 * (level - 1) & 511) * 8;
            if (!memory.contains(place, 8)) {
                return OptionalLong.empty();
            }
            long word = memory.get64(place);
            if ((word & 1) == 0 || (word & (writes ? IW : IR)) == 0) {
                return OptionalLong.empty();
            }
            int next = (int) (word >>> 9 & 7);
            if (next == 0 || next == 7) {
                // The lowest zero bit from bit 12 on is half the size.
                int size = next == 0 ? 12 + 9 * (level - 1) : Long.numberOfTrailingZeros(~(word & ADDRESS | 0xfff)) + 1;
                long offset = (1L << size) - 1;
                return OptionalLong.of(word & ADDRESS & ~offset | address & offset);
            }
            long skipped = (1L << 12 + 9 * (level - 1)) - (1L << 12 + 9 * next);
            if (next >= level || (address & skipped) != 0) {
                return OptionalLong.empty();
            }
            table = word & ADDRESS;
            level = next;
        }
    }

    private OptionalLong guest(int pasid, long address) {
        int levels = (int) (entry[0] >>> 56 & 3) + 1;
        long table = (entry[0] >>> 58 & 7) << 12 | (entry[1] >>> 16 & 0xffff) << 15 | entry[1] >>> 43 << 31;
        if (pasid >>> 9 * levels != 0) {
            return OptionalLong.empty();
        }
        for (int level = levels; level > 0; level--) {
            long place = table + (pasid >>> 9 * (level - 1) & 511) * 8L;
            if (!memory.contains(place, 8) || (memory.get64(place) & 1) == 0) {
                return OptionalLong.empty();
            }
            table = memory.get64(place) & ADDRESS;
        }
        int depth = 4 + (int) (entry[2] >>> 54 & 3);
        int unused = 64 - (12 + 9 * depth);
        if (address << unused >> unused != address) {
            return OptionalLong.empty();
        }
        for (int level = depth; ; level--) {
            int shift = 12 + 9 * (level - 1);
            var place = host(table + (address >>> shift & 511) * 8, false);
            if (place.isEmpty() || !memory.contains(place.getAsLong(), 8)) {
                return OptionalLong.empty();
            }
            long word = memory.get64(place.getAsLong());
            if ((word & 1) == 0 || (word & 4) == 0 || write && (word & 2) == 0) {
                return OptionalLong.empty();
            }
            if (level == 1 || level <= 3 && (word & 0x80) != 0) {
                long offset = (1L << shift) - 1;
                return host(word & ADDRESS & ~offset | address & offset, write);
            }
            table = word & ADDRESS;
        }
    }
}
