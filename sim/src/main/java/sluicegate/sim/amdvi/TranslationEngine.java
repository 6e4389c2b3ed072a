package sluicegate.sim.amdvi;

import sluicegate.api.types.Pasid;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.DomainTags;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DeviceRequestType;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.TranslationRequestType;

/**
 * What the unit does with requests (2.1, 2.2): device table entry, interrupt and exclusion ranges, host or guest tables,
 * permissions. Steps are answered from the caches where possible and else from memory.
 *
 * <p>Thread-safe; takes no lock and allocates nothing unless a request is refused or a device table entry is read for the first
 * time.
 */
public final class TranslationEngine {
    /** The answer to a request that was refused, with an event logged where the entry does not forbid it. */
    static final long REFUSED = -1;
    /** The answer to a request that passes but whose address is one that no memory has. */
    static final long NO_ADDRESS = -2;
    /** What {@link #domainOf} says of a device that has none. */
    static final int NO_DOMAIN = -1;

    private static final long HIGHEST_ADDRESS = (1L << 52) - 1;
    private static final long CACHED_ADDRESS = (1L << Iotlb.ADDRESS_BITS) - 1;

    private final DeviceTable table;
    private final DeviceEntryCache entries;
    private final Iotlb iotlb;
    private final CacheEpoch epoch;
    private final HostWalker host;
    private final GuestWalker guest;
    private final EventReporter events;
    private final boolean cachesNotPresent;
    private final boolean privileges;
    private final boolean executes;
    private final int pasidBits;
    private volatile Mode mode = Mode.OFF;

    TranslationEngine(DeviceTable table, TranslationCaches caches, HostWalker host, GuestWalker guest, EventReporter events,
            AmdviCapabilities capabilities) {
        this.table = table;
        this.entries = caches.entries();
        this.iotlb = caches.iotlb();
        this.epoch = caches.epoch();
        this.host = host;
        this.guest = guest;
        this.events = events;
        this.cachesNotPresent = capabilities.cachesNotPresent();
        this.privileges = capabilities.has(ExtendedFeatureRegister.USSUP);
        this.executes = capabilities.has(ExtendedFeatureRegister.NXSUP);
        this.pasidBits = capabilities.pasidBits();
    }

    void configure(Mode now) {
        mode = now;
    }

    /** Whether the unit translates. */
    public boolean enabled() {
        return mode.on();
    }

    /**
     * Translates an untranslated request and logs an event if it is refused.
     *
     * @param deviceId requester id, 16 bits
     * @param pasid {@link Pasid#NONE} or a PASID
     * @param access a constant of {@link RequestAccess}
     * @return a physical address, or something negative. A write to the interrupt address range is not translated
     */
    public long translate(int deviceId, int pasid, long iova, int access) {
        var now = mode;
        var entry = entries.find(deviceId);
        DeviceEntry missed = null;
        if (entry != null && access <= RequestAccess.ATOMIC && now.plain() && !InterruptController.isInterruptAddress(iova)) {
            boolean plain = pasid == Pasid.NONE;
            int width = plain ? entry.width : entry.guestWidth;
            if (width != 0 && iova + (plain ? entry.bias : entry.guestBias) >>> width == 0) {
                long leaf = iotlb.find(plain ? entry.tag : entry.tagOf(pasid), iova & CACHED_ADDRESS);
                if ((access & ~(leaf & entry.limit)) == 0 && leaf > 0) {
                    long address = LeafWord.translate(leaf, iova);
                    if (!InterruptController.isInterruptAddress(address)) {
                        return address;
                    }
                }
                missed = leaf == LeafWord.NONE ? entry : null;
            }
        }
        return translateStepwise(now, deviceId, pasid, iova, effective(pasid, access), missed);
    }

    /** What of a request counts on this unit. */
    private int effective(int pasid, int access) {
        return pasid == Pasid.NONE
                ? RequestAccess.plain(access)
                : access & ~((privileges ? 0 : RequestAccess.PRIVILEGED) | (executes ? 0 : RequestAccess.EXECUTE));
    }

