package sluicegate.sim.smmuv3;

import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * What applies to a stream and substream: from the cache, or by way of stream table and context descriptors in memory (3.3.3,
 * errors in the order of 7.3.22).
 */
final class Configurations {
    private final ConfigurationCache cache;
    private final StreamTable streams;
    private final StreamEntryDecoder entryDecoder;
    private final ContextTable contexts;
    private final ContextDecoder contextDecoder;
    private volatile boolean e2h;

    Configurations(Smmuv3Capabilities capabilities, ConfigurationCache cache, StreamTable streams, AddressSpaceTags tags,
            ContextTable contexts) {
        this.cache = cache;
        this.streams = streams;
        this.entryDecoder = new StreamEntryDecoder(capabilities, tags);
        this.contexts = contexts;
        this.contextDecoder = new ContextDecoder(capabilities, tags);
    }

    /** SMMU_CR2.E2H. */
    void setE2h(boolean on) {
        e2h = on;
    }

    /** What is cached, or {@link Configuration#ABSENT}. */
    Configuration cached(int streamId, int substream) {
        return cache.find(streamId, substream);
    }

    /**
     * What applies, which may be an error.
     *
     * @param update whether it is kept, and descriptors of stage 2 on the way are marked as accessed
     */
    Configuration get(int streamId, int substream, boolean update, long since) {
        var cached = cache.find(streamId, substream);
        return cached.kind != Configuration.Kind.NONE ? cached : read(streamId, substream, update, since);
    }

    private Configuration read(int streamId, int substream, boolean update, long since) {
        var entry = cache.entry(streamId);
        if (entry == null) {
            long address = streams.locate(streamId);
            if (address == StreamTable.OUT_OF_RANGE) {
                return Configuration.error(null, EventType.C_BAD_STREAMID);
            }
            if (FaultWord.isFault(address)) {
                return Configuration.fetchFault(null, address);
            }
            var words = new long[StreamTableEntry.WORDS];
            if (!streams.read(address, words)) {
                return Configuration.fetchFault(null, FaultWord.fetch(EventType.F_STE_FETCH, address));
            }
            entry = entryDecoder.decode(words);
            if (update) {
                cache.fillEntry(streamId, entry, since);
            }
        }
        var read = apply(entry, substream, update, since);
        if (update && read.mayKeep()) {
            cache.fill(streamId, substream, read, since);
        }
        return read;
    }

    /** The entry of a stream, valid or not, for page requests; null if there is none. */
    StreamEntry entry(int streamId) {
        var configuration = get(streamId, Pasid.NONE, true, CacheEpoch.NEVER);
        return configuration.stream;
    }

    private Configuration apply(StreamEntry entry, int substream, boolean update, long since) {
        if (!entry.valid()) {
            return Configuration.error(entry, EventType.C_BAD_STE);
        }
        if (entry.config() < StreamTableEntry.CONFIG_BYPASS) {
            return Configuration.abort(entry);
        }
        boolean substreams = entry.translatesStage1() && entry.substreamBits() > 0;
        if (substream != Pasid.NONE) {
            if (!substreams || substream < 0 || substream >>> entry.substreamBits() != 0) {
                return Configuration.error(entry, EventType.C_BAD_SUBSTREAMID);
            }
            return substream == 0 && entry.defaultSubstream() == StreamTableEntry.S1DSS_SSID0
                    ? Configuration.error(entry, EventType.F_STREAM_DISABLED)
                    : context(entry, substream, update, since);
        }
        if (!entry.translatesStage1()) {
            return withoutStage1(entry);
        }
        if (!substreams) {
            return context(entry, 0, update, since);
        }
        return switch (entry.defaultSubstream()) {
            case StreamTableEntry.S1DSS_BYPASS -> withoutStage1(entry);
            case StreamTableEntry.S1DSS_SSID0 -> context(entry, 0, update, since);
            default -> Configuration.error(entry, EventType.F_STREAM_DISABLED);
        };
    }

    private static Configuration withoutStage1(StreamEntry entry) {
        return entry.stage2() == null ? Configuration.bypass(entry) : Configuration.stage2Only(entry);
    }

    private Configuration context(StreamEntry entry, int index, boolean update, long since) {
        var words = new long[4];
        long fault = contexts.read(entry, index, words, update, since);
        if (FaultWord.isFault(fault)) {
            return Configuration.fetchFault(entry, fault);
        }
        return fault == 0
                ? contextDecoder.decode(entry, words, e2h)
                : Configuration.error(entry, EventType.of(fault).orElseThrow());
    }
}
