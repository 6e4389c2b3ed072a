package sluicegate.sim.smmuv3;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;

/**
 * The configuration cache (3.3.3, 5.2.1, 5.4.1): stream table entries by StreamID, and what follows from them and from
 * context descriptors by StreamID and SubstreamID. It has room for everything, so an entry stays until software invalidates
 * it.
 *
 * <p>Reads take no lock: what is kept is immutable. Fills and invalidations are rare and take turns.
 */
final class ConfigurationCache {
    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(Stream[].class);
    private static final VarHandle FAR = MethodHandles.arrayElementVarHandle(Stream[][][].class);
    private static final VarHandle CONFIGURATION = MethodHandles.arrayElementVarHandle(Configuration[].class);
    private static final int CHUNK_SHIFT = 8;
    private static final int CHUNK = 1 << CHUNK_SHIFT;
    /** What is found without a detour: StreamIDs that fit on PCI, with room for the segment number above. */
    private static final int NEAR_BITS = 24;

    private final CacheEpoch epoch;
    /** Streams in chunks; what no request has come from shares one chunk that stays empty. */
    private final Stream[][] streams;
    /** The same for larger StreamIDs, by their upper bits; null where no request has come from one. */
    private final Stream[][][] far;
    private final Stream[] empty = new Stream[CHUNK];

    /** What is cached of one stream. */
    private static final class Stream {
        private static final Stream NONE = new Stream(null);

        private final StreamEntry entry;
        /** For requests without SubstreamID. */
        private volatile Configuration plain = Configuration.ABSENT;
        /** For requests with one, in chunks; null where there is none. */
        private volatile Configuration[][] bySubstream;

        private Stream(StreamEntry entry) {
            this.entry = entry;
        }
    }

    ConfigurationCache(CacheEpoch epoch, int streamBits) {
        this.epoch = epoch;
        this.far = new Stream[1 << Math.max(0, streamBits - NEAR_BITS)][][];
        Arrays.fill(empty, Stream.NONE);
        this.streams = chunks(Math.min(streamBits, NEAR_BITS));
        far[0] = streams;
    }

    private Stream[][] chunks(int streamBits) {
        var chunks = new Stream[1 << Math.max(0, streamBits - CHUNK_SHIFT)][];
        Arrays.fill(chunks, empty);
        return chunks;
    }

    private Stream stream(int streamId) {
        int chunk = streamId >>> CHUNK_SHIFT;
        return chunk < streams.length
                ? (Stream) ELEMENT.getAcquire(streams[chunk], streamId & CHUNK - 1)
                : farStream(streamId);
    }

    private Stream farStream(int streamId) {
        int place = streamId >>> NEAR_BITS;
        if (place == 0 || place >= far.length) {
            return Stream.NONE;
        }
        var chunks = (Stream[][]) FAR.getAcquire(far, place);
        return chunks == null ? Stream.NONE : (Stream) ELEMENT.getAcquire(chunks[chunkOf(streamId)], streamId & CHUNK - 1);
    }

    /** Place of a chunk among those with the same upper bits of the StreamID. */
    private static int chunkOf(int streamId) {
        return (streamId & (1 << NEAR_BITS) - 1) >>> CHUNK_SHIFT;
    }

    /** What is cached for a stream and substream ({@link Pasid#NONE} for none), or {@link Configuration#ABSENT}. */
    Configuration find(int streamId, int substream) {
        var stream = stream(streamId);
        return substream == Pasid.NONE ? stream.plain : findSubstream(stream, substream);
    }

    private static Configuration findSubstream(Stream stream, int substream) {
        var chunks = stream.bySubstream;
        int chunk = substream >>> CHUNK_SHIFT;
        if (chunks == null || chunk >= chunks.length || chunks[chunk] == null) {
            return Configuration.ABSENT;
        }
        var found = (Configuration) CONFIGURATION.getAcquire(chunks[chunk], substream & CHUNK - 1);
        return found == null ? Configuration.ABSENT : found;
    }

