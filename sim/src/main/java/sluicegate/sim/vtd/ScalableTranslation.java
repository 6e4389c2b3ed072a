package sluicegate.sim.vtd;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.vtd.TranslationEngine.Page;
import sluicegate.sim.vtd.TranslationEngine.Probe;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;

/**
 * Requests in scalable mode (VT-d 3.4.3): context entry, PASID entry, range of the address, page by the stages that the PASID
 * entry names, permissions. Steps are answered from the caches where possible and else from memory.
 *
 * <p>Thread-safe; takes no lock and allocates nothing unless a request faults or a configuration entry is read.
 */
final class ScalableTranslation {
    /** First-stage addresses are canonical: the bits above these are copies. */
    private static final long INPUT_ADDRESS = (1L << 57) - 1;

    private final ConfigurationCache configuration;
    private final Iotlb iotlb;
    private final CacheEpoch epoch;
    private final FaultReporting faults;
    private final ScalableContextLookup contexts;
    private final PasidLookup pasids;
    private final ScalableSecondStage secondStage;
    private final FirstStageWalker firstStage;
    private final boolean cachingMode;
    private final boolean zeroLengthRead;
    private final int pasidBits;
    private final int hostAddressWidth;
    private volatile long rootTable;

    ScalableTranslation(PhysicalMemory memory, VtdCapabilities capabilities, TranslationCaches caches,
            FaultReporting faults) {
        this.configuration = caches.configuration();
        this.iotlb = caches.iotlb();
        this.epoch = caches.epoch();
        this.faults = faults;
        this.contexts = new ScalableContextLookup(memory, capabilities);
        this.pasids = new PasidLookup(memory, capabilities, caches.tags());
        this.secondStage = new ScalableSecondStage(memory, capabilities, caches.structures());
        this.firstStage = new FirstStageWalker(memory, capabilities, caches.structures(), secondStage);
        this.cachingMode = capabilities.cachingMode();
        this.zeroLengthRead = capabilities.zeroLengthRead();
        this.pasidBits = capabilities.pasidBits();
        this.hostAddressWidth = capabilities.hostAddressWidth();
    }

    /** @param address physical address of the root table */
    void setRootTable(long address) {
        rootTable = address;
    }

    /** {@link TranslationEngine#translate}. */
    long translate(int sourceId, int pasid, long iova, int access) {
        var entry = configuration.find(sourceId, pasid);
        if (entry != null && access <= RequestAccess.ATOMIC && entry.fits(iova)
                && (pasid != Pasid.NONE || !InterruptController.isInterruptAddress(iova))) {
            long leaf = iotlb.find(entry.tag, iova & INPUT_ADDRESS);
            if (leaf != LeafWord.NONE && (access & ~leaf | leaf & LeafWord.FAULT) == 0) {
                long address = LeafWord.translate(leaf, iova);
                if (!InterruptController.isInterruptAddress(address)) {
                    return address;
                }
            }
        }
        return translateStepwise(sourceId, pasid, iova, access);
    }

    /** The same by the manual's steps, with walks, fills and faults. */
    private long translateStepwise(int sourceId, int pasid, long iova, int access) {
        // A request with PASID is never an interrupt (3.14).
        if (pasid == Pasid.NONE && InterruptController.isInterruptAddress(iova)) {
            return access == RequestAccess.WRITE
                    ? iova
                    : refuse(FaultReason.INTERRUPT_REQUEST_INVALID.code(), sourceId, pasid, iova, access, false);
        }
        // Read before anything else is: what follows is kept only if nothing was invalidated since.
        long since = epoch.current();
        var context = context(sourceId, since);
        int fault = refusal(context, pasid);
        if (fault != 0) {
            return refuse(fault, sourceId, pasid, iova, access, context.faultsDisabled());
        }
        var entry = entry(context, sourceId, context.effectivePasid(pasid), since);
        int privilege = pasid == Pasid.NONE && context.privileged() ? RequestAccess.PRIVILEGED : 0;
        fault = refusal(entry, iova, access | privilege);
        if (fault == 0 && entry.kind == PasidContext.PASS_THROUGH) {
            fault = refusalOfResult(iova);
            return fault == 0 ? iova : refuse(fault, sourceId, pasid, iova, access, entry.faultsDisabled);
        }
        if (fault == 0) {
            long leaf = leaf(entry, iova, access | privilege, since);
            fault = check(entry, leaf, iova, access | privilege);
            if (fault == 0) {
                return LeafWord.translate(leaf, iova);
            }
        }
        return refuse(fault, sourceId, pasid, iova, access, entry.faultsDisabled);
    }

