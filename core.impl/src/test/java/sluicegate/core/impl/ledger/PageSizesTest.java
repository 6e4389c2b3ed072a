package sluicegate.core.impl.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PageSizesTest {
    private static final long SIZES = 0x40201000L;

    private static List<Long> cut(long iova, long address, long size) {
        var pages = new ArrayList<Long>();
        for (long at = 0; at < size;) {
            long page = PageSizes.pageSize(SIZES, iova + at | address + at, size - at);
            long count = PageSizes.count(SIZES, page, iova + at, address + at, size - at);
            for (long i = 0; i < count; i++) {
                pages.add(page);
            }
            at += page * count;
        }
        return pages;
    }

    /** The range of the generic page tables' test: 20 leaves at identity with 4K, 2M and 1G. */
    @Test
    void growsTowardsLargePagesAndShrinksAtTheEnd() {
        assertThat(cut(0x3fe400000L, 0x3fe400000L, 0x4c0600000L - 0x3fe400000L)).hasSize(20);
    }

    @Test
    void addressesOfDifferentOffsetGetSmallPagesOnly() {
        assertThat(cut(0x200000, 0x201000, 0x400000)).hasSize(1024).containsOnly(0x1000L);
    }

    /** What the ledger relies on: the cut of a rest is the rest of the cut. */
    @Test
    void theCutOfAPieceIsThePieceOfTheCut() {
        var random = new Random(7);
        for (int round = 0; round < 200; round++) {
            long iova = (long) random.nextInt(1 << 12) << (random.nextBoolean() ? 12 : 21);
            long address = random.nextBoolean() ? iova + (1L << 30) : (long) random.nextInt(1 << 12) << 12;
            long size = (1 + random.nextInt(2000)) * 0x1000L;
            var pages = cut(iova, address, size);
            int at = random.nextInt(pages.size() + 1);
            long offset = pages.subList(0, at).stream().mapToLong(Long::longValue).sum();
            assertThat(cut(iova, address, offset)).isEqualTo(pages.subList(0, at));
            assertThat(cut(iova + offset, address + offset, size - offset)).isEqualTo(pages.subList(at, pages.size()));
            if (at < pages.size()) {
                long inside = iova + offset + (long) (random.nextDouble() * pages.get(at));
                assertThat(PageSizes.pageStart(SIZES, iova, address, size, inside)).isEqualTo(iova + offset);
            }
        }
    }
}
