package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sluicegate.sim.cache.CacheEpoch;

/** What was read from memory before an invalidation is not put into a cache after it. */
class CacheFillTest {
    private static final long LEAF = LeafWord.page(0x5000, 1, Rig.RW);
    private final CacheEpoch epoch = new CacheEpoch();
    private final Iotlb iotlb = new Iotlb(epoch);
    private final ContextCache contexts = new ContextCache(epoch);

    @Test
    void aLateFillOfTheIotlbIsDropped() {
        for (int level = 1; level <= 3; level++) {
            long leaf = LeafWord.page(0, level, Rig.RW);
            long since = epoch.current();
            iotlb.invalidatePages(9, 0x1000, 0);
            iotlb.fill(1, 0x7000, leaf, since);
            assertThat(iotlb.find(1, 0x7000)).as("level %d", level).isEqualTo(LeafWord.NONE);
        }
        iotlb.fill(1, 0x7000, LEAF, epoch.current());
        assertThat(iotlb.find(1, 0x7000)).isEqualTo(LEAF);
    }

    @Test
    void aLateFillOfTheContextCacheIsDropped() {
        long word = ContextWord.of(ContextWord.UNTRANSLATED, 0x1000, 3, 4, false);
        long since = epoch.current();
        contexts.invalidateDomain(9);
        contexts.fill(0x28, word, since);
        assertThat(contexts.find(0x28)).isEqualTo(ContextWord.NONE);
        contexts.fill(0x28, word, epoch.current());
        assertThat(contexts.find(0x28)).isEqualTo(word);
    }

    @Test
    void anInvalidationOfContextsDropsWalksThatUsedThem() {
        long since = epoch.current();
        contexts.invalidateAll();
        iotlb.fill(1, 0x7000, LEAF, since);
        assertThat(iotlb.find(1, 0x7000)).isEqualTo(LeafWord.NONE);
    }

    @Test
    void contextWordsKeepTheirParts() {
        long word = ContextWord.of(ContextWord.PASS_THROUGH, 0xf_ffff_ffff_f000L, 0xffff, 5, true);
        assertThat(ContextWord.kind(word)).isEqualTo(ContextWord.PASS_THROUGH);
        assertThat(ContextWord.table(word)).isEqualTo(0xf_ffff_ffff_f000L);
        assertThat(ContextWord.did(word)).isEqualTo(0xffff);
        assertThat(ContextWord.levels(word)).isEqualTo(5);
        assertThat(ContextWord.faultsDisabled(word)).isTrue();
    }

    @Test
    void entriesOfOnePageInSeveralDomainsAreSeparate() {
        iotlb.fill(1, 0x7000, LEAF, epoch.current());
        assertThat(iotlb.find(2, 0x7000)).isEqualTo(LeafWord.NONE);
        assertThat(iotlb.find(1, 0x7000 + 0x40_0000)).as("same set, another page").isEqualTo(LeafWord.NONE);
    }
}