    /** The context entry of a source id: from the cache, or from the tables and then kept. */
    private ScalableContext context(int sourceId, long since) {
        var cached = configuration.context(sourceId);
        if (cached != null) {
            return cached;
        }
        var read = contexts.read(rootTable, sourceId);
        // Only with caching mode does hardware keep what is not present or malformed (6.1).
        if (cachingMode || read.faultCode() == 0) {
            configuration.fill(sourceId, read, since);
        }
        return read;
    }

    /** Why a request is refused by its context entry, or by the unit for its PASID: the code of a fault, or 0. */
    private int refusal(ScalableContext context, int pasid) {
        int fault = context.refusal(pasid);
        return fault == 0 && pasid != Pasid.NONE && pasid >>> pasidBits != 0
                ? FaultReason.SM_PASID_BEYOND_WIDTH.code() : fault;
    }

    /** The PASID entry: from the cache, or from the tables and then kept. */
    private PasidContext entry(ScalableContext context, int sourceId, int pasid, long since) {
        var cached = configuration.entry(sourceId, pasid);
        if (cached != null) {
            return cached;
        }
        var read = pasids.read(context, pasid);
        if (cachingMode || read.faultCode == 0) {
            configuration.fill(sourceId, read, since);
        }
        return read;
    }

    /** Why a PASID entry refuses a request before any page is looked for: the code of a fault, or 0. */
    private static int refusal(PasidContext entry, long iova, int access) {
        if (entry.faultCode != 0) {
            return entry.faultCode;
        }
        if ((access & RequestAccess.EXECUTE) != 0 && !entry.executeRequests) {
            return FaultReason.PASID_ENTRY_NO_ERE.code();
        }
        if ((access & RequestAccess.PRIVILEGED) != 0 && !entry.supervisorRequests) {
            return FaultReason.PASID_ENTRY_NO_SRE.code();
        }
        if (entry.fits(iova)) {
            return 0;
        }
        if (entry.kind == PasidContext.PASS_THROUGH) {
            return FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH.code();
        }
        return entry.kind == PasidContext.SECOND_STAGE
                ? FaultReason.SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH.code()
                : FaultReason.SM_ADDRESS_NOT_CANONICAL.code();
    }

    private static int refusalOfResult(long address) {
        return InterruptController.isInterruptAddress(address) ? FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE.code() : 0;
    }

    /** The page: from the IOTLB if what is there will do, or by a walk and then kept. */
    private long leaf(PasidContext entry, long iova, int access, long since) {
        long cached = iotlb.find(entry.tag, iova & INPUT_ADDRESS);
        if (cached != LeafWord.NONE && (LeafWord.isFault(cached) || !mustWalkAgain(entry, cached, access))) {
            return cached;
        }
        long walked = walk(entry, iova, access, since);
        if (mayKeep(entry, walked)) {
            iotlb.fill(entry.tag, iova & INPUT_ADDRESS, walked, since);
        }
        return walked;
    }

    /**
     * Whether a cached page does not settle a request: a write has to set a dirty bit first, or the first stage seems to lack a
     * permission, which software may have added without an invalidation, as on processors.
     */
    private boolean mustWalkAgain(PasidContext entry, long cached, int access) {
        boolean write = (access & RequestAccess.WRITE) != 0;
        return write && (cached & LeafWord.CLEAN) != 0
                || entry.kind != PasidContext.SECOND_STAGE && missing(entry, cached, access) != 0;
    }

    /** Only second-stage entries are kept when they are not present or malformed (6.1). */
    private boolean mayKeep(PasidContext entry, long walked) {
        return entry.tag != DomainTags.NONE
                && (!LeafWord.isFault(walked)
                || cachingMode && entry.kind == PasidContext.SECOND_STAGE && LeafWord.mayKeep(walked));
    }

    private long walk(PasidContext entry, long iova, int access, long since) {
        return entry.kind == PasidContext.SECOND_STAGE
                ? secondStage.walk(entry, iova, effective(access), since)
                : firstStage.walk(entry, iova, effective(access), since);
    }

    private int effective(int access) {
        return (access & RequestAccess.ZERO_LENGTH_READ) != 0 && !zeroLengthRead
                ? access & ~RequestAccess.ZERO_LENGTH_READ | RequestAccess.READ
                : access;
    }

