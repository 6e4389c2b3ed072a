package sluicegate.sim.vtd;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.function.Predicate;
import java.util.stream.Stream;
import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;

/**
 * The context cache and the PASID cache of scalable mode (VT-d 6.2.2): context entries by source id, PASID entries by source
 * id and PASID, each kind invalidated by itself. They have room for all, so an entry stays until software invalidates it.
 *
 * <p>Reads take no lock and allocate nothing; fills and invalidations are rare and take turns.
 */
final class ConfigurationCache {
    private static final VarHandle SOURCE = MethodHandles.arrayElementVarHandle(Source[].class);
    private static final int FUNCTIONS = 256;

    private final CacheEpoch epoch;
    /** By device and function, for each bus; what no request has come from shares one that stays empty. */
    private final Source[][] byBus = new Source[256][];
    private final Source[] empty = new Source[FUNCTIONS];

    /** What is cached of one source. Immutable: replaced as a whole. */
    private record Source(ScalableContext context, PasidContext[] entries, PasidContext withoutPasid) {
        private static final PasidContext[] NO_ENTRIES = {null};

        private static Source of(ScalableContext context, PasidContext[] entries) {
            var unlabelled = context == null || context.refusal(Pasid.NONE) != 0
                    ? null : find(entries, context.effectivePasid(Pasid.NONE));
            return new Source(context, entries, unlabelled);
        }

        /** {@code entries} is a hash table with a free place at least, the length a power of two. */
        private static PasidContext find(PasidContext[] entries, int pasid) {
            int mask = entries.length - 1;
            for (int at = pasid & mask; ; at = at + 1 & mask) {
                var entry = entries[at];
                if (entry == null || entry.pasid == pasid) {
                    return entry;
                }
            }
        }

        private static PasidContext[] table(PasidContext... entries) {
            if (entries.length == 0) {
                return NO_ENTRIES;
            }
            var table = new PasidContext[Integer.highestOneBit(entries.length) * 4];
            for (var entry : entries) {
                int at = entry.pasid & table.length - 1;
                while (table[at] != null) {
                    at = at + 1 & table.length - 1;
                }
                table[at] = entry;
            }
            return table;
        }

        private Source with(PasidContext entry) {
            return of(context, table(Stream.concat(
                    stream().filter(other -> other.pasid != entry.pasid), Stream.of(entry))
                    .toArray(PasidContext[]::new)));
        }

        private Source without(Predicate<PasidContext> removed) {
            return of(context, table(stream().filter(removed.negate()).toArray(PasidContext[]::new)));
        }

        private Stream<PasidContext> stream() {
            return Arrays.stream(entries).filter(entry -> entry != null);
        }
    }

    ConfigurationCache(CacheEpoch epoch) {
        this.epoch = epoch;
        Arrays.fill(byBus, empty);
    }

    private Source source(int sourceId) {
        return (Source) SOURCE.getAcquire(byBus[sourceId >>> 8 & 0xff], sourceId & 0xff);
    }

    /**
     * The PASID entry that a request uses if all that leads to it is cached and lets it pass; null if not.
     *
     * @param pasid {@link Pasid#NONE} or a PASID
     */
    PasidContext find(int sourceId, int pasid) {
        var source = source(sourceId);
        if (source == null) {
            return null;
        }
        if (pasid == Pasid.NONE) {
            return source.withoutPasid;
        }
        var context = source.context;
        return context == null || context.refusal(pasid) != 0 ? null : Source.find(source.entries, pasid);
    }

    /** The context entry, or null. */
    ScalableContext context(int sourceId) {
        var source = source(sourceId);
        return source == null ? null : source.context;
    }

    /** The PASID entry, whether or not the context entry is cached, or null. */
    PasidContext entry(int sourceId, int pasid) {
        var source = source(sourceId);
        return source == null ? null : Source.find(source.entries, pasid);
    }

    /** Keeps what was read from memory since {@code since}, unless something was invalidated in the meantime. */
    synchronized void fill(int sourceId, ScalableContext context, long since) {
        if (epoch.current() == since) {
            var source = source(sourceId);
            set(sourceId, Source.of(context, source == null ? Source.NO_ENTRIES : source.entries));
        }
    }

    /** The same for a PASID entry. */
    synchronized void fill(int sourceId, PasidContext entry, long since) {
        if (epoch.current() == since) {
            var source = source(sourceId);
            set(sourceId, (source == null ? Source.of(null, Source.NO_ENTRIES) : source).with(entry));
        }
    }

    private void set(int sourceId, Source source) {
        int bus = sourceId >>> 8 & 0xff;
        if (byBus[bus] == empty) {
            byBus[bus] = new Source[FUNCTIONS];
        }
        SOURCE.setRelease(byBus[bus], sourceId & 0xff, source);
    }

    /** Forgets all context entries. */
    void invalidateContexts() {
        removeContexts(0, 0);
    }

    /**
     * Forgets the context entries of a device.
     *
     * @param functionMask FM field: how many of the bits of the function number, from the highest down, to ignore
     */
    void invalidateContexts(int sourceId, int functionMask) {
        int compared = ContextCache.comparedBits(functionMask);
        removeContexts(sourceId & compared, compared);
    }

    private void removeContexts(int sourceId, int mask) {
        change((id, source) -> (id & mask) == sourceId ? Source.of(null, source.entries) : source);
    }

    /** Forgets all PASID entries. */
    void invalidateEntries() {
        removeEntries(entry -> true);
    }

    /** Forgets the PASID entries of a domain. */
    void invalidateEntries(int did) {
        removeEntries(entry -> entry.did == did);
    }

    /** Forgets the entries of a PASID of a domain. */
    void invalidateEntries(int did, int pasid) {
        removeEntries(entry -> entry.did == did && entry.pasid == pasid);
    }

    private void removeEntries(Predicate<PasidContext> removed) {
        change((id, source) -> source.stream().anyMatch(removed) ? source.without(removed) : source);
    }

    /** What becomes of a source's entries. */
    private interface Change {
        Source apply(int sourceId, Source source);
    }

    private synchronized void change(Change change) {
        epoch.advance();
        for (int bus = 0; bus < byBus.length; bus++) {
            var sources = byBus[bus];
            for (int devfn = 0; sources != empty && devfn < FUNCTIONS; devfn++) {
                var source = sources[devfn];
                if (source != null) {
                    SOURCE.setRelease(sources, devfn, change.apply(bus << 8 | devfn, source));
                }
            }
        }
    }
}