    /**
     * The same by the manual's steps, with walks, fills and events.
     *
     * @param missed the entry for whose tag there is no such page in the IOTLB, null if nobody looked
     */
    private long translateStepwise(Mode now, int deviceId, int pasid, long iova, int access, DeviceEntry missed) {
        if (!now.on()) {
            return passed(iova);
        }
        // Read before anything else is: what follows is kept only if nothing was invalidated since.
        long since = epoch.current();
        var entry = entry(deviceId, since);
        boolean message = InterruptController.isInterruptAddress(iova);
        if (message && access == RequestAccess.WRITE) {
            // What its entry says of interrupts counts, when it is known which interrupt it is.
            return interrupt(entry, deviceId, pasid, iova);
        }
        if (entry.state != DeviceEntry.GOOD) {
            events.badEntry(entry, deviceId, pasid, iova, access);
            return REFUSED;
        }
        if (!entry.valid) {
            return passed(iova);
        }
        if (message) {
            events.invalidRequest(entry, deviceId, pasid, iova, access, DeviceRequestType.INTERRUPT_RANGE_READ);
            return REFUSED;
        }
        if (now.excludes(entry, iova)) {
            return passed(iova);
        }
        long leaf = leaf(entry, pasid, iova, access, true, since, entry != missed);
        int fault = check(entry, leaf, pasid, access);
        if (fault != 0) {
            events.pageFault(entry, leaf, fault, deviceId, pasid, iova, access);
            return REFUSED;
        }
        long address = leaf == PASSES ? passed(iova) : LeafWord.translate(leaf, iova);
        // A page cannot lead to where interrupts are sent to.
        return InterruptController.isInterruptAddress(address) ? NO_ADDRESS : address;
    }

    private static long passed(long address) {
        return Long.compareUnsigned(address, HIGHEST_ADDRESS) <= 0 ? address : NO_ADDRESS;
    }

    /** The entry of a device: from the cache, or from memory and then kept if it is a good one. */
    private DeviceEntry entry(int deviceId, long since) {
        var cached = entries.find(deviceId);
        if (cached != null) {
            return cached;
        }
        var read = table.read(deviceId);
        if (read.state == DeviceEntry.GOOD) {
            entries.fill(deviceId, read, since);
        }
        return read;
    }

    /** A write to the interrupt address range (2.1.4.2) goes to the {@link InterruptRemapper}, unless it has a PASID. */
    private long interrupt(DeviceEntry entry, int deviceId, int pasid, long iova) {
        if (pasid != Pasid.NONE && entry.interruptState == DeviceEntry.GOOD && entry.interruptsValid) {
            events.interruptWithPasid(entry, deviceId, pasid, iova);
            return REFUSED;
        }
        return iova;
    }

    /** Instead of a page: there are no tables, the address is what it is. */
    private static final long PASSES = LeafWord.page(0, 52, LeafWord.ALL);

    /** The page: from the IOTLB, or by a walk and then kept; {@link #PASSES} if there are no tables. */
    private long leaf(DeviceEntry entry, int pasid, long iova, int access, boolean update, long since, boolean lookUp) {
        if (!entry.translationValid) {
            return LeafWord.fault(LeafWord.NOT_PRESENT);
        }
        if (pasid == Pasid.NONE && !entry.guestWithoutPasid) {
            if (entry.hostLevels == 0) {
                return PASSES;
            }
            return entry.hostFits(iova)
                    ? pageOf(entry, entry.tag, Pasid.NONE, iova, access, update, since, lookUp)
                    : LeafWord.fault(LeafWord.ILLEGAL_LEVEL);
        }
        int effective = pasid == Pasid.NONE ? 0 : pasid;
        if (!entry.guest || effective >>> pasidBits != 0) {
            return LeafWord.fault(LeafWord.NOT_PRESENT);
        }
        if (!entry.guestFits(iova)) {
            return LeafWord.fault(LeafWord.ILLEGAL_LEVEL);
        }
        int tag = pasid == Pasid.NONE ? entry.tag : update ? entry.makeTag(pasid) : entry.tagOf(pasid);
        return pageOf(entry, tag, effective, iova, access, update, since, lookUp);
    }

    private long pageOf(DeviceEntry entry, int tag, int pasid, long iova, int requested, boolean update, long since,
            boolean lookUp) {
        // What IW forbids makes no page dirty.
        int access = (entry.limit & RequestAccess.WRITE) != 0 ? requested : requested & ~RequestAccess.WRITE;
        boolean cacheable = tag != DomainTags.NONE && (pasid != Pasid.NONE || iova >>> Iotlb.ADDRESS_BITS == 0);
        long cachedAddress = iova & CACHED_ADDRESS;
        if (cacheable && lookUp) {
            long cached = iotlb.find(tag, cachedAddress);
            if (cached != LeafWord.NONE && (!update || !LeafWord.needsDirty(cached, access))) {
                return cached;
            }
        }
        long walked = pasid == Pasid.NONE
                ? host.walk(entry, iova, access, update, since)
                : guest.walk(entry, tag, pasid, iova, access, update, since);
        if (cacheable && update && (cachesNotPresent ? LeafWord.mayKeep(walked) : !LeafWord.isFault(walked))) {
            iotlb.fill(tag, cachedAddress, walked, since);
        }
        return walked;
    }

