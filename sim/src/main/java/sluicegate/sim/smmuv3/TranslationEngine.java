package sluicegate.sim.smmuv3;

import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.TranslationCache;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.GbpaRegister;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * What the unit does with requests (chapter 15): configuration of the stream, stage 1, stage 2, permissions. Steps are
 * answered from the caches where possible and else from memory.
 *
 * <p>Thread-safe; takes no lock and allocates nothing unless a request faults or its configuration has to be fetched. An
 * answer is a physical address, or negative: see {@link #isAddress} and the constants.
 */
public final class TranslationEngine {
    /** The request is aborted, and no event tells of it. Events are answered with the negative of their code. */
    public static final long ABORTED = -0x100;
    /** A read gets zeros and a write is lost, without an error (CD.A clear). */
    public static final long IGNORED = -0x101;

    private static final long STALLED = -0x1_0000;

    private final Smmuv3Capabilities capabilities;
    private final Configurations configurations;
    private final Tlb tlb;
    private final TableWalker walker;
    private final CacheEpoch epoch;
    private final FaultReporter faults;
    private final int outputBits;
    /** Size of the smallest page, in which devices ask for translations. */
    private final long smallestUnit;
    private volatile boolean enabled;
    private volatile long control;
    private volatile long bypass;
    private volatile boolean recordBadStreams;

    TranslationEngine(Smmuv3Capabilities capabilities, Configurations configurations, Tlb tlb, TableWalker walker,
            CacheEpoch epoch, FaultReporter faults) {
        this.capabilities = capabilities;
        this.configurations = configurations;
        this.tlb = tlb;
        this.walker = walker;
        this.epoch = epoch;
        this.faults = faults;
        this.outputBits = capabilities.outputBits();
        this.smallestUnit = 1L << capabilities.smallestGranule();
    }

    /** Whether an answer is an address. */
    public static boolean isAddress(long answer) {
        return answer >= 0;
    }

    /** Whether an answer says that the request is stalled; {@link #stallTag} says how to find it. */
    public static boolean isStalled(long answer) {
        return answer <= STALLED;
    }

    /** What {@link Stalls#await} takes. */
    public static int stallTag(long answer) {
        return (int) (STALLED - answer);
    }

    /** SMMU_CR0. */
    void setControl(long cr0) {
        control = cr0;
        enabled = Cr0Register.SMMUEN.isSet(cr0);
    }

    /** SMMU_GBPA. */
    void setBypass(long gbpa) {
        bypass = gbpa;
    }

    /** SMMU_CR2. */
    void setControl2(long cr2) {
        recordBadStreams = Cr2Register.RECINVSID.isSet(cr2);
        configurations.setE2h(Cr2Register.E2H.isSet(cr2));
    }

    /** Whether translation is on. */
    public boolean enabled() {
        return enabled;
    }

    /**
     * Translates a request and records the event if there is one.
     *
     * @param streamId of the device
     * @param substream {@link Pasid#NONE} or a SubstreamID
     * @param access {@link StreamAccess} bits
     * @return a physical address; the negative code of an {@link EventType}; {@link #ABORTED}; {@link #IGNORED}; or a stall
     */
    public long translate(int streamId, int substream, long iova, int access) {
        if (!enabled) {
            return bypassed(iova);
        }
        var configuration = configurations.cached(streamId, substream);
        if (configuration.simple && (iova & configuration.beyond) == 0) {
            long leaf = tlb.find(configuration.tag, configuration.pageSize, iova);
            if (leaf == TranslationCache.NONE) {
                leaf = walked(configuration, streamId, substream, iova, access);
            }
            if (leaf > TranslationCache.NONE && LeafWord.missing(leaf, access) == 0) {
                return LeafWord.translate(leaf, iova);
            }
        }
        return translateStepwise(streamId, substream, iova, access);
    }

    /** The page that a walk gives which is known to be needed; something else if what is in the way has to be looked at again. */
    private long walked(Configuration configuration, int streamId, int substream, long iova, int access) {
        // Read before anything else is that the walk depends on: the configuration has to be the same after it.
        long since = epoch.current();
        return configurations.cached(streamId, substream) == configuration
                ? walker.read(configuration, iova, access, since)
                : TranslationCache.NONE;
    }

    private long bypassed(long iova) {
        return GbpaRegister.ABORT.isSet(bypass) || iova >>> outputBits != 0 ? ABORTED : iova;
    }

    /** The same by the manual's steps, with fetches, walks, fills and events. */
    private long translateStepwise(int streamId, int substream, long iova, int access) {
        // Read before anything else is: what follows is kept only if nothing was invalidated since.
        long since = epoch.current();
        var configuration = configurations.get(streamId, substream, true, since);
        int effective = configuration.stream == null ? access : configuration.stream.override(access);
        long answer = answer(configuration, iova, effective, true, since);
        return answer >= 0 || answer == ABORTED
                ? answer
                : refuse(configuration, answer, streamId, substream, iova, effective);
    }

    /** @return an address, {@link #ABORTED}, a {@link FaultWord} or the negative code of a configuration error */
    private long answer(Configuration configuration, long iova, int access, boolean update, long since) {
        return switch (configuration.kind) {
            case ABORT -> ABORTED;
            case BYPASS -> iova >>> outputBits == 0 ? iova : FaultWord.stage1(EventType.F_ADDR_SIZE);
            case TRANSLATE -> translated(configuration, iova, access, update, since);
            default -> FaultWord.isFault(configuration.fault) ? configuration.fault : -configuration.fault;
        };
    }

    private long translated(Configuration configuration, long iova, int access, boolean update, long since) {
        long leaf = leaf(configuration, iova, access, update, since, false);
        return FaultWord.isFault(leaf) ? leaf : LeafWord.translate(leaf, iova);
    }

    /** The page for an address, of the stages that there are, or a {@link FaultWord}. */
    private long leaf(Configuration configuration, long iova, int access, boolean update, long since, boolean stage1Only) {
        if (configuration.stage1) {
            return configuration.stage2 == null || stage1Only
                    ? walker.stage1(configuration, iova, access, update, since)
                    : walker.nested(configuration, iova, access, update, since);
        }
        return iova >>> outputBits == 0
                ? walker.stage2(configuration.stage2, iova, access, update, since)
                : FaultWord.stage1(EventType.F_ADDR_SIZE);
    }

    private long refuse(Configuration configuration, long fault, int streamId, int substream, long iova, int access) {
        if (fault == -EventType.C_BAD_STREAMID.code() && !recordBadStreams) {
            return ABORTED;
        }
        var request = new FaultReporter.Request(streamId, substream, iova, access);
        return fault > FaultReporter.NO_FAULT_WORD
                ? faults.configurationError(configuration, (int) -fault, request)
                : faults.fault(configuration, fault, request);
    }

    static long stalled(int tag) {
        return STALLED - tag;
    }

    /**
     * Answers a translation request (ATS, 3.9.1.2), for data and without privilege unless the stream overrides that.
     *
     * @param noWrite whether write permission is not asked for
     */
    public AtsAnswer translationRequest(int streamId, int substream, long iova, boolean noWrite) {
        var request = new FaultReporter.Request(streamId, substream, iova,
                noWrite ? StreamAccess.READ : StreamAccess.READ | StreamAccess.WRITE);
        if (!enabled) {
            faults.forbiddenRequest(request);
            return AtsAnswer.UNSUPPORTED;
        }
        long since = epoch.current();
        var configuration = configurations.get(streamId, substream, true, since);
        if (configuration.kind == Configuration.Kind.ABORT) {
            return AtsAnswer.UNSUPPORTED;
        }
        if (configuration.stream == null || !configuration.stream.valid()) {
            return AtsAnswer.ABORTED;
        }
        int ats = configuration.stream.ats();
        boolean split = ats == StreamTableEntry.EATS_SPLIT && Cr0Register.ATSCHK.isSet(control);
        if (ats != StreamTableEntry.EATS_FULL && !split) {
            faults.forbiddenRequest(request);
            return AtsAnswer.UNSUPPORTED;
        }
        if (configuration.kind == Configuration.Kind.FAULT) {
            return failed(configuration.fault);
        }
        boolean privileged = StreamAccess.isPrivileged(configuration.stream.override(StreamAccess.READ));
        if (!noWrite) {
            // What may be written becomes dirty now: the write itself will not be seen here.
            page(configuration, iova, StreamAccess.withPrivilege(StreamAccess.WRITE, privileged), true, since, split);
        }
        var page = page(configuration, iova, 0, true, since, split);
        return page.fault() == 0 ? granted(configuration.stream, page, privileged) : failed(page.fault());
    }

    /** What a device is told of a failure: an error of a translation is only that there is no access. */
    private AtsAnswer failed(long fault) {
        boolean translation = FaultWord.isFault(fault) && fault < FaultReporter.NO_FAULT_WORD
                && FaultWord.event(fault) >= EventType.F_TRANSLATION.code()
                && FaultWord.event(fault) <= EventType.F_PERMISSION.code();
        return translation ? new AtsAnswer(AtsAnswer.Status.SUCCESS, 0, smallestUnit, 0) : AtsAnswer.ABORTED;
    }

    /** What a device may do with a page (13.7.1). */
    private AtsAnswer granted(StreamEntry stream, Page page, boolean privileged) {
        int all = privileged ? page.permissions() >>> StreamAccess.PRIVILEGE_SHIFT : page.permissions();
        boolean reads = (all & (stream.readsInstructions() ? StreamAccess.EXECUTE : StreamAccess.READ)) != 0;
        long size = page.size() == 0 ? smallestUnit : page.size();
        return new AtsAnswer(AtsAnswer.Status.SUCCESS, page.address() & -size, size,
                (reads ? StreamAccess.READ : 0) | all & StreamAccess.WRITE);
    }

    /**
     * Checks a request whose address the device has translated already.
     *
     * @return as {@link #translate}
     */
    public long translated(int streamId, long address, int access) {
        var request = new FaultReporter.Request(streamId, Pasid.NONE, address, access);
        if (!enabled || !capabilities.ats()) {
            return faults.forbiddenTraffic(request);
        }
        long checked = address >>> outputBits == 0 ? address : ABORTED;
        if (!Cr0Register.ATSCHK.isSet(control)) {
            return checked;
        }
        long since = epoch.current();
        var configuration = configurations.get(streamId, Pasid.NONE, true, since);
        if (configuration.stream == null || !configuration.stream.valid()
                || configuration.kind == Configuration.Kind.ABORT) {
            return ABORTED;
        }
        return switch (configuration.stream.ats()) {
            case StreamTableEntry.EATS_FULL -> checked;
            case StreamTableEntry.EATS_SPLIT -> {
                long leaf = walker.stage2(configuration.stream.stage2(), address, access, true, since);
                yield FaultWord.isFault(leaf)
                        ? faults.fault(configuration, leaf, request)
                        : LeafWord.translate(leaf, address);
            }
            default -> faults.forbiddenTraffic(request);
        };
    }

    /** Fetches what requests of a stream need before they can be translated, without a trace if that fails (4.2.1). */
    void prefetch(int streamId, int substream) {
        if (enabled) {
            configurations.get(streamId, substream, true, epoch.current());
        }
    }

    /** The same, and the translation of an address, as for a speculative read (4.2.2). */
    void prefetch(int streamId, int substream, long address) {
        if (enabled) {
            long since = epoch.current();
            var configuration = configurations.get(streamId, substream, true, since);
            if (configuration.kind == Configuration.Kind.TRANSLATE) {
                leaf(configuration, address, 0, true, since, false);
            }
        }
    }

    /** What a request would meet, from the caches as they are and else from memory, without a trace. */
    Page probe(int streamId, int substream, long iova, int access) {
        if (!enabled) {
            return Page.all(bypassed(iova));
        }
        var configuration = configurations.get(streamId, substream, false, CacheEpoch.NEVER);
        int effective = configuration.stream == null ? access : configuration.stream.override(access);
        return configuration.kind == Configuration.Kind.TRANSLATE
                ? page(configuration, iova, effective, false, CacheEpoch.NEVER, false)
                : Page.all(answer(configuration, iova, effective, false, CacheEpoch.NEVER));
    }

    private Page page(Configuration configuration, long iova, int access, boolean update, long since, boolean stage1Only) {
        if (!configuration.stage1 && configuration.stage2 == null) {
            return iova >>> outputBits == 0 ? Page.all(iova) : Page.failed(FaultWord.stage1(EventType.F_ADDR_SIZE));
        }
        long leaf = leaf(configuration, iova, access, update, since, stage1Only);
        return FaultWord.isFault(leaf)
                ? Page.failed(leaf)
                : new Page(0, LeafWord.translate(leaf, iova), LeafWord.permissions(leaf), 1L << LeafWord.shift(leaf));
    }

    /**
     * An answer in full.
     *
     * @param fault a {@link FaultWord}, the negative code of a configuration error, {@link #ABORTED}, or 0
     * @param address physical address
     * @param permissions {@link StreamAccess} bits
     * @param size of the page in bytes, 0 if none limits the translation
     */
    record Page(long fault, long address, int permissions, long size) {
        private static Page failed(long fault) {
            return new Page(fault, 0, 0, 0);
        }

        private static Page all(long answer) {
            return answer < 0 ? failed(answer) : new Page(0, answer, StreamAccess.ALL, 0);
        }

        /** The code of the event that would be recorded; 0 for an abort in silence. */
        int event() {
            if (fault == ABORTED) {
                return 0;
            }
            return fault > FaultReporter.NO_FAULT_WORD ? (int) -fault : FaultWord.event(fault);
        }
    }

    /**
     * A translation completion.
     *
     * @param status what the device is told
     * @param address first address of the page
     * @param size in bytes
     * @param permissions {@link StreamAccess} bits, without regard to privilege; 0 if there is no translation
     */
    public record AtsAnswer(Status status, long address, long size, int permissions) {
        static final AtsAnswer UNSUPPORTED = new AtsAnswer(Status.UNSUPPORTED_REQUEST, 0, 0, 0);
        static final AtsAnswer ABORTED = new AtsAnswer(Status.COMPLETER_ABORT, 0, 0, 0);

        /** PCI Express completion status. */
        public enum Status {
            SUCCESS,
            /** Unsupported Request: the stream may not use ATS. */
            UNSUPPORTED_REQUEST,
            /** Completer Abort: the configuration of the stream is in error. */
            COMPLETER_ABORT
        }
    }
}
