package sluicegate.sim.amdvi;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.InFlight;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CompletePprCommand;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.InvalidateDevTabEntryCommand;
import sluicegate.spec.amdvi.InvalidateInterruptTableCommand;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;
import sluicegate.spec.amdvi.InvalidationTimeout;
import sluicegate.spec.amdvi.PrefetchIommuPagesCommand;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * What each command does (2.4). Not thread-safe: the command buffer carries them out one at a time.
 *
 * <p>An invalidation takes effect at once for requests that come later; COMPLETION_WAIT waits for those that are under way.
 */
final class Commands {
    /** Reserved bits of the two words of each command, by its code. */
    private static final long[] RESERVED_LOW = new long[16];
    private static final long[] RESERVED_HIGH = new long[16];

    static {
        for (int code = 0; code < RESERVED_LOW.length; code++) {
            int index = code;
            CommandCode.layout(code).ifPresent(layout -> {
                RESERVED_LOW[index] = layout.reservedMask(0);
                RESERVED_HIGH[index] = layout.reservedMask(1);
            });
        }
        // The model has no ExtendedFeatureRegister.INVIOTLBTYPESUP.
        RESERVED_HIGH[CommandCode.INVALIDATE_IOTLB_PAGES] |= InvalidateIotlbPagesCommand.TYPE.mask();
    }

    private final PhysicalMemory memory;
    private final AmdviCapabilities capabilities;
    private final TranslationEngine engine;
    private final TranslationCaches caches;
    private final PageInvalidations pages;
    private final InterruptEntries interrupts;
    private final InFlight inFlight;
    private final EventReporter events;
    private final UnitStatus status;
    private final Messages messages;
    private volatile Devices devices = Devices.ABSENT;
    private volatile boolean waitInterrupts;
    private volatile boolean patient;

    /** How a command ended. */
    enum Outcome {
        DONE,
        /** It is none, or has reserved bits set. */
        ILLEGAL,
        /** It could not access memory; the event is logged. */
        ERROR,
        /** A device has not answered, and there is no limit to how long it may take. */
        UNANSWERED
    }

    /** What commands act on. */
    record Parts(TranslationEngine engine, TranslationCaches caches, InterruptEntries interrupts, InFlight inFlight,
            EventReporter events, UnitStatus status, Messages messages) {}

    Commands(PhysicalMemory memory, AmdviCapabilities capabilities, Parts parts) {
        this.memory = memory;
        this.capabilities = capabilities;
        this.engine = parts.engine;
        this.caches = parts.caches;
        this.pages = new PageInvalidations(parts.caches);
        this.interrupts = parts.interrupts;
        this.inFlight = parts.inFlight;
        this.events = parts.events;
        this.status = parts.status;
        this.messages = parts.messages;
    }

    void setDevices(Devices listener) {
        devices = listener;
    }

    /** @param control the control register */
    void configure(long control) {
        waitInterrupts = ControlRegister.COMWAITINTEN.isSet(control);
        patient = ControlRegister.INVTIMEOUT.get(control) == InvalidationTimeout.NONE.code();
    }

    /**
     * Carries a command out.
     *
     * @param place its address in memory
     */
    Outcome carryOut(long low, long high, long place) {
        int code = CommandCode.of(low);
        if ((low & RESERVED_LOW[code]) != 0 || (high & RESERVED_HIGH[code]) != 0 || !supported(code)) {
            return Outcome.ILLEGAL;
        }
        switch (code) {
            case CommandCode.COMPLETION_WAIT -> {
                return completionWait(low, high);
            }
            case CommandCode.INVALIDATE_DEVTAB_ENTRY ->
                    caches.entries().invalidate((int) InvalidateDevTabEntryCommand.DEVICEID.get(low));
            case CommandCode.INVALIDATE_IOMMU_PAGES -> invalidatePages(low, high);
            case CommandCode.INVALIDATE_IOTLB_PAGES -> {
                return invalidateDeviceTlb(low, high, place);
            }
            case CommandCode.PREFETCH_IOMMU_PAGES -> prefetch(low, high);
            case CommandCode.COMPLETE_PPR_REQUEST -> devices.respond((int) CompletePprCommand.DEVICEID.get(low),
                    CompletePprCommand.GN.isSet(high) ? (int) CompletePprCommand.PASID.get(low) : Pasid.NONE,
                    (int) CompletePprCommand.TAG.get(high), (int) CompletePprCommand.CODE.get(high));
            case CommandCode.INVALIDATE_IOMMU_ALL -> {
                caches.entries().invalidateAll();
                interrupts.invalidateAll();
                pages.all();
            }
            // The only one left that is supported.
            default -> interrupts.invalidate((int) InvalidateInterruptTableCommand.DEVICEID.get(low));
        }
        return Outcome.DONE;
    }

