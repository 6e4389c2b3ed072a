package sluicegate.judge.raw.amdvi;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which tables a case has, and what asks.
 *
 * @param hostLevels of host tables (MODE), 0 for none
 * @param guestLevels of guest tables, 4 or 5, 0 for none
 * @param gcr3Levels of the table of PASIDs, 1 to 3
 * @param leafLevel where the page's entry is: of the guest tables if there are any, and the host's page behind it is of 4 KiB
 * @param pageShift size of a page that is not its level's, as a power of two (next level 7); 0 for one that is
 * @param skips whether the topmost host table leads to that of the page
 * @param withPasid whether the request has a PASID; guest tables serve it without one too (GIOV)
 * @param interrupt whether the request is an interrupt
 */
record AmdviShape(int hostLevels, int guestLevels, int gcr3Levels, int leafLevel, int pageShift, boolean skips, boolean withPasid,
        boolean interrupt) {
    private static final long IOVA_BITS = -1L << 30 | 0x1f_f000;
    /** More than a table has entries, and delivery modes. */
    private static final long DATA_BITS = 0xffff;

    /** Without anything. */
    static final AmdviShape NONE = new AmdviShape(0, 0, 0, 0, 0, false, false, false);

    private static AmdviShape host(int levels, int leaf, int pageShift, boolean skips) {
        return new AmdviShape(levels, 0, 1, leaf, pageShift, skips, false, false);
    }

    private static AmdviShape guest(int hostLevels, int levels, int gcr3Levels, int leaf, boolean withPasid) {
        return new AmdviShape(hostLevels, levels, gcr3Levels, leaf, 0, false, withPasid, false);
    }

    /** A few that have all there is on a unit with so many levels; 0 of guest tables if it has none. */
    static List<AmdviShape> some(int mostHostLevels, int mostGuestLevels) {
        var shapes = new ArrayList<>(List.of(new AmdviShape(0, 0, 1, 1, 0, false, false, false), host(1, 1, 0, false),
                host(3, 1, 0, false), host(4, 2, 0, false), host(6, 1, 0, false), host(4, 1, 14, false), host(5, 2, 23, true),
                new AmdviShape(0, 0, 1, 1, 0, false, false, true)));
        shapes.addAll(List.of(guest(0, 4, 1, 1, false), guest(0, 5, 2, 2, true), guest(0, 4, 3, 3, true), guest(4, 4, 1, 1, false),
                guest(3, 5, 2, 2, true)));
        shapes.removeIf(shape -> shape.hostLevels() > mostHostLevels || shape.guestLevels() > mostGuestLevels);
        return List.copyOf(shapes);
    }

    /** Every depth of host tables, pages at every level and of every size, with and without skipped levels; guest tables alike. */
    static List<AmdviShape> all(int mostHostLevels, int mostGuestLevels) {
        var shapes = new ArrayList<>(some(mostHostLevels, mostGuestLevels));
        for (int levels = 1; levels <= mostHostLevels; levels++) {
            for (int leaf = 1; leaf <= Math.min(levels, 5); leaf++) {
                for (boolean skips : new boolean[] {false, true}) {
                    shapes.add(host(levels, leaf, 0, skips));
                    for (int shift = firstShift(leaf) + 1; shift < firstShift(leaf + 1) && shift <= 51; shift++) {
                        shapes.add(host(levels, leaf, shift, skips));
                    }
                }
            }
        }
        for (int levels = 4; levels <= mostGuestLevels; levels++) {
            for (int leaf = 1; leaf <= 3; leaf++) {
                for (int gcr3 = 1; gcr3 <= 3; gcr3++) {
                    for (int host = 0; host <= mostHostLevels; host += host == 0 ? 3 : 1) {
                        shapes.add(guest(host, levels, gcr3, leaf, true));
                        shapes.add(guest(host, levels, gcr3, leaf, false));
                    }
                }
            }
        }
        return shapes;
    }

    /** Pages of sizes that their level does not have: just too small and just too large. */
    static List<AmdviShape> withWrongSizes(int mostHostLevels) {
        var shapes = new ArrayList<AmdviShape>();
        for (int leaf = 1; leaf < mostHostLevels; leaf++) {
            for (int shift : new int[] {firstShift(leaf) - 1, firstShift(leaf), firstShift(leaf + 1), firstShift(leaf + 1) + 1}) {
                if (shift > firstShift(1) && shift <= 52) {
                    shapes.add(host(mostHostLevels, leaf, shift, false));
                }
            }
        }
        return shapes;
    }

    /** What an entry of a table of that level covers, as a power of two. */
    static int firstShift(int level) {
        return 3 + 9 * level;
    }

    /** The words that its tables have. */
    List<AmdviWord> words() {
        return Arrays.stream(AmdviWord.values()).filter(word -> word.isIn(this)).toList();
    }

    /** Bits of the address of its request that can be inverted; of an interrupt, of its data. */
    long requestBits() {
        return interrupt ? DATA_BITS : IOVA_BITS;
    }

    boolean hasGuestTables() {
        return guestLevels > 0;
    }

    /** Both, one behind the other. */
    boolean nested() {
        return guestLevels > 0 && hostLevels > 0;
    }

    /** The level of the host tables that has the page. */
    int hostLeaf() {
        return nested() ? 1 : leafLevel;
    }

    @Override
    public String toString() {
        if (interrupt) {
            return "interrupt";
        }
        var text = new StringBuilder(hostLevels + " host levels");
        if (hasGuestTables()) {
            text.append(", ").append(guestLevels).append(" guest levels behind ").append(gcr3Levels).append(" of GCR3");
        }
        return text.append(", page at level ").append(leafLevel).append(pageShift > 0 ? " of 2^" + pageShift : "")
                .append(skips ? ", skipping" : "").append(withPasid ? ", with a PASID" : "").toString();
    }
}
