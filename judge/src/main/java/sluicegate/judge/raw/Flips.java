package sluicegate.judge.raw;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToLongFunction;
import sluicegate.api.types.Hex;

/** What is done with the inverted bits of a case, by word. */
public final class Flips {
    private Flips() {}

    /** Makes some up: mostly one or two bits, sometimes several of one word. */
    static <W extends Enum<W>> Map<W, Long> random(SplittableRandom random, Class<W> words, ToLongFunction<W> invertible) {
        var all = words.getEnumConstants();
        var flips = new EnumMap<W, Long>(words);
        for (int count = 1 + random.nextInt(3) * random.nextInt(2); count > 0; count--) {
            var word = all[random.nextInt(all.length)];
            flips.merge(word, randomBits(random, invertible.applyAsLong(word)), (a, b) -> a ^ b);
        }
        return flips;
    }

    /** Mostly one bit of a mask, sometimes a few. */
    public static long randomBits(SplittableRandom random, long mask) {
        long bits = 0;
        for (int left = 1 + random.nextInt(2) * random.nextInt(4); left > 0; left--) {
            bits ^= bit(mask, random.nextInt(Long.bitCount(mask)));
        }
        return bits;
    }

    /** The bit of {@code mask} with that number from the lowest one on. */
    static long bit(long mask, int number) {
        long left = mask;
        for (int i = 0; i < number; i++) {
            left &= left - 1;
        }
        return Long.lowestOneBit(left);
    }

    /** With one bit less each. */
    public static <W extends Enum<W>> List<Map<W, Long>> fewer(Map<W, Long> flips) {
        var simpler = new ArrayList<Map<W, Long>>();
        flips.forEach((word, bits) -> {
            for (long left = bits; left != 0; left &= left - 1) {
                var fewer = new EnumMap<W, Long>(flips);
                fewer.put(word, bits & ~Long.lowestOneBit(left));
                fewer.values().removeIf(rest -> rest == 0);
                simpler.add(fewer);
            }
        });
        return simpler;
    }

    /** {@code , context0^0x4}. */
    public static String text(String word, long bits) {
        return bits == 0 ? "" : ", " + word + '^' + Hex.of(bits);
    }
}
