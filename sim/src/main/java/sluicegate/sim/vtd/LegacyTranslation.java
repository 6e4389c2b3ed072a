package sluicegate.sim.vtd;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.vtd.TranslationEngine.Page;
import sluicegate.sim.vtd.TranslationEngine.Probe;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;

/**
 * Requests in legacy mode (VT-d 3.4.2): context entry, width of the address, page, permissions. Steps are answered from the
 * caches where possible and else from memory.
 *
 * <p>Thread-safe; takes no lock and allocates nothing unless a request faults.
 */
final class LegacyTranslation {
    private final ContextCache contexts;
    private final Iotlb iotlb;
    private final CacheEpoch epoch;
    private final FaultReporting faults;
    private final ContextLookup lookup;
    private final SecondStageWalker walker;
    private final boolean cachingMode;
    private final boolean zeroLengthRead;
    private final int guestAddressWidth;
    private final int hostAddressWidth;
    private volatile long rootTable;

    LegacyTranslation(PhysicalMemory memory, VtdCapabilities capabilities, TranslationCaches caches,
            FaultReporting faults) {
        this.contexts = caches.contexts();
        this.iotlb = caches.iotlb();
        this.epoch = caches.epoch();
        this.faults = faults;
        this.lookup = new ContextLookup(memory, capabilities);
        this.walker = new SecondStageWalker(memory, capabilities, caches.structures());
        this.cachingMode = capabilities.cachingMode();
        this.zeroLengthRead = capabilities.zeroLengthRead();
        this.guestAddressWidth = capabilities.guestAddressWidth();
        this.hostAddressWidth = capabilities.hostAddressWidth();
    }

    /** @param address physical address of the root table */
    void setRootTable(long address) {
        rootTable = address;
    }

    /** {@link TranslationEngine#translate}. */
    long translate(int sourceId, int pasid, long iova, int access) {
        long context = contexts.find(sourceId);
        if (pasid == Pasid.NONE && access <= RequestAccess.ATOMIC
                && context != ContextWord.NONE && ContextWord.kind(context) <= ContextWord.DEVICE_TLB
                && iova >>> width(context) == 0 && !InterruptController.isInterruptAddress(iova)) {
            long leaf = iotlb.find(ContextWord.did(context), iova);
            if (leaf != LeafWord.NONE && (access & ~leaf | leaf & LeafWord.FAULT) == 0) {
                long address = LeafWord.translate(leaf, iova);
                if (!InterruptController.isInterruptAddress(address)) {
                    return address;
                }
            }
        }
        return translateStepwise(sourceId, pasid, iova, RequestAccess.plain(access));
    }

    /** The same by the manual's steps, with walks, fills and faults. */
    private long translateStepwise(int sourceId, int pasid, long iova, int access) {
        if (pasid != Pasid.NONE) {
            return refuse(FaultReason.TABLE_MODE_NO_PASID.code(), sourceId, pasid, iova, access, false);
        }
        if (InterruptController.isInterruptAddress(iova)) {
            return access == RequestAccess.WRITE
                    ? iova
                    : refuse(FaultReason.INTERRUPT_REQUEST_INVALID.code(), sourceId, pasid, iova, access, false);
        }
        // Read before anything else is: what follows is kept only if nothing was invalidated since.
        long since = epoch.current();
        long context = context(sourceId, since);
        int kind = ContextWord.kind(context);
        if (kind == ContextWord.FAULT) {
            return refuse(ContextWord.faultCode(context), sourceId, pasid, iova, access,
                    ContextWord.faultsDisabled(context));
        }
        if (iova >>> width(context) != 0) {
            return refuse(FaultReason.ADDRESS_BEYOND_WIDTH.code(), sourceId, pasid, iova, access,
                    ContextWord.faultsDisabled(context));
        }
        if (kind == ContextWord.PASS_THROUGH) {
            return iova;
        }
        long leaf = leaf(context, iova, access, since);
        int fault = check(leaf, iova, access);
        return fault == 0
                ? LeafWord.translate(leaf, iova)
                : refuse(fault, sourceId, pasid, iova, access, ContextWord.faultsDisabled(context));
    }

    /** The context of a source id: from the cache, or from the tables and then kept. */
    private long context(int sourceId, long since) {
        long cached = contexts.find(sourceId);
        if (cached != ContextWord.NONE) {
            return cached;
        }
        long read = lookup.read(rootTable, sourceId);
        // Only with caching mode does hardware keep what is not present or malformed (6.1).
        if (cachingMode || ContextWord.kind(read) != ContextWord.FAULT) {
            contexts.fill(sourceId, read, since);
        }
        return read;
    }

    /** The page: from the IOTLB, or by a walk and then kept. */
    private long leaf(long context, long iova, int access, long since) {
        int did = ContextWord.did(context);
        long cached = iotlb.find(did, iova);
        if (cached != LeafWord.NONE) {
            return cached;
        }
        long walked = walker.walk(context, iova, effective(access), since);
        if (cachingMode ? LeafWord.mayKeep(walked) : !LeafWord.isFault(walked)) {
            iotlb.fill(did, iova, walked, since);
        }
        return walked;
    }

    private int effective(int access) {
        return access == RequestAccess.ZERO_LENGTH_READ && !zeroLengthRead ? RequestAccess.READ : access;
    }

