package sluicegate.judge.raw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * Correct tables of scalable mode, of four levels, that lead to a page, with some bits inverted, and one DMA of four bytes.
 *
 * @param stage what the PASID entry names
 * @param leafLevel 1, 2 or 3: where the page's entry is; in nested translation that of the first stage
 * @param flips which bits are inverted
 * @param iovaFlips bits of the address of the DMA that are inverted
 * @param write whether it is a write
 */
public record ScalableCase(Stage stage, int leafLevel, Map<ScalableWord, Long> flips, long iovaFlips, boolean write)
        implements Flipped<ScalableCase> {
    private static final long IOVA_BITS = -1L << 32 | 0x1f_f000;

    /** What a PASID entry names, in the order of PGTT. */
    public enum Stage { FIRST, SECOND, NESTED, PASS_THROUGH }

    public ScalableCase {
        flips = Collections.unmodifiableMap(flips.isEmpty() ? new EnumMap<>(ScalableWord.class) : new EnumMap<>(flips));
    }

    /** Makes one up, with one of these stages. */
    public static ScalableCase of(long seed, Set<Stage> stages) {
        var random = new SplittableRandom(seed);
        var stage = List.copyOf(stages).get(random.nextInt(stages.size()));
        int leaf = random.nextInt(2) == 0 ? 1 : 2 + random.nextInt(2);
        var flips = Flips.random(random, ScalableWord.class, word -> word.invertible(isLeaf(stage, leaf, word)));
        long iova = random.nextInt(4) == 0 ? Flips.bit(IOVA_BITS, random.nextInt(Long.bitCount(IOVA_BITS))) : 0;
        return new ScalableCase(stage, leaf, flips, iova, random.nextBoolean());
    }

    /** Every single bit of each word, one case each, for reading and for writing; with every bit of a request's address after that. */
    public static List<ScalableCase> everyBit(Stage stage, int leafLevel) {
        var cases = new ArrayList<ScalableCase>();
        for (boolean write : new boolean[] {false, true}) {
            for (var word : ScalableWord.values()) {
                for (long left = word.invertible(isLeaf(stage, leafLevel, word)); left != 0; left &= left - 1) {
                    cases.add(new ScalableCase(stage, leafLevel, Map.of(word, Long.lowestOneBit(left)), 0, write));
                }
            }
            for (long left = IOVA_BITS; left != 0; left &= left - 1) {
                cases.add(new ScalableCase(stage, leafLevel, Map.of(), Long.lowestOneBit(left), write));
            }
        }
        return cases;
    }

    /**
     * Entries whose accessed and dirty bits a request has to set, one level after the other: with walks that snoop and without, and in
     * tables that the second stage lets nobody write.
     */
    public static List<ScalableCase> unmarked(Stage stage) {
        var cases = new ArrayList<ScalableCase>();
        for (int level = 1; level <= 4; level++) {
            var marks = Map.of(ScalableWord.first(level), 0x60L, ScalableWord.second(level), 0x300L, ScalableWord.PASID0, 1L << 9);
            for (var more : List.of(Map.<ScalableWord, Long>of(), Map.of(ScalableWord.PASID1, 1L << 23), Map.of(ScalableWord.PASID2, 1L << 7),
                    Map.of(ScalableWord.SECOND4, 2L))) {
                var flips = new EnumMap<ScalableWord, Long>(marks);
                more.forEach((word, bits) -> flips.merge(word, bits, (a, b) -> a ^ b));
                cases.add(new ScalableCase(stage, 1, flips, 0, false));
                cases.add(new ScalableCase(stage, 1, flips, 0, true));
            }
        }
        return cases;
    }

    /** A page that leads to the interrupt address range, from a page at {@code address}. */
    static ScalableCase toMessages(Stage stage, long address, boolean write) {
        var leaf = stage == Stage.FIRST ? ScalableWord.FIRST1 : ScalableWord.SECOND1;
        return new ScalableCase(stage, 1, Map.of(leaf, address ^ 0xfee0_0000L), 0, write);
    }

    /** Whether a word leads to the buffer. */
    private static boolean isLeaf(Stage stage, int leafLevel, ScalableWord word) {
        return switch (stage) {
            case FIRST -> word == ScalableWord.first(leafLevel);
            case SECOND -> word == ScalableWord.second(leafLevel);
            case NESTED -> word == ScalableWord.first(leafLevel) || word == ScalableWord.SECOND1;
            case PASS_THROUGH -> false;
        };
    }

    @Override
    public List<ScalableCase> simpler() {
        var simpler = new ArrayList<ScalableCase>();
        if (iovaFlips != 0) {
            simpler.add(new ScalableCase(stage, leafLevel, flips, 0, write));
        }
        Flips.fewer(flips).forEach(fewer -> simpler.add(new ScalableCase(stage, leafLevel, fewer, iovaFlips, write)));
        return simpler;
    }

    long flipped(ScalableWord word) {
        return flips.getOrDefault(word, 0L);
    }

    /** {@code write, nested, page at level 1, context0^0x4}. */
    @Override
    public String toString() {
        var text = new StringBuilder(write ? "write, " : "read, ").append(stage.name().toLowerCase(Locale.ROOT)).append(", page at level ")
                .append(leafLevel);
        flips.forEach((word, bits) -> text.append(Flips.text(word.text(), bits)));
        return text.append(Flips.text("iova", iovaFlips)).toString();
    }
}