    /** The cached entry of a stream, null if there is none. */
    StreamEntry entry(int streamId) {
        return stream(streamId).entry;
    }

    /** Keeps an entry that was read from memory since {@code since}, unless something was invalidated in the meantime. */
    synchronized void fillEntry(int streamId, StreamEntry entry, long since) {
        int place = streamId >>> NEAR_BITS;
        if (epoch.current() != since || stream(streamId).entry != null) {
            return;
        }
        if (far[place] == null) {
            FAR.setRelease(far, place, chunks(NEAR_BITS));
        }
        var chunks = far[place];
        int chunk = chunkOf(streamId);
        if (chunks[chunk] == empty) {
            chunks[chunk] = empty.clone();
        }
        ELEMENT.setRelease(chunks[chunk], streamId & CHUNK - 1, new Stream(entry));
    }

    /** Keeps what follows from the cached entry, unless something was invalidated in the meantime. */
    synchronized void fill(int streamId, int substream, Configuration configuration, long since) {
        var stream = stream(streamId);
        if (epoch.current() != since || stream.entry != configuration.stream || stream.entry == null) {
            return;
        }
        if (substream == Pasid.NONE) {
            stream.plain = configuration;
            return;
        }
        int chunk = substream >>> CHUNK_SHIFT;
        var old = stream.bySubstream;
        var chunks = old == null ? new Configuration[chunk + 1][] : Arrays.copyOf(old, Math.max(old.length, chunk + 1));
        if (chunks[chunk] == null) {
            chunks[chunk] = new Configuration[CHUNK];
        }
        CONFIGURATION.setRelease(chunks[chunk], substream & CHUNK - 1, configuration);
        stream.bySubstream = chunks;
    }

    /** Forgets the entries of {@code count} streams, and the context descriptors found through them. */
    synchronized void invalidateStreams(int first, long count) {
        epoch.advance();
        long from = Integer.toUnsignedLong(first);
        for (int place = 0; place < far.length; place++) {
            long base = (long) place << NEAR_BITS;
            if (far[place] != null && from < base + (1L << NEAR_BITS) && base < from + count) {
                invalidate(far[place], from - base, from + count - base);
            }
        }
    }

    /** Forgets those streams of some chunks that are from {@code first} on and before {@code end}, counted from their first. */
    private void invalidate(Stream[][] chunks, long first, long end) {
        int from = (int) Math.max(first, 0);
        int to = (int) Math.min(end, (long) chunks.length << CHUNK_SHIFT);
        for (int chunk = from >>> CHUNK_SHIFT; chunk << CHUNK_SHIFT < to; chunk++) {
            if (chunks[chunk] != empty) {
                for (int i = Math.max(from, chunk << CHUNK_SHIFT); i < Math.min(to, chunk + 1 << CHUNK_SHIFT); i++) {
                    ELEMENT.setRelease(chunks[chunk], i & CHUNK - 1, Stream.NONE);
                }
            }
        }
    }

    /** Forgets the context descriptor of a stream with an index. */
    synchronized void invalidateContext(int streamId, int index) {
        epoch.advance();
        var stream = stream(streamId);
        if (stream.entry == null) {
            return;
        }
        if (index == 0) {
            // Requests without SubstreamID use this one, if any.
            stream.plain = Configuration.ABSENT;
        }
        if (findSubstream(stream, index) != Configuration.ABSENT) {
            CONFIGURATION.setRelease(stream.bySubstream[index >>> CHUNK_SHIFT], index & CHUNK - 1, null);
        }
    }

    /** Forgets all context descriptors of a stream. */
    synchronized void invalidateContexts(int streamId) {
        epoch.advance();
        var stream = stream(streamId);
        if (stream.entry != null) {
            stream.plain = Configuration.ABSENT;
            stream.bySubstream = null;
        }
    }
}
