package sluicegate.sim.vtd;

import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;

/**
 * What a unit keeps of tables in memory (VT-d 6.2). Entries of both modes; the caches of the mode that is not in use are empty.
 *
 * @param epoch counts the invalidations of all of them
 * @param contexts context entries of legacy mode
 * @param configuration context and PASID entries of scalable mode
 * @param iotlb pages
 * @param structures tables of small pages
 * @param tags what pages belong to in scalable mode
 */
record TranslationCaches(CacheEpoch epoch, ContextCache contexts, ConfigurationCache configuration, Iotlb iotlb,
        PagingStructures structures, DomainTags tags) {

    static TranslationCaches create() {
        var epoch = new CacheEpoch();
        return new TranslationCaches(epoch, new ContextCache(epoch), new ConfigurationCache(epoch), new Iotlb(epoch),
                new PagingStructures(epoch), new DomainTags());
    }
}
