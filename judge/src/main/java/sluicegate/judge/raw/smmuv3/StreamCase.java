package sluicegate.judge.raw.smmuv3;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import sluicegate.api.types.Hex;
import sluicegate.judge.raw.Flipped;

/**
 * Correct tables of four levels that lead to a page, with some bits inverted, and one DMA of four bytes.
 *
 * @param leafLevel 1, 2 or 3: where the page's descriptor is
 * @param flips which bits are inverted
 * @param iovaFlips bits of the address of the DMA that are inverted
 * @param write whether it is a write
 */
public record StreamCase(int leafLevel, Map<StreamWord, Long> flips, long iovaFlips, boolean write) implements Flipped<StreamCase> {
    private static final long IOVA_BITS = -1L << 30 & (1L << 48) - 1 | 0x1f_f000;

    public StreamCase {
        flips = Collections.unmodifiableMap(flips.isEmpty() ? new EnumMap<>(StreamWord.class) : new EnumMap<>(flips));
    }

    /** Makes one up: mostly one or two bits, sometimes several of one word. */
    public static StreamCase of(long seed) {
        var random = new SplittableRandom(seed);
        int leaf = random.nextInt(2) == 0 ? 3 : 1 + random.nextInt(2);
        var flips = new EnumMap<StreamWord, Long>(StreamWord.class);
        for (int count = 1 + random.nextInt(3) * random.nextInt(2); count > 0; count--) {
            var word = StreamWord.values()[random.nextInt(StreamWord.values().length)];
            long mask = word.invertible(word == level(leaf));
            long bits = 0;
            for (int left = 1 + random.nextInt(2) * random.nextInt(4); left > 0; left--) {
                bits ^= bit(mask, random.nextInt(Long.bitCount(mask)));
            }
            flips.merge(word, bits, (a, b) -> a ^ b);
        }
        long iova = random.nextInt(4) == 0 ? bit(IOVA_BITS, random.nextInt(Long.bitCount(IOVA_BITS))) : 0;
        return new StreamCase(leaf, flips, iova, random.nextBoolean());
    }

    /** Every single bit of each word, one case each, for reading and for writing. */
    public static List<StreamCase> everyBit(int leafLevel) {
        var cases = new ArrayList<StreamCase>();
        for (var word : StreamWord.values()) {
            for (long left = word.invertible(word == level(leafLevel)); left != 0; left &= left - 1) {
                for (boolean write : new boolean[] {false, true}) {
                    cases.add(new StreamCase(leafLevel, Map.of(word, Long.lowestOneBit(left)), 0, write));
                }
            }
        }
        return cases;
    }

    private static StreamWord level(int level) {
        return StreamWord.values()[StreamWord.LEVEL0.ordinal() + level];
    }

    private static long bit(long mask, int number) {
        long left = mask;
        for (int i = 0; i < number; i++) {
            left &= left - 1;
        }
        return Long.lowestOneBit(left);
    }

    @Override
    public List<StreamCase> simpler() {
        var simpler = new ArrayList<StreamCase>();
        if (iovaFlips != 0) {
            simpler.add(new StreamCase(leafLevel, flips, 0, write));
        }
        flips.forEach((word, bits) -> {
            for (long left = bits; left != 0; left &= left - 1) {
                var fewer = new EnumMap<StreamWord, Long>(StreamWord.class);
                fewer.putAll(flips);
                fewer.put(word, bits & ~Long.lowestOneBit(left));
                fewer.values().removeIf(rest -> rest == 0);
                simpler.add(new StreamCase(leafLevel, fewer, iovaFlips, write));
            }
        });
        return simpler;
    }

    long flipped(StreamWord word) {
        return flips.getOrDefault(word, 0L);
    }

    /** {@code write, page at level 3, context^0x4}. */
    @Override
    public String toString() {
        var text = new StringBuilder(write ? "write" : "read").append(", page at level ").append(leafLevel);
        flips.forEach((word, bits) -> text.append(", ").append(word.text()).append('^').append(Hex.of(bits)));
        return (iovaFlips == 0 ? text : text.append(", iova^").append(Hex.of(iovaFlips))).toString();
    }
}