    /** What is wrong with using a page for a request: a code of {@link LeafWord}, or 0. */
    private static int check(DeviceEntry entry, long leaf, int pasid, int access) {
        if (LeafWord.isFault(leaf)) {
            return LeafWord.code(leaf);
        }
        int granted = LeafWord.granted(leaf, entry.limit, (access & RequestAccess.PRIVILEGED) != 0);
        int wanted = access & (RequestAccess.ATOMIC | RequestAccess.EXECUTE);
        boolean missing = access == RequestAccess.ZERO_LENGTH_READ
                ? (granted & RequestAccess.ATOMIC) == 0
                : (wanted & ~granted) != 0;
        return missing ? LeafWord.FORBIDDEN : 0;
    }

    /** A message to the interrupt controller had a form that is none. */
    boolean refuseMessage(int deviceId, int pasid, long address, int access) {
        if (!mode.on()) {
            return false;
        }
        var entry = entry(deviceId, epoch.current());
        if (entry.state != DeviceEntry.GOOD) {
            events.badEntry(entry, deviceId, pasid, address, access);
            return true;
        }
        if (!entry.valid) {
            return false;
        }
        events.invalidRequest(entry, deviceId, pasid, address, access, access == RequestAccess.WRITE
                ? DeviceRequestType.INTERRUPT_RESERVED : DeviceRequestType.INTERRUPT_RANGE_READ);
        return true;
    }

    /**
     * Answers a translation request (ATS, 2.1.4.3).
     *
     * @param noWrite whether write permission is not asked for
     * @return what is granted, which may be no permission at all; {@link Page#REFUSED}
     */
    Page translationRequest(int deviceId, int pasid, long iova, boolean noWrite) {
        var now = mode;
        int access = noWrite ? RequestAccess.READ : RequestAccess.WRITE;
        if (!now.on()) {
            return Page.REFUSED;
        }
        long since = epoch.current();
        var entry = entry(deviceId, since);
        if (entry.state != DeviceEntry.GOOD) {
            events.badEntry(entry, deviceId, pasid, iova, access);
            return Page.REFUSED;
        }
        if (!entry.valid || !entry.deviceTlb || !entry.translationValid) {
            events.invalidTranslationRequest(entry, deviceId, pasid, iova, access, TranslationRequestType.NOT_ENABLED);
            return Page.REFUSED;
        }
        if (InterruptController.isInterruptAddress(iova)) {
            events.invalidTranslationRequest(entry, deviceId, pasid, iova, access, TranslationRequestType.BAD_RANGE);
            return Page.REFUSED;
        }
        long leaf = now.excludes(entry, iova) ? PASSES : leaf(entry, pasid, iova, access, true, since, true);
        if (LeafWord.isFault(leaf)) {
            // What is not there yet is no error of the device: it can ask for the page.
            if (LeafWord.code(leaf) != LeafWord.NOT_PRESENT) {
                events.translationFault(entry, leaf, deviceId, pasid, iova, access);
            }
            return Page.NOTHING;
        }
        int granted = LeafWord.granted(leaf, entry.limit, false) & RequestAccess.ATOMIC;
        if (granted == 0) {
            return Page.NOTHING;
        }
        int permissions = noWrite ? granted & RequestAccess.READ : granted;
        return leaf == PASSES
                ? new Page(true, iova & -4096, permissions, 4096)
                : Page.of(leaf, iova, permissions);
    }

    /**
     * Checks a request whose address the device has translated already.
     *
     * @return as {@link #translate}
     */
    public long translated(int deviceId, long address, int access) {
        if (!mode.on()) {
            return passed(address);
        }
        var entry = entry(deviceId, epoch.current());
        if (entry.state != DeviceEntry.GOOD) {
            events.badEntry(entry, deviceId, Pasid.NONE, address, access);
            return REFUSED;
        }
        if (!entry.valid || !entry.deviceTlb) {
            events.invalidRequest(entry, deviceId, Pasid.NONE, address, access, DeviceRequestType.PRETRANSLATED);
            return REFUSED;
        }
        return passed(address);
    }

    /**
     * Reads a page into the IOTLB, if it is there; what is amiss is not reported.
     *
     * @return its size as a power of two, that of the smallest if there is none
     */
    int prefetch(int deviceId, int pasid, long iova) {
        long since = epoch.current();
        var entry = entry(deviceId, since);
        if (!mode.on() || entry.state != DeviceEntry.GOOD || !entry.valid || InterruptController.isInterruptAddress(iova)) {
            return AddressRange.SMALLEST_SHIFT;
        }
        long leaf = leaf(entry, pasid, iova, RequestAccess.ZERO_LENGTH_READ, true, since, true);
        return LeafWord.isFault(leaf) || leaf == PASSES ? AddressRange.SMALLEST_SHIFT : LeafWord.shift(leaf);
    }

