package sluicegate.sim.vtd;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;

/**
 * What the unit does with requests (VT-d chapter 3, legacy mode): context entry, width of the address, page, permissions.
 * Steps are answered from the caches where possible and else from memory.
 *
 * <p>Thread-safe; takes no lock and allocates nothing unless a request faults. An answer is a physical address or the
 * negative of a fault reason, see {@link #isFault}.
 */
public final class TranslationEngine {
    /** The answer where translation is off and the address is one that no memory has. */
    public static final long NO_ADDRESS = -0x100;

    private static final long HIGHEST_ADDRESS = (1L << 52) - 1;

    private final VtdCapabilities capabilities;
    private final ContextCache contexts;
    private final Iotlb iotlb;
    private final CacheEpoch epoch;
    private final FaultReporting faults;
    private final ContextLookup lookup;
    private final SecondStageWalker walker;
    private final boolean cachingMode;
    private final boolean zeroLengthRead;
    private final int guestAddressWidth;
    private volatile boolean enabled;
    /** The root table that SRTP latched, with its mode; bit 0 set once there is one. */
    private volatile long root;

    TranslationEngine(PhysicalMemory memory, VtdCapabilities capabilities, ContextCache contexts, Iotlb iotlb,
            CacheEpoch epoch, FaultReporting faults) {
        this.capabilities = capabilities;
        this.contexts = contexts;
        this.iotlb = iotlb;
        this.epoch = epoch;
        this.faults = faults;
        this.lookup = new ContextLookup(memory, capabilities);
        this.walker = new SecondStageWalker(memory, capabilities);
        this.cachingMode = capabilities.cachingMode();
        this.zeroLengthRead = capabilities.zeroLengthRead();
        this.guestAddressWidth = capabilities.guestAddressWidth();
    }

    /** Whether an answer is a fault, already recorded, and not an address. */
    public static boolean isFault(long answer) {
        return answer < 0;
    }

    void enable(boolean on) {
        enabled = on;
    }

    /** Whether translation is on. */
    public boolean enabled() {
        return enabled;
    }

    /** @param rootTableAddress RTADDR_REG as SRTP found it */
    void setRoot(long rootTableAddress) {
        root = rootTableAddress | 1;
    }

    /**
     * Translates an untranslated request and records the fault if there is one.
     *
     * @param sourceId requester id, 16 bits
     * @param pasid {@link Pasid#NONE} or a PASID
     * @param access a constant of {@link RequestAccess}
     * @return a physical address; the negative code of a fault reason; {@link #NO_ADDRESS}. A write to the interrupt address
     *     range is not translated
     */
    public long translate(int sourceId, int pasid, long iova, int access) {
        if (!enabled) {
            return Long.compareUnsigned(iova, HIGHEST_ADDRESS) <= 0 ? iova : NO_ADDRESS;
        }
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
        return translateStepwise(sourceId, pasid, iova, access);
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
        long read = readContext(sourceId);
        // Only with caching mode does hardware keep what is not present or malformed (6.1).
        if (cachingMode || ContextWord.kind(read) != ContextWord.FAULT) {
            contexts.fill(sourceId, read, since);
        }
        return read;
    }

    private long readContext(int sourceId) {
        long latched = root;
        // Set, in legacy mode (TTM 00b): bits 11:1 are zero.
        return (latched & 0xfff) == 1
                ? lookup.read(latched & ~0xfffL, sourceId)
                : ContextWord.fault(FaultReason.ROOT_TABLE_ADDRESS_INVALID, false);
    }

    /** The page: from the IOTLB, or by a walk and then kept. */
    private long leaf(long context, long iova, int access, long since) {
        int did = ContextWord.did(context);
        long cached = iotlb.find(did, iova);
        if (cached != LeafWord.NONE) {
            return cached;
        }
        long walked = walker.walk(ContextWord.table(context), ContextWord.levels(context), iova, effective(access));
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
        return InterruptController.isInterruptAddress(LeafWord.translate(leaf, iova))
                ? FaultReason.ADDRESS_IN_INTERRUPT_RANGE.code()
                : 0;
    }

    private int width(long context) {
        return Math.min(guestAddressWidth, 12 + 9 * ContextWord.levels(context));
    }

    private long refuse(int code, int sourceId, int pasid, long iova, int access, boolean faultsDisabled) {
        record(code, sourceId, pasid, iova, access, FaultRecord.AT_UNTRANSLATED, faultsDisabled);
        return -code;
    }

    private void record(int code, int sourceId, int pasid, long iova, int access, int addressType, boolean faultsDisabled) {
        boolean suppressed = faultsDisabled && FaultReason.of(code).map(FaultReason::qualified).orElse(false);
        if (!suppressed) {
            faults.record(code, sourceId, pasid, iova, access, addressType);
        }
    }

    /** Records that a request to the interrupt address range is no message of four bytes. */
    public void refuseMessage(int sourceId, int pasid, long iova, int access) {
        if (enabled) {
            refuse(FaultReason.INTERRUPT_REQUEST_INVALID.code(), sourceId, pasid, iova, access, false);
        }
    }

