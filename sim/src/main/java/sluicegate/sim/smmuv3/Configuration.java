package sluicegate.sim.smmuv3;

import sluicegate.spec.smmuv3.EventType;

/**
 * What applies to the requests of a stream and substream: everything that its stream table entry and context descriptor
 * say, decoded. Immutable; made when the configuration is fetched, and cached.
 */
final class Configuration {
    /** What happens to requests. */
    enum Kind {
        /** There is none in the cache. */
        NONE,
        /** Aborted in silence. */
        ABORT,
        /** They pass unchanged. */
        BYPASS,
        /** They are translated. */
        TRANSLATE,
        /** They are aborted, and an event is recorded. */
        FAULT
    }

    /** What a cache says when it has nothing. */
    static final Configuration ABSENT = new Configuration(Kind.NONE, null, false, 0, null, null, null, 0);

    final Kind kind;
    /** The entry that it was reached through; absent where that could not be found. */
    final StreamEntry stream;
    /** Whether stage 1 translates. */
    final boolean stage1;
    /** What its context descriptor says of faults, even where walks are disabled: flags of {@link StageTables}. */
    final int contextFlags;
    /** Tables of stage 1 for low and for high addresses; null where walks are disabled. */
    final StageTables low;
    final StageTables high;
    /** Tables of stage 2, null without. */
    final StageTables stage2;
    /** A {@link FaultWord}, or the code of a configuration error. */
    final long fault;

    // What a hit needs, side by side.

    /** Whether a hit needs no more than what follows: one range of addresses, attributes of requests as they come. */
    final boolean simple;
    /** Bits that are zero in every address that is in range. */
    final long beyond;
    final int tag;
    final int pageSize;

    private Configuration(Kind kind, StreamEntry stream, boolean stage1, int contextFlags, StageTables low, StageTables high,
            StageTables stage2, long fault) {
        this.kind = kind;
        this.stream = stream;
        this.stage1 = stage1;
        this.contextFlags = contextFlags;
        this.low = low;
        this.high = high;
        this.stage2 = stage2;
        this.fault = fault;
        var first = stage1 ? low : stage2;
        this.simple = kind == Kind.TRANSLATE && first != null && !first.has(StageTables.TBI | StageTables.EL2)
                && !stream.overrides();
        this.beyond = first == null ? -1 : -1L << first.inputBits();
        this.tag = first == null ? 0 : first.tag();
        this.pageSize = first == null ? 0 : smallestSize(first);
    }

    /** The size of the smallest page that the TLB may have for tables of the first stage, as {@link LeafWord} numbers it. */
    int smallestSize(StageTables tables) {
        return LeafWord.sizeOf(stage2 == null ? tables.granuleShift() : Math.min(tables.granuleShift(), stage2.granuleShift()));
    }

    static Configuration abort(StreamEntry stream) {
        return new Configuration(Kind.ABORT, stream, false, 0, null, null, null, 0);
    }

    static Configuration bypass(StreamEntry stream) {
        return new Configuration(Kind.BYPASS, stream, false, 0, null, null, null, 0);
    }

    static Configuration error(StreamEntry stream, EventType event) {
        return new Configuration(Kind.FAULT, stream, false, 0, null, null, null, event.code());
    }

    /** The fetch of a structure was aborted, or met a fault of stage 2. */
    static Configuration fetchFault(StreamEntry stream, long faultWord) {
        return new Configuration(Kind.FAULT, stream, false, 0, null, null, stream == null ? null : stream.stage2(), faultWord);
    }

    static Configuration translate(StreamEntry stream, int contextFlags, StageTables low, StageTables high) {
        return new Configuration(Kind.TRANSLATE, stream, true, contextFlags, low, high, stream.stage2(), 0);
    }

    /** Stage 1 does nothing, whatever its tables are. */
    static Configuration stage2Only(StreamEntry stream) {
        return new Configuration(Kind.TRANSLATE, stream, false, 0, null, null, stream.stage2(), 0);
    }

    /** The tables of stage 1 for an address; null where walks are disabled. */
    StageTables tablesFor(long input) {
        boolean lowOnly = low != null && low.has(StageTables.EL2);
        return lowOnly || (input >>> 55 & 1) == 0 ? low : high;
    }

    /** Whether an error may be kept: what was fetched may be, what could not be fetched may not (5.2.1). */
    boolean mayKeep() {
        return kind != Kind.FAULT || fault == EventType.C_BAD_STE.code() || fault == EventType.C_BAD_CD.code();
    }
}