    /** What is wrong with using a page for a request: the code of a fault, or 0. */
    private int check(PasidContext entry, long leaf, long iova, int access) {
        if (LeafWord.isFault(leaf)) {
            return LeafWord.ownFaultCode(leaf);
        }
        int fault = missing(entry, leaf, access);
        return fault == 0 ? refusalOfResult(LeafWord.translate(leaf, iova)) : fault;
    }

    /** The fault for a permission that a page does not grant, or 0. */
    private int missing(PasidContext entry, long leaf, int requested) {
        int access = effective(requested);
        boolean privileged = (access & RequestAccess.PRIVILEGED) != 0;
        if (!privileged && (leaf & LeafWord.USER) == 0) {
            return FaultReason.SM_USER_NOT_PERMITTED.code();
        }
        int granted = entry.granted(leaf, privileged);
        int missing = access & ~granted & (RequestAccess.ATOMIC | RequestAccess.EXECUTE);
        if ((missing & RequestAccess.EXECUTE) != 0) {
            return FaultReason.SM_EXECUTE_NOT_PERMITTED.code();
        }
        if ((missing & RequestAccess.WRITE) != 0) {
            return FaultReason.SM_WRITE_NOT_PERMITTED.code();
        }
        boolean nothing = (access & RequestAccess.ZERO_LENGTH_READ) != 0 && (granted & RequestAccess.ATOMIC) == 0;
        return missing != 0 || nothing ? FaultReason.SM_READ_NOT_PERMITTED.code() : 0;
    }

    private long refuse(int code, int sourceId, int pasid, long iova, int access, boolean faultsDisabled) {
        faults.report(code, sourceId, pasid, iova, access, FaultRecord.AT_UNTRANSLATED, faultsDisabled);
        return -code;
    }

    /** {@link TranslationEngine#translationRequest}. */
    Optional<Page> translationRequest(int sourceId, int pasid, long iova, boolean noWrite) {
        int access = noWrite ? RequestAccess.READ : RequestAccess.WRITE;
        long since = epoch.current();
        var context = context(sourceId, since);
        int fault = deviceTlbRefusal(context);
        fault = fault == 0 ? refusal(context, pasid) : fault;
        if (fault != 0) {
            return refuseTranslationRequest(fault, sourceId, pasid, iova, access, context.faultsDisabled());
        }
        if (pasid == Pasid.NONE && InterruptController.isInterruptAddress(iova)) {
            return Optional.of(Page.ofMessage(iova, noWrite));
        }
        var entry = entry(context, sourceId, context.effectivePasid(pasid), since);
        int privilege = pasid == Pasid.NONE && context.privileged() ? RequestAccess.PRIVILEGED : 0;
        fault = refusal(entry, iova, privilege);
        if (fault == 0 && entry.kind == PasidContext.PASS_THROUGH) {
            return Optional.of(new Page(iova & -1L << 12, noWrite ? RequestAccess.READ : RequestAccess.ATOMIC, 1L << 12));
        }
        long leaf = fault == 0 ? leaf(entry, iova, RequestAccess.ZERO_LENGTH_READ | privilege, since) : LeafWord.NONE;
        if (fault == 0 && !LeafWord.isFault(leaf) && !noWrite && (leaf & LeafWord.CLEAN) != 0
                && (entry.granted(leaf, privilege != 0) & RequestAccess.WRITE) != 0) {
            // The device will write without asking again.
            leaf = leaf(entry, iova, RequestAccess.WRITE | privilege, since);
        }
        if (fault == 0) {
            fault = LeafWord.isFault(leaf) ? LeafWord.ownFaultCode(leaf) : refusalOfResult(LeafWord.translate(leaf, iova));
        }
        if (fault != 0) {
            return refuseTranslationRequest(fault, sourceId, pasid, iova, access, entry.faultsDisabled);
        }
        int permissions = entry.granted(leaf, privilege != 0) & (noWrite ? RequestAccess.READ : RequestAccess.ATOMIC);
        return Optional.of(permissions == 0 ? Page.NOTHING : Page.of(leaf, iova, permissions));
    }

    private static int deviceTlbRefusal(ScalableContext context) {
        return context.faultCode() == 0 && !context.deviceTlb()
                ? FaultReason.SM_CONTEXT_ENTRY_NO_DTE.code()
                : context.faultCode();
    }

    /** What the device may ask the operating system to mend is no fault (table 30): it is told that it has no permission. */
    private Optional<Page> refuseTranslationRequest(int code, int sourceId, int pasid, long iova, int access,
            boolean faultsDisabled) {
        if (FaultReason.of(code).map(ScalableTranslation::recoverable).orElse(false)) {
            return Optional.of(Page.NOTHING);
        }
        faults.report(code, sourceId, pasid, iova, access, FaultRecord.AT_TRANSLATION_REQUEST, faultsDisabled);
        return Optional.empty();
    }