    private boolean supported(int code) {
        return switch (code) {
            case CommandCode.INVALIDATE_IOTLB_PAGES -> capabilities.deviceTlbs();
            case CommandCode.PREFETCH_IOMMU_PAGES -> capabilities.has(ExtendedFeatureRegister.PREFSUP);
            case CommandCode.COMPLETE_PPR_REQUEST -> capabilities.has(ExtendedFeatureRegister.PPRSUP);
            case CommandCode.INVALIDATE_IOMMU_ALL -> capabilities.has(ExtendedFeatureRegister.IASUP);
            case CommandCode.COMPLETION_WAIT, CommandCode.INVALIDATE_DEVTAB_ENTRY, CommandCode.INVALIDATE_IOMMU_PAGES,
                    CommandCode.INVALIDATE_INTERRUPT_TABLE -> true;
            default -> false;
        };
    }

    /** All commands before it are done; F has nothing to add, since later commands wait for it anyway. */
    private Outcome completionWait(long low, long high) {
        inFlight.drain();
        if (CompletionWaitCommand.S.isSet(low)) {
            long store = CompletionWaitCommand.STORE.inPlace(low);
            if (!memory.contains(store, Long.BYTES)) {
                events.commandError(store);
                return Outcome.ERROR;
            }
            memory.set64Release(store, high);
        }
        if (CompletionWaitCommand.I.isSet(low) && waitInterrupts && status.raise(StatusRegister.COMWAITINT.mask())) {
            messages.sendGeneral();
        }
        return Outcome.DONE;
    }

    private void invalidatePages(long low, long high) {
        int domain = (int) InvalidateIommuPagesCommand.DOMAINID.get(low);
        long address = InvalidateIommuPagesCommand.ADDRESS.inPlace(high);
        int shift = AddressRange.shift(address, InvalidateIommuPagesCommand.S.isSet(high));
        long first = AddressRange.first(address, shift);
        boolean entries = InvalidateIommuPagesCommand.PDE.isSet(high);
        if (InvalidateIommuPagesCommand.GN.isSet(high)) {
            pages.ofPasid(domain, (int) InvalidateIommuPagesCommand.PASID.get(low), first, shift, entries);
        } else {
            pages.ofDomain(domain, first, shift, entries);
        }
    }

    private Outcome invalidateDeviceTlb(long low, long high, long place) {
        int device = (int) InvalidateIotlbPagesCommand.DEVICEID.get(low);
        long address = InvalidateIotlbPagesCommand.ADDRESS.inPlace(high);
        int shift = AddressRange.shift(address, InvalidateIotlbPagesCommand.S.isSet(high));
        int pasid = InvalidateIotlbPagesCommand.GN.isSet(high) ? InvalidateIotlbPagesCommand.pasid(low) : Pasid.NONE;
        if (!devices.invalidate(device, pasid, false, AddressRange.first(address, shift), AddressRange.bytes(shift))) {
            if (patient) {
                return Outcome.UNANSWERED;
            }
            events.invalidationTimeout(device, place);
        }
        return Outcome.DONE;
    }

    private void prefetch(long low, long high) {
        int device = (int) PrefetchIommuPagesCommand.DEVICEID.get(low);
        int pasid = PrefetchIommuPagesCommand.GN.isSet(high) ? (int) PrefetchIommuPagesCommand.PASID.get(low) : Pasid.NONE;
        boolean invalidates = PrefetchIommuPagesCommand.INVAL.isSet(high);
        boolean sized = PrefetchIommuPagesCommand.S.isSet(high);
        long page = PrefetchIommuPagesCommand.ADDRESS.inPlace(high);
        for (long count = PrefetchIommuPagesCommand.PFCOUNT.get(low) + 1; count > 0; count--) {
            if (invalidates) {
                invalidatePage(engine.domainOf(device), pasid, page);
            }
            int shift = engine.prefetch(device, pasid, page);
            // To the end of the page, of whichever size they count.
            page = (page | (1L << (sized ? shift : AddressRange.SMALLEST_SHIFT)) - 1) + 1;
        }
    }

    private void invalidatePage(int domain, int pasid, long page) {
        int shift = AddressRange.shift(page, false);
        if (domain != TranslationEngine.NO_DOMAIN && pasid == Pasid.NONE) {
            pages.ofDomain(domain, page, shift, false);
        } else if (domain != TranslationEngine.NO_DOMAIN) {
            pages.ofPasid(domain, pasid, page, shift, false);
        }
    }
}
