package sluicegate.judge.raw;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import sluicegate.api.types.Hex;

/**
 * Correct tables that lead to a page, with some bits inverted, and one DMA of four bytes.
 *
 * @param levels 3 or 4, of the tables
 * @param leafLevel 1, 2 or 3: where the page's entry is
 * @param flips which bits are inverted
 * @param iovaFlips bits of the address of the DMA that are inverted
 * @param write whether it is a write
 */
public record RawCase(int levels, int leafLevel, Map<Word, Long> flips, long iovaFlips, boolean write) implements Flipped<RawCase> {
    private static final long IOVA_BITS = -1L << 30 | 0x1f_f000;
    private static final long MESSAGES = 0xfee0_0000L;

    public RawCase {
        flips = Collections.unmodifiableMap(flips.isEmpty() ? new EnumMap<>(Word.class) : new EnumMap<>(flips));
    }

    /** Makes one up: mostly one or two bits, sometimes several of one word. */
    public static RawCase of(long seed) {
        var random = new SplittableRandom(seed);
        int levels = random.nextInt(4) == 0 ? 3 : 4;
        int leaf = random.nextInt(2) == 0 ? 1 : 2 + random.nextInt(2);
        var flips = new EnumMap<Word, Long>(Word.class);
        int count = 1 + random.nextInt(3) * random.nextInt(2);
        for (int i = 0; i < count; i++) {
            var word = Word.values()[random.nextInt(Word.values().length)];
            long mask = word.invertible(word == level(leaf));
            long bits = 0;
            for (int left = 1 + random.nextInt(2) * random.nextInt(4); left > 0; left--) {
                bits ^= bit(mask, random.nextInt(Long.bitCount(mask)));
            }
            flips.merge(word, bits, (a, b) -> a ^ b);
        }
        long iova = random.nextInt(4) == 0 ? bit(IOVA_BITS, random.nextInt(Long.bitCount(IOVA_BITS))) : 0;
        return new RawCase(levels, leaf, flips, iova, random.nextBoolean());
    }

    /** A page that leads to the interrupt address range, from a page at {@code address}. */
    static RawCase toMessages(long address, boolean write) {
        return new RawCase(4, 1, Map.of(Word.LEVEL1, address ^ MESSAGES), 0, write);
    }

    /** Every single bit of a word, one case each, for reading and for writing. */
    public static List<RawCase> everyBit(int levels, int leafLevel) {
        var cases = new ArrayList<RawCase>();
        for (var word : Word.values()) {
            long mask = word.invertible(word == level(leafLevel));
            for (int i = 0; i < Long.bitCount(mask); i++) {
                for (boolean write : new boolean[] {false, true}) {
                    cases.add(new RawCase(levels, leafLevel, Map.of(word, bit(mask, i)), 0, write));
                }
            }
        }
        return cases;
    }

    private static Word level(int level) {
        return Word.values()[Word.LEVEL1.ordinal() - level + 1];
    }

    /** The bit of {@code mask} with that number from the lowest one on. */
    private static long bit(long mask, int number) {
        long left = mask;
        for (int i = 0; i < number; i++) {
            left &= left - 1;
        }
        return Long.lowestOneBit(left);
    }

    @Override
    public List<RawCase> simpler() {
        var simpler = new ArrayList<RawCase>();
        if (iovaFlips != 0) {
            simpler.add(new RawCase(levels, leafLevel, flips, 0, write));
        }
        flips.forEach((word, bits) -> {
            for (long left = bits; left != 0; left &= left - 1) {
                var fewer = new EnumMap<Word, Long>(Word.class);
                fewer.putAll(flips);
                long rest = bits & ~Long.lowestOneBit(left);
                if (rest == 0) {
                    fewer.remove(word);
                } else {
                    fewer.put(word, rest);
                }
                simpler.add(new RawCase(levels, leafLevel, fewer, iovaFlips, write));
            }
        });
        return simpler;
    }

    long flipped(Word word) {
        return flips.getOrDefault(word, 0L);
    }

    /** {@code write, 4 levels, page at level 1, context-low^0x4}. */
    @Override
    public String toString() {
        var text = new StringBuilder(write ? "write" : "read").append(", ").append(levels).append(" levels, page at level ")
                .append(leafLevel);
        flips.forEach((word, bits) -> text.append(", ").append(word.text()).append('^').append(Hex.of(bits)));
        return (iovaFlips == 0 ? text : text.append(", iova^").append(Hex.of(iovaFlips))).toString();
    }
}