    /** The domain of a device whose entry is good, else {@link #NO_DOMAIN}. */
    int domainOf(int deviceId) {
        var entry = entry(deviceId, epoch.current());
        return entry.state == DeviceEntry.GOOD && entry.valid ? entry.domain : NO_DOMAIN;
    }

    /** The entry that page requests and interrupts of a device are judged by, or null if the unit does not translate. */
    DeviceEntry entryOf(int deviceId) {
        return mode.on() ? entry(deviceId, epoch.current()) : null;
    }

    /**
     * A page as a translation request learns of it.
     *
     * @param answered whether the device may ask at all
     * @param address its first physical address
     * @param permissions {@link RequestAccess} bits
     * @param size in bytes
     */
    record Page(boolean answered, long address, int permissions, long size) {
        static final Page REFUSED = new Page(false, 0, 0, 0);
        /** The page may not be used at all. */
        static final Page NOTHING = new Page(true, 0, 0, 4096);

        static Page of(long leaf, long iova, int permissions) {
            long size = 1L << LeafWord.shift(leaf);
            return new Page(true, LeafWord.translate(leaf, iova & -size), permissions, size);
        }
    }

    /** What a request would meet, from the caches as they are and else from memory, without a trace. */
    Probe probe(int deviceId, int pasid, long iova, int requested) {
        var now = mode;
        int access = effective(pasid, requested);
        if (!now.on()) {
            return Probe.passed(iova);
        }
        var cached = entries.find(deviceId);
        var entry = cached != null ? cached : table.read(deviceId);
        boolean message = InterruptController.isInterruptAddress(iova);
        if (message && access == RequestAccess.WRITE) {
            return probeMessage(entry, iova);
        }
        if (entry.state != DeviceEntry.GOOD) {
            return new Probe(entry, 0, 0, 0, 0, Probe.BAD_ENTRY);
        }
        if (!entry.valid) {
            return Probe.passed(iova);
        }
        if (message) {
            return new Probe(entry, 0, 0, 0, 0, Probe.INVALID_REQUEST);
        }
        if (now.excludes(entry, iova)) {
            return Probe.passed(iova);
        }
        long leaf = leaf(entry, pasid, iova, access, false, CacheEpoch.NEVER, true);
        int fault = check(entry, leaf, pasid, access);
        if (fault != 0) {
            return new Probe(entry, leaf, 0, 0, 0, fault);
        }
        int permissions = LeafWord.granted(leaf, entry.limit, (access & RequestAccess.PRIVILEGED) != 0);
        long address = leaf == PASSES ? passed(iova) : LeafWord.translate(leaf, iova);
        return address < 0 || InterruptController.isInterruptAddress(address)
                ? new Probe(entry, leaf, 0, 0, 0, Probe.NO_TARGET)
                : new Probe(entry, leaf, address, permissions, leaf == PASSES ? 0 : 1L << LeafWord.shift(leaf), 0);
    }

    /** Of an interrupt for one vector. Which one, and so what remapping makes of it, is not known. */
    private static Probe probeMessage(DeviceEntry entry, long iova) {
        if (entry.interruptState != DeviceEntry.GOOD) {
            return new Probe(entry, 0, 0, 0, 0, Probe.BAD_ENTRY);
        }
        return entry.interruptsValid && entry.interruptControl == DeviceTableEntry.INTCTL_ABORT
                ? new Probe(entry, 0, 0, 0, 0, Probe.INVALID_REQUEST) : Probe.passed(iova);
    }

    /**
     * An answer in full.
     *
     * @param entry the device table entry, null if none was looked at
     * @param leaf what a walk found
     * @param address physical address
     * @param permissions {@link RequestAccess} bits
     * @param size of the page in bytes, 0 if none limits the translation
     * @param fault 0, a code of {@link LeafWord} or one of the constants here
     */
    record Probe(DeviceEntry entry, long leaf, long address, int permissions, long size, int fault) {
        static final int BAD_ENTRY = 100;
        static final int INVALID_REQUEST = 101;
        static final int NO_TARGET = 102;

        private static Probe passed(long iova) {
            return Long.compareUnsigned(iova, HIGHEST_ADDRESS) <= 0
                    ? new Probe(null, 0, iova, RequestAccess.ATOMIC | RequestAccess.EXECUTE, 0, 0)
                    : new Probe(null, 0, 0, 0, 0, NO_TARGET);
        }
    }
}