    private static boolean recoverable(FaultReason reason) {
        return switch (reason) {
            case PASID_DIRECTORY_ENTRY_NOT_PRESENT, PASID_ENTRY_NOT_PRESENT, PASID_ENTRY_NO_ERE, PASID_ENTRY_NO_SRE,
                    FIRST_STAGE_ENTRY_UNREADABLE, FIRST_STAGE_ENTRY_NOT_PRESENT, FIRST_STAGE_ENTRY_RESERVED,
                    FIRST_STAGE_ROOT_UNREADABLE, NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE,
                    NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED, NESTED_FIRST_STAGE_READ_NOT_PERMITTED,
                    NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED, FIRST_STAGE_AD_NOT_SNOOPED, SM_SECOND_STAGE_NOT_PERMITTED,
                    SM_ADDRESS_NOT_CANONICAL, SM_USER_NOT_PERMITTED, SM_EXECUTE_NOT_PERMITTED,
                    SM_HOST_ADDRESS_BEYOND_WIDTH, SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH, SM_WRITE_NOT_PERMITTED,
                    SM_READ_NOT_PERMITTED -> true;
            default -> false;
        };
    }

    /** {@link TranslationEngine#translated}: 0, or the code of a fault, recorded. */
    int translated(int sourceId, long address, int access) {
        var context = context(sourceId, epoch.current());
        int code = deviceTlbRefusal(context);
        if (code == 0 && address >>> hostAddressWidth != 0) {
            code = FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH.code();
        }
        code = code == 0 ? refusalOfResult(address) : code;
        if (code != 0) {
            faults.report(code, sourceId, Pasid.NONE, address, access, FaultRecord.AT_TRANSLATED,
                    context.faultsDisabled());
        }
        return code;
    }

    /** {@link TranslationEngine#pageRequest}. */
    Optional<PasidContext> pageRequest(PageRequest request) {
        long since = epoch.current();
        var context = context(request.sourceId(), since);
        int fault = context.pageRequestRefusal(request.pasid());
        boolean faultsDisabled = context.faultsDisabled();
        if (fault == 0) {
            var entry = entry(context, request.sourceId(), context.effectivePasid(request.pasid()), since);
            if (entry.faultCode == 0) {
                return Optional.of(entry);
            }
            fault = entry.faultCode;
            faultsDisabled = entry.faultsDisabled;
        }
        faults.reportPageRequest(fault, request, faultsDisabled);
        return Optional.empty();
    }

    /** {@link TranslationEngine#probe}. */
    Probe probe(int sourceId, int pasid, long iova, int access) {
        if (pasid == Pasid.NONE && InterruptController.isInterruptAddress(iova)) {
            return access == RequestAccess.WRITE
                    ? Probe.untranslated(iova)
                    : Probe.fault(FaultReason.INTERRUPT_REQUEST_INVALID.code());
        }
        var cached = configuration.context(sourceId);
        var context = cached != null ? cached : contexts.read(rootTable, sourceId);
        int fault = refusal(context, pasid);
        if (fault != 0) {
            return Probe.fault(fault);
        }
        var cachedEntry = configuration.entry(sourceId, context.effectivePasid(pasid));
        var entry = cachedEntry != null ? cachedEntry : pasids.read(context, context.effectivePasid(pasid));
        int privilege = pasid == Pasid.NONE && context.privileged() ? RequestAccess.PRIVILEGED : 0;
        fault = refusal(entry, iova, access | privilege);
        if (fault == 0 && entry.kind == PasidContext.PASS_THROUGH) {
            fault = refusalOfResult(iova);
            return fault == 0 ? Probe.untranslated(iova) : Probe.fault(fault);
        }
        return fault == 0 ? probePage(entry, iova, access | privilege) : Probe.fault(fault);
    }

    private Probe probePage(PasidContext entry, long iova, int access) {
        long leaf = iotlb.find(entry.tag, iova & INPUT_ADDRESS);
        if (leaf == LeafWord.NONE || !LeafWord.isFault(leaf) && mustWalkAgain(entry, leaf, access)) {
            leaf = walk(entry, iova, access, CacheEpoch.NEVER);
        }
        int fault = check(entry, leaf, iova, access);
        return fault != 0
                ? Probe.fault(fault)
                : Probe.page(leaf, iova, entry.granted(leaf, (access & RequestAccess.PRIVILEGED) != 0));
    }
}
