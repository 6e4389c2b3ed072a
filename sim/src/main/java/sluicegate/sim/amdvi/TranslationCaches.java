package sluicegate.sim.amdvi;

import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;

/**
 * What a unit keeps of tables in memory.
 *
 * @param epoch counts the invalidations of all of them
 * @param entries device table entries
 * @param iotlb pages
 * @param directories where the lowest tables are
 * @param tags what pages belong to
 */
record TranslationCaches(CacheEpoch epoch, DeviceEntryCache entries, Iotlb iotlb, DirectoryCache directories, DomainTags tags) {

    static TranslationCaches create() {
        var epoch = new CacheEpoch();
        return new TranslationCaches(epoch, new DeviceEntryCache(epoch), new Iotlb(epoch), new DirectoryCache(epoch), new DomainTags());
    }
}
