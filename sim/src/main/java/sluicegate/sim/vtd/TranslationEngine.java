package sluicegate.sim.vtd;

import java.util.Optional;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * What the unit does with requests (VT-d chapter 3), according to whether translation is on and what kind of root table there
 * is: the work is that of {@link LegacyTranslation} and {@link ScalableTranslation}.
 *
 * <p>Thread-safe; takes no lock and allocates nothing unless a request faults or an entry of a configuration table is read for
 * the first time. An answer is a physical address or the negative of a fault reason, see {@link #isFault}.
 */
public final class TranslationEngine {
    /** The answer where translation is off and the address is one that no memory has. */
    public static final long NO_ADDRESS = -0x100;

    /** The answer where the address is in protected memory; no fault is recorded for that. */
    public static final long PROTECTED = -0x101;

    private static final long HIGHEST_ADDRESS = (1L << 52) - 1;
    /** Modes below 0 are the negative of a fault reason that meets every request. */
    private static final int INVALID = -FaultReason.ROOT_TABLE_ADDRESS_INVALID.code();
    private static final int OFF = 0;
    private static final int LEGACY = 1;
    private static final int SCALABLE = 2;
    /** Added to these three while memory is protected, so that requests pay for it only then. */
    private static final int GUARDED = 4;

    private final VtdCapabilities capabilities;
    private final FaultReporting faults;
    private final LegacyTranslation legacy;
    private final ScalableTranslation scalable;
    private final ProtectedMemory protectedMemory;
    /** What requests meet: one of the modes, guarded or not. */
    private volatile int mode = OFF;
    private volatile int rootTableMode = RootTableAddressRegister.LEGACY_MODE;
    /** The mode without the guard; the table that was set last, and what the mode is when translation goes on with it. */
    private int unguarded = OFF;
    private long rootTable;
    private int tableMode = INVALID;

    TranslationEngine(PhysicalMemory memory, VtdCapabilities capabilities, TranslationCaches caches,
            FaultReporting faults, ProtectedMemory protectedMemory) {
        this.capabilities = capabilities;
        this.faults = faults;
        this.legacy = new LegacyTranslation(memory, capabilities, caches, faults);
        this.scalable = new ScalableTranslation(memory, capabilities, caches, faults);
        this.protectedMemory = protectedMemory;
    }

    /** Whether an answer is a fault, already recorded, and not an address. */
    public static boolean isFault(long answer) {
        return answer < 0;
    }

    synchronized void enable(boolean on) {
        if (on) {
            becomeWithTable(tableMode);
        } else {
            become(OFF);
        }
    }

    /** Protection of memory went on or off. */
    synchronized void guard() {
        become(unguarded);
    }

    private void become(int next) {
        unguarded = next;
        mode = next >= OFF && protectedMemory.enabled() ? next + GUARDED : next;
    }

    private static int withoutGuard(int mode) {
        return mode >= GUARDED ? mode - GUARDED : mode;
    }

    /** Whether translation is on. */
    public boolean enabled() {
        return withoutGuard(mode) != OFF;
    }

    /** TTM of the root table address that was set last. */
    int tableMode() {
        return rootTableMode;
    }

    /** @param rootTableAddress RTADDR_REG as SRTP found it */
    synchronized void setRoot(long rootTableAddress) {
        rootTableMode = (int) RootTableAddressRegister.TTM.get(rootTableAddress);
        tableMode = switch (rootTableMode) {
            case RootTableAddressRegister.LEGACY_MODE -> LEGACY;
            case RootTableAddressRegister.SCALABLE_MODE -> capabilities.has(ExtendedCapabilityRegister.SMTS)
                    ? SCALABLE : INVALID;
            case RootTableAddressRegister.ABORT_DMA_MODE -> capabilities.has(ExtendedCapabilityRegister.ADMS)
                    ? -FaultReason.TABLE_MODE_ABORT.code() : INVALID;
            default -> INVALID;
        };
        // Without ESRTPS the mode may not change while translation is on. Who does that nevertheless has the new table read as one
        // of the old mode.
        boolean stays = unguarded != OFF && unguarded != INVALID && !capabilities.enhancedRootPointer();
        int next = stays ? unguarded : tableMode;
        rootTable = RootTableAddressRegister.RTA.inPlace(rootTableAddress);
        if (unguarded != OFF) {
            becomeWithTable(next);
        }
    }

    /** Requests that are under way in the other mode go on with the table of that. */
    private void becomeWithTable(int next) {
        if (next == LEGACY) {
            legacy.setRootTable(rootTable);
        } else if (next == SCALABLE) {
            scalable.setRootTable(rootTable);
        }
        become(next);
    }

    /**
     * Translates an untranslated request and records the fault if there is one.
     *
     * @param sourceId requester id, 16 bits
     * @param pasid {@link Pasid#NONE} or a PASID
     * @param access a constant of {@link RequestAccess}
     * @return a physical address; the negative code of a fault reason; {@link #NO_ADDRESS}; {@link #PROTECTED}. A write to the interrupt address
     *     range is not translated
     */
    public long translate(int sourceId, int pasid, long iova, int access) {
        int now = mode;
        if (now == LEGACY) {
            return legacy.translate(sourceId, pasid, iova, access);
        }
        if (now == SCALABLE) {
            return scalable.translate(sourceId, pasid, iova, access);
        }
        return switch (now) {
            case GUARDED + LEGACY -> guarded(legacy.translate(sourceId, pasid, iova, access));
            case GUARDED + SCALABLE -> guarded(scalable.translate(sourceId, pasid, iova, access));
            default -> untranslated(now, sourceId, pasid, iova, access, FaultRecord.AT_UNTRANSLATED);
        };
    }

    /** Messages to the interrupt controller are no DMA. */
    private long guarded(long answer) {
        return answer >= 0 && !InterruptController.isInterruptAddress(answer) && protectedMemory.covers(answer) ? PROTECTED : answer;
    }

    /** The answer in a mode in which nothing is translated. */
    private long untranslated(int now, int sourceId, int pasid, long address, int access, int addressType) {
        if (now == OFF) {
            return passed(address);
        }
        if (now == GUARDED + OFF) {
            return guarded(passed(address));
        }
        faults.report(-now, sourceId, pasid, address, access, addressType, false);
        return now;
    }

    private static long passed(long address) {
        return Long.compareUnsigned(address, HIGHEST_ADDRESS) <= 0 ? address : NO_ADDRESS;
    }

    /** Records that a request to the interrupt address range is no message of four bytes. */
    public void refuseMessage(int sourceId, int pasid, long iova, int access) {
        faults.report(FaultReason.INTERRUPT_REQUEST_INVALID.code(), sourceId, pasid, iova, access,
                FaultRecord.AT_UNTRANSLATED, false);
    }

    /**
     * Answers a translation request (ATS, VT-d 4.2).
     *
     * @param readOnly whether write permission is not asked for; a unit without ECAP_REG.NWFS does not look at it
     * @return what is granted, which may be no permission at all; empty if the request was refused and the fault recorded
     */
    public Optional<Page> translationRequest(int sourceId, int pasid, long iova, boolean readOnly) {
        int now = withoutGuard(mode);
        boolean noWrite = readOnly && capabilities.noWriteRequests();
        if (now == LEGACY) {
            return legacy.translationRequest(sourceId, pasid, iova, noWrite);
        }
        if (now == SCALABLE) {
            return scalable.translationRequest(sourceId, pasid, iova, noWrite);
        }
        if (now != OFF) {
            untranslated(now, sourceId, pasid, iova, noWrite ? RequestAccess.READ : RequestAccess.WRITE,
                    FaultRecord.AT_TRANSLATION_REQUEST);
        }
        return Optional.empty();
    }

    /**
     * A page as a translation request learns of it.
     *
     * @param address its first physical address
     * @param permissions {@link RequestAccess} bits
     * @param size in bytes
     */
    public record Page(long address, int permissions, long size) {
        /** The page may not be used at all. */
        static final Page NOTHING = new Page(0, 0, 1L << 12);

        /** The page of a message (S.1 and S.2 of table 30): the device learns that it may write there, and nothing else. */
        static Page ofMessage(long iova, boolean noWrite) {
            return noWrite ? NOTHING : new Page(iova & -1L << 12, RequestAccess.WRITE, 1L << 12);
        }

        static Page of(long leaf, long iova, int permissions) {
            return new Page(LeafWord.translate(leaf, iova & -1L << LeafWord.shift(leaf)), permissions,
                    1L << LeafWord.shift(leaf));
        }
    }

    /**
     * Checks a request whose address the device has translated already (AT 10b).
     *
     * @return the address; the negative code of a fault, recorded; {@link #NO_ADDRESS}; {@link #PROTECTED}
     */
    public long translated(int sourceId, long address, int access) {
        int current = mode;
        int now = withoutGuard(current);
        if (now != LEGACY && now != SCALABLE) {
            return untranslated(current, sourceId, Pasid.NONE, address, access, FaultRecord.AT_TRANSLATED);
        }
        int code = now == LEGACY
                ? legacy.translated(sourceId, address, access)
                : scalable.translated(sourceId, address, access);
        if (code != 0) {
            return -code;
        }
        return now == current ? passed(address) : guarded(passed(address));
    }

    /**
     * Looks for what a page request is about (VT-d 7.4.1), and records the fault if there is one.
     *
     * @return the PASID entry; empty if the request is refused
     */
    Optional<PasidContext> pageRequest(PageRequest request) {
        int now = withoutGuard(mode);
        if (now == SCALABLE) {
            return scalable.pageRequest(request);
        }
        if (now != OFF) {
            int reason = now == LEGACY ? FaultReason.TABLE_MODE_NO_PAGE_REQUEST.code() : -now;
            faults.reportPageRequest(reason, request, false);
        }
        return Optional.empty();
    }

    /**
     * What a request would meet, from the caches as they are and else from memory, without a trace.
     *
     * @return what {@link #translate} would, and the page
     */
    Probe probe(int sourceId, int pasid, long iova, int access) {
        int now = mode;
        var probe = probe(withoutGuard(now), sourceId, pasid, iova, access);
        return now >= GUARDED && probe.fault() == 0 && guarded(probe.address()) == PROTECTED ? Probe.fault((int) -PROTECTED) : probe;
    }

    private Probe probe(int now, int sourceId, int pasid, long iova, int access) {
        if (now == LEGACY) {
            return legacy.probe(sourceId, pasid, iova, access);
        }
        if (now == SCALABLE) {
            return scalable.probe(sourceId, pasid, iova, access);
        }
        if (now != OFF) {
            return Probe.fault(-now);
        }
        return passed(iova) >= 0 ? Probe.untranslated(iova) : Probe.fault((int) -NO_ADDRESS);
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
        static Probe untranslated(long address) {
            return new Probe(0, address, RequestAccess.ATOMIC, 0);
        }

        static Probe fault(int code) {
            return new Probe(code, 0, 0, 0);
        }

        static Probe page(long leaf, long iova, int permissions) {
            return new Probe(0, LeafWord.translate(leaf, iova), permissions, 1L << LeafWord.shift(leaf));
        }
    }

    /** What the unit can do. */
    VtdCapabilities capabilities() {
        return capabilities;
    }
}