    /**
     * Answers a translation request (ATS, VT-d 4.2).
     *
     * @param noWrite whether write permission is not asked for
     * @return what is granted, which may be no permission at all; empty if the request was refused and the fault recorded
     */
    public Optional<Page> translationRequest(int sourceId, int pasid, long iova, boolean noWrite) {
        if (!enabled) {
            return Optional.empty();
        }
        int access = noWrite ? RequestAccess.READ : RequestAccess.WRITE;
        long since = epoch.current();
        long context = context(sourceId, since);
        int code = translationRequestFault(context, pasid, iova);
        if (code == 0) {
            // A permission that is missing is no fault here: the device is told what it has.
            long leaf = leaf(context, iova, RequestAccess.ZERO_LENGTH_READ, since);
            code = LeafWord.isFault(leaf) ? LeafWord.ownFaultCode(leaf) : 0;
            if (code == 0) {
                int permissions = (int) (leaf & LeafWord.PERMISSIONS);
                return Optional.of(permissions == 0
                        ? new Page(0, 0, 1L << 12)
                        : new Page(LeafWord.translate(leaf, iova & -1L << LeafWord.shift(leaf)),
                                noWrite ? permissions & RequestAccess.READ : permissions, 1L << LeafWord.shift(leaf)));
            }
        }
        record(code, sourceId, pasid, iova, access, FaultRecord.AT_TRANSLATION_REQUEST,
                ContextWord.faultsDisabled(context));
        return Optional.empty();
    }

    private int translationRequestFault(long context, int pasid, long iova) {
        if (pasid != Pasid.NONE) {
            return FaultReason.TABLE_MODE_NO_PASID.code();
        }
        return switch (ContextWord.kind(context)) {
            case ContextWord.FAULT -> ContextWord.faultCode(context);
            case ContextWord.DEVICE_TLB -> iova >>> width(context) == 0 ? 0 : FaultReason.ADDRESS_BEYOND_WIDTH.code();
            default -> FaultReason.TRANSLATION_TYPE_BLOCKED.code();
        };
    }

    /**
     * A page as a translation request learns of it.
     *
     * @param address its first physical address
     * @param permissions {@link RequestAccess} bits
     * @param size in bytes
     */
    public record Page(long address, int permissions, long size) {}

    /**
     * Checks a request whose address the device has translated already (AT 10b).
     *
     * @return the address, or the negative code of a fault, recorded
     */
    public long translated(int sourceId, long address, int access) {
        if (!enabled) {
            return Long.compareUnsigned(address, HIGHEST_ADDRESS) <= 0 ? address : NO_ADDRESS;
        }
        long context = context(sourceId, epoch.current());
        int code = switch (ContextWord.kind(context)) {
            case ContextWord.FAULT -> ContextWord.faultCode(context);
            case ContextWord.DEVICE_TLB -> 0;
            default -> FaultReason.TRANSLATION_TYPE_BLOCKED.code();
        };
        if (code == 0) {
            return Long.compareUnsigned(address, HIGHEST_ADDRESS) <= 0 ? address : NO_ADDRESS;
        }
        record(code, sourceId, Pasid.NONE, address, access, FaultRecord.AT_TRANSLATED, ContextWord.faultsDisabled(context));
        return -code;
    }

    /**
     * What a request would meet, from the caches as they are and else from memory, without a trace.
     *
     * @return what {@link #translate} would, and the page
     */
    Probe probe(int sourceId, int pasid, long iova, int access) {
        if (!enabled) {
            return Long.compareUnsigned(iova, HIGHEST_ADDRESS) <= 0 ? Probe.untranslated(iova) : Probe.fault((int) -NO_ADDRESS);
        }
        if (pasid != Pasid.NONE) {
            return Probe.fault(FaultReason.TABLE_MODE_NO_PASID.code());
        }
        if (InterruptController.isInterruptAddress(iova)) {
            return access == RequestAccess.WRITE
                    ? Probe.untranslated(iova)
                    : Probe.fault(FaultReason.INTERRUPT_REQUEST_INVALID.code());
        }
        long cached = contexts.find(sourceId);
        long context = cached != ContextWord.NONE ? cached : readContext(sourceId);
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
            leaf = walker.walk(ContextWord.table(context), ContextWord.levels(context), iova, effective(access));
        }
        int fault = check(leaf, iova, access);
        return fault != 0
                ? Probe.fault(fault)
                : new Probe(0, LeafWord.translate(leaf, iova), (int) (leaf & LeafWord.PERMISSIONS), 1L << LeafWord.shift(leaf));
    }

    /**
     * An answer in full.
     *
     * @param fault code of a fault, 0 for none
     * @param address physical address
     * @param permissions {@link RequestAccess} bits
     * @param size of the page in bytes, 0 if none limits the translation
     */
    record Probe(int fault, long address, int permissions, long size) {
        private static Probe untranslated(long address) {
            return new Probe(0, address, RequestAccess.ATOMIC, 0);
        }

        private static Probe fault(int code) {
            return new Probe(code, 0, 0, 0);
        }
    }

    /** What the unit can do. */
    VtdCapabilities capabilities() {
        return capabilities;
    }
}
