package sluicegate.core.impl.iova;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The tree against a plain set of bits. */
final class FreePagesTest {
    private static final long ALL = Long.MAX_VALUE >>> 6;

    @ParameterizedTest
    @ValueSource(ints = {1, 63, 64, 65, 4096, 4097, 20_000, 300_000})
    void findsTheHighestAlignedBlockAsASearchThroughAllPagesDoes(int pages) {
        var random = new Random(pages);
        var tree = new FreePages(pages, FreePages.MAX_NODES);
        var model = new BitSet();
        model.set(0, pages);
        for (int i = 0; i < 2_000; i++) {
            int first = random.nextInt(pages);
            int most = random.nextInt(4) == 0 ? pages - first : Math.min(pages - first, 1 << random.nextInt(9));
            int last = first + random.nextInt(most);
            boolean free = random.nextInt(3) != 0;
            tree.set(first, last, free);
            model.set(first, last + 1, free);
            int from = random.nextInt(pages);
            int to = Math.min(pages - 1, from + random.nextInt(100));
            assertThat(tree.taken(from, to)).isEqualTo(model.nextSetBit(from) < 0 || model.nextSetBit(from) > to);
            boolean taken = model.nextSetBit(from) < 0 || model.nextSetBit(from) > to;
            assertThat(tree.release(from, to)).isEqualTo(taken);
            if (taken) {
                model.set(from, to + 1);
            }
            int order = random.nextInt(12);
            long max = random.nextBoolean() ? ALL : random.nextInt(pages);
            assertThat(tree.find(order, max)).as("step %d: order %d up to %d", i, order, max).isEqualTo(search(model, order, max, pages));
        }
        assertThat(tree.count()).isEqualTo(model.cardinality());
    }

    private static long search(BitSet model, int order, long max, int pages) {
        int block = 1 << order;
        for (long at = Math.min(max, pages) & -block; at >= 0; at -= block) {
            if (model.nextClearBit((int) at) >= at + block) {
                return at;
            }
        }
        return FreePages.NONE;
    }

    @Test
    void aHugeSpaceTakesNextToNothingAndGivesBackWhatItGrewTo() {
        long pages = 1L << 52;
        var tree = new FreePages(pages, FreePages.MAX_NODES);
        assertThat(tree.nodes()).isEqualTo(1);
        var random = new Random(1);
        var taken = random.longs(2_000, 0, pages).toArray();
        for (long page : taken) {
            tree.set(page, page, false);
        }
        assertThat(tree.nodes()).isGreaterThan(2_000);
        for (long page : taken) {
            tree.set(page, page, true);
        }
        assertThat(tree.nodes()).isLessThan(100);
        assertThat(tree.count()).isEqualTo(pages);
        assertThat(tree.find(52, ALL)).isZero();
    }

    @Test
    void scatteredPagesEndInEnomemAndCanStillBeFreed() {
        var tree = new FreePages(1L << 36, 100);
        assertThatThrownBy(() -> {
            for (long page = 0; page < 1L << 36; page += 1L << 24) {
                tree.set(page, page, false);
            }
        }).hasMessageContaining("scattered");
        tree.set(0, (1L << 36) - 1, true);
        assertThat(tree.count()).isEqualTo(1L << 36);
        assertThat(tree.nodes()).isEqualTo(1);
    }
}
