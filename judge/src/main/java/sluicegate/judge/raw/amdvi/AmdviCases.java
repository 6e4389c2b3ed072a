package sluicegate.judge.raw.amdvi;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import sluicegate.judge.raw.Flips;

/** Makes cases for a unit whose tables have so many levels. */
public final class AmdviCases {
    private final List<AmdviShape> some;
    private final List<AmdviShape> all;
    private final List<AmdviShape> wrong;

    /** @param guestLevels 0 for a unit without guest tables */
    public AmdviCases(int hostLevels, int guestLevels) {
        some = AmdviShape.some(hostLevels, guestLevels);
        all = AmdviShape.all(hostLevels, guestLevels);
        wrong = AmdviShape.withWrongSizes(hostLevels);
    }

    /** Tables without a fault, for reading and for writing: of every kind and depth, with pages of every size. */
    public List<AmdviCase> faultless() {
        var cases = new ArrayList<AmdviCase>();
        for (var shape : all) {
            cases.add(new AmdviCase(shape, Map.of(), 0, true));
            if (!shape.interrupt()) {
                cases.add(new AmdviCase(shape, Map.of(), 0, false));
            }
        }
        return cases;
    }

    /**
     * Every single bit of each word and of the request, one case each: for reading and for writing where that makes a difference, in the
     * first word of the device table entry and in the page's, else for one of the two.
     */
    public List<AmdviCase> everyBit() {
        var cases = new ArrayList<AmdviCase>();
        for (var shape : some) {
            for (var word : shape.words()) {
                boolean both = word == AmdviWord.DTE0 || word.isPage(shape);
                for (long left = word.invertible(shape); left != 0; left &= left - 1) {
                    boolean write = (Long.numberOfTrailingZeros(left) + word.ordinal() & 1) == 0;
                    var flips = Map.of(word, Long.lowestOneBit(left));
                    cases.add(new AmdviCase(shape, flips, 0, write || shape.interrupt()));
                    if (both && !shape.interrupt()) {
                        cases.add(new AmdviCase(shape, flips, 0, !write));
                    }
                }
            }
            for (long left = shape.requestBits(); left != 0; left &= left - 1) {
                cases.add(new AmdviCase(shape, Map.of(), Long.lowestOneBit(left), true));
            }
        }
        return cases;
    }

    /** What one bit alone does not show: pages of wrong sizes, and interrupts. */
    public List<AmdviCase> combinations() {
        var cases = new ArrayList<AmdviCase>();
        for (var shape : wrong) {
            cases.add(new AmdviCase(shape, Map.of(), 0, false));
        }
        for (var shape : some.stream().filter(AmdviShape::interrupt).toList()) {
            deliveryModes(shape, cases);
            silenced(shape, cases);
        }
        return cases;
    }

    /** With and without what lets each pass; aborted, passed or remapped for the others. */
    private static void deliveryModes(AmdviShape shape, List<AmdviCase> cases) {
        for (long mode = 0; mode < 8; mode++) {
            for (long control = 0; control < 4; control++) {
                for (long pass = 0; pass < 8; pass++) {
                    cases.add(new AmdviCase(shape, Map.of(AmdviWord.DTE2, control << 60 | pass << 56), mode << 8, true));
                }
            }
        }
    }

    /** Entries that are not there or have a reserved bit set, told or silenced by SupIOPF or by IG. */
    private static void silenced(AmdviShape shape, List<AmdviCase> cases) {
        for (long bad : new long[] {1, 1 << 7}) {
            for (long silent : new long[] {0, 2}) {
                for (long ignored : new long[] {0, 1 << 5}) {
                    cases.add(new AmdviCase(shape, Map.of(AmdviWord.DTE2, ignored, AmdviWord.INTERRUPT0, bad | silent), 0, true));
                }
            }
        }
    }

    /** Makes one up: mostly one or two bits, sometimes several of one word. */
    public AmdviCase random(long seed) {
        var random = new SplittableRandom(seed);
        var shapes = random.nextBoolean() ? some : all;
        var shape = shapes.get(random.nextInt(shapes.size()));
        var words = shape.words();
        var flips = new EnumMap<AmdviWord, Long>(AmdviWord.class);
        for (int count = 1 + random.nextInt(3) * random.nextInt(2); count > 0; count--) {
            var word = words.get(random.nextInt(words.size()));
            flips.merge(word, Flips.randomBits(random, word.invertible(shape)), (a, b) -> a ^ b);
        }
        flips.values().removeIf(bits -> bits == 0);
        long request = random.nextInt(4) == 0 ? Flips.randomBits(random, shape.requestBits()) : 0;
        return new AmdviCase(shape, flips, request, shape.interrupt() || random.nextBoolean());
    }
}
