package sluicegate.judge.verdict;

import java.util.HashSet;
import java.util.Set;
import sluicegate.judge.program.Step;
import sluicegate.judge.run.Facts;
import sluicegate.judge.run.Oracle;

/**
 * Which pages a unit may have in its IOTLB for a requester id: those that its devices reached since they came to their domain and
 * that are still mapped. Hardware may have forgotten any of them.
 */
public final class CachedPages {
    private final Facts facts;
    private final Set<Entry> entries = new HashSet<>();

    private record Entry(int device, long first, long last) {}

    CachedPages(Facts facts) {
        this.facts = facts;
    }

    /** Takes note of what a step does to caches, after the oracle has run it. */
    void follow(Step step, Oracle oracle) {
        if (step instanceof Step.Dma dma) {
            for (var reach : oracle.reached()) {
                var page = oracle.domainOf(dma.device()).flatMap(oracle::mapped).flatMap(mapped -> mapped.at(reach.iova()));
                page.ifPresent(leaf -> entries.add(new Entry(dma.device(), leaf.iova(), leaf.last())));
            }
        } else if (!(step instanceof Step.LookUp)) {
            // Whatever is mapped no more was forgotten; a new mapping at the same place was not reached yet.
            entries.removeIf(entry -> oracle.domainOf(entry.device).flatMap(oracle::mapped)
                    .flatMap(mapped -> mapped.at(entry.first)).isEmpty());
        }
    }

    /** Whether the page that holds the address may be cached for the device. */
    public boolean mayHold(int device, long iova) {
        int sourceId = facts.devices().get(device).sourceId();
        return entries.stream().anyMatch(entry -> facts.devices().get(entry.device).sourceId() == sourceId
                && Long.compareUnsigned(entry.first, iova) <= 0 && Long.compareUnsigned(iova, entry.last) <= 0);
    }
}