    /** What is wrong with using a page for a request: the code of a fault, or 0. */
    private int check(long leaf, long iova, int access) {
        int wanted = effective(access);
        boolean missing = wanted == RequestAccess.ZERO_LENGTH_READ
                ? (leaf & LeafWord.PERMISSIONS) == 0
                : (wanted & ~leaf) != 0;
        if (missing || LeafWord.isFault(leaf)) {
            return LeafWord.faultCode(leaf, wanted);
        }
        return refusalOfResult(LeafWord.translate(leaf, iova));
    }

    private static int refusalOfResult(long address) {
        return InterruptController.isInterruptAddress(address) ? FaultReason.ADDRESS_IN_INTERRUPT_RANGE.code() : 0;
    }

    /** What passes through is a physical address and as wide as one, whatever AW says. */
    private int width(long context) {
        return ContextWord.kind(context) == ContextWord.PASS_THROUGH ? hostAddressWidth
                : Math.min(guestAddressWidth, 12 + 9 * ContextWord.levels(context));
    }

    private long refuse(int code, int sourceId, int pasid, long iova, int access, boolean faultsDisabled) {
        faults.report(code, sourceId, pasid, iova, access, FaultRecord.AT_UNTRANSLATED, faultsDisabled);
        return -code;
    }

    /** {@link TranslationEngine#translationRequest}. */
    Optional<Page> translationRequest(int sourceId, int pasid, long iova, boolean noWrite) {
        long since = epoch.current();
        long context = context(sourceId, since);
        int code = translationRequestFault(context, pasid);
        if (code == 0 && InterruptController.isInterruptAddress(iova)) {
            return Optional.of(Page.ofMessage(iova, noWrite));
        }
        if (code == 0 && iova >>> width(context) != 0) {
            return Optional.of(Page.NOTHING);
        }
        if (code == 0) {
            // A permission that is missing is no fault here: the device is told what it has.
            long leaf = leaf(context, iova, RequestAccess.ZERO_LENGTH_READ, since);
            code = LeafWord.isFault(leaf) ? LeafWord.ownFaultCode(leaf) : refusalOfResult(LeafWord.translate(leaf, iova));
            if (code == 0) {
                int permissions = (int) (leaf & LeafWord.PERMISSIONS);
                return Optional.of(permissions == 0
                        ? Page.NOTHING
                        : Page.of(leaf, iova, noWrite ? permissions & RequestAccess.READ : permissions));
            }
        }
        faults.report(code, sourceId, pasid, iova, noWrite ? RequestAccess.READ : RequestAccess.WRITE,
                FaultRecord.AT_TRANSLATION_REQUEST, ContextWord.faultsDisabled(context));
        return Optional.empty();
    }

    private static int translationRequestFault(long context, int pasid) {
        if (pasid != Pasid.NONE) {
            return FaultReason.TABLE_MODE_NO_PASID.code();
        }
        return switch (ContextWord.kind(context)) {
            case ContextWord.FAULT -> ContextWord.faultCode(context);
            case ContextWord.DEVICE_TLB -> 0;
            default -> FaultReason.TRANSLATION_TYPE_BLOCKED.code();
        };
    }

    /** {@link TranslationEngine#translated}: 0, or the code of a fault, recorded. */
    int translated(int sourceId, long address, int access) {
        long context = context(sourceId, epoch.current());
        int code = switch (ContextWord.kind(context)) {
            case ContextWord.FAULT -> ContextWord.faultCode(context);
            case ContextWord.DEVICE_TLB -> address >>> hostAddressWidth == 0
                    ? refusalOfResult(address) : FaultReason.ADDRESS_BEYOND_WIDTH.code();
            default -> FaultReason.TRANSLATION_TYPE_BLOCKED.code();
        };
        if (code != 0) {
            faults.report(code, sourceId, Pasid.NONE, address, access, FaultRecord.AT_TRANSLATED,
                    ContextWord.faultsDisabled(context));
        }
        return code;
    }

    /** {@link TranslationEngine#probe}. */
    Probe probe(int sourceId, int pasid, long iova, int requested) {
        int access = RequestAccess.plain(requested);
        if (pasid != Pasid.NONE) {
            return Probe.fault(FaultReason.TABLE_MODE_NO_PASID.code());
        }
        if (InterruptController.isInterruptAddress(iova)) {
            return access == RequestAccess.WRITE
                    ? Probe.untranslated(iova)
                    : Probe.fault(FaultReason.INTERRUPT_REQUEST_INVALID.code());
        }
        long cached = contexts.find(sourceId);
        long context = cached != ContextWord.NONE ? cached : lookup.read(rootTable, sourceId);
        if (ContextWord.kind(context) == ContextWord.FAULT) {
            return Probe.fault(ContextWord.faultCode(context));
        }
        if (iova >>> width(context) != 0) {
            return Probe.fault(FaultReason.ADDRESS_BEYOND_WIDTH.code());
        }
        if (ContextWord.kind(context) == ContextWord.PASS_THROUGH) {
            return Probe.untranslated(iova);
        }
        long leaf = iotlb.find(ContextWord.did(context), iova);
        if (leaf == LeafWord.NONE) {
            leaf = walker.walk(context, iova, effective(access), CacheEpoch.NEVER);
        }
        int fault = check(leaf, iova, access);
        return fault != 0 ? Probe.fault(fault) : Probe.page(leaf, iova, (int) (leaf & LeafWord.PERMISSIONS));
    }
}
