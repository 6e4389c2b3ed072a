package sluicegate.hw.smmuv3;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * A device behind the unit ({@code struct arm_smmu_master}): its streams, its context descriptors, and what it is attached to.
 *
 * <p>Not thread-safe: guarded by the mutex of the device's group, which the core holds.
 *
 * <p>The order of an attach ({@code arm_smmu_attach_prepare} and {@code arm_smmu_attach_commit}): invalidations of the new
 * domain begin to reach the device; ATS goes off at the device if it is to be off; context descriptor; stream table
 * entries; what the device has cached goes, and ATS goes on if it is to be on; the old domain is let go. Page requests go on
 * after ATS and off before it, and what the device had asked for by then is taken from the queue.
 */
final class Master {
    private static final Logger LOG = LoggerFactory.getLogger(Master.class);
    private static final EntryUse CONTEXT_USE = new ContextUse();

    private final Smmuv3Unit unit;
    private final String name;
    private final int[] sids;
    private final PciFeatures pci;
    private final boolean stalls;
    private final int substreamBits;
    private final Map<Integer, Stage1Domain> pasids = new TreeMap<>();
    /** Context descriptors of an earlier driver that nobody has replaced yet: by SubstreamID. */
    private final Map<Integer, long[]> left = new TreeMap<>();
    /** Whether its stream table entries are this driver's. */
    private boolean placed;
    /** What it used before, if hardware may still know. */
    private final List<Smmuv3Domain> lingering = new ArrayList<>();
    private Smmuv3Domain domain;
    private ContextTable contexts;
    /** Where the descriptor of requests without SubstreamID is, or is about to be. */
    private long pointer;
    private boolean atsOn;
    /** Whether it may ask for pages: not if it floods the queue. */
    private boolean mayAsk = true;
    /** Whether hardware may not have seen what was written last, because it did not answer. */
    private boolean stale;

    /**
     * @param canStall whether its transactions may wait for software
     * @param left context descriptors that an earlier driver left, by SubstreamID: they go along until their PASIDs are attached
     *     again, or to {@link #endTakeover}
     */
    Master(Smmuv3Unit unit, DeviceContext device, boolean canStall, Map<Integer, long[]> left) {
        this.unit = unit;
        this.name = device.name();
        this.sids = device.ids().stream().mapToInt(Integer::intValue).toArray();
        var capabilities = unit.capabilities();
        this.pci = PciFeatures.of(device, capabilities);
        // What waits is told by its stream, so there can be but one.
        this.stalls = capabilities.mustStall() || canStall && capabilities.stalls() && sids.length == 1;
        this.substreamBits = Math.min(device.device().pasidBits(), ContextTable.maxBits(capabilities));
        this.domain = unit.blocked();
        if (substreamBits > 0) {
            this.left.putAll(left);
            this.left.keySet().removeIf(ssid -> ssid >>> substreamBits != 0);
        }
        if (this.left.size() < left.size()) {
            LOG.warn("{}: {} of {} PASIDs that {} has in use have no place with this driver, and are refused from here on", unit.name(),
                    left.size() - this.left.size(), left.size(), name);
        }
        if (pci.hasAts()) {
            // An earlier driver may have left it on; what it asks for and does meanwhile is translated by the unit itself.
            pci.disablePageRequests();
            pci.disableAts();
        }
        if (substreamBits > 0) {
            pci.enablePasid();
        } else if (!left.isEmpty()) {
            pci.disablePasid();
        }
    }

    Smmuv3Unit unit() {
        return unit;
    }

    String name() {
        return name;
    }

    int[] sids() {
        return sids;
    }

    /** Whether its faults stall. */
    boolean stalls() {
        return stalls;
    }

    boolean hasAts() {
        return pci.hasAts();
    }

    /** Whether answers to its page requests have the PASID of the request. */
    boolean answersWithPasid() {
        return pci.answersWithPasid();
    }

    boolean usesSubstreams() {
        return !pasids.isEmpty() || !left.isEmpty();
    }

    Smmuv3Domain domain() {
        return domain;
    }

    private ContextTable contexts() {
        if (contexts == null) {
            var table = new ContextTable(unit.capabilities(), unit.memory(), unit.arena(), substreamBits);
            try {
                left.forEach(table::put);
            } catch (IommuException e) {
                table.free();
                throw e;
            }
            contexts = table;
            pointer = table.pointer();
        }
        return contexts;
    }

    /** A stream table entry that leads to this device's context descriptors, where they are or are about to be. */
    long[] contextEntry(int dss, boolean ats) {
        var descriptors = contexts();
        long[] entry = unit.entries().stage1(pointer, descriptors.format(), descriptors.bits(), dss, ats, stalls);
        // What the unit answers when its queue is full has a PASID only if the device knows such answers.
        entry[1] = StreamTableEntry.PPAR.set(entry[1], pci.answersWithPasid() ? 1 : 0);
        return entry;
    }

    /** What its stream table entries are to be now. */
    long[] currentEntry() {
        return domain.streamEntry(this, atsOn);
    }

    /**
     * Moves all its streams to a domain, or none.
     *
     * @throws IommuException EBUSY if SubstreamIDs are in use and the domain leaves no room for them; ENOMEM; ETIMEDOUT or EINVAL if
     *     hardware does not take the change
     */
    void attach(Smmuv3Domain target) {
        if (!pasids.isEmpty() && !target.allowsSubstreams()) {
            throw IommuException.of(Errno.EBUSY, "%s: %s has %d PASIDs in use, beside which it can't use stage 2; detach them first",
                    unit.name(), name, pasids.size());
        }
        boolean ats = pci.hasAts() && (target.translates() || usesSubstreams());
        boolean atsWasOn = atsOn;
        target.acquire();
        try {
            addCaches(target, Pasid.NONE, ats);
            if (!ats) {
                switchAtsOff();
            }
            writeContext(target);
            unit.writeStreams(this, target.streamEntry(this, ats));
            forgetDevice(ats || atsWasOn, Pasid.NONE);
            catchUp();
        } catch (RuntimeException e) {
            stale = true;
            rollBack(target, ats, atsWasOn, e);
            throw e;
        }
        boolean stage1Before = domain instanceof Stage1Domain;
        placed = true;
        moved(target, atsWasOn);
        if (ats) {
            switchAtsOn();
        }
        if (stage1Before && !(target instanceof Stage1Domain)) {
            dropContext();
        }
    }

    /** What was written is not written again when it is wanted again; hardware that missed it the first time must be told. */
    private void catchUp() {
        if (stale) {
            for (int sid : sids) {
                unit.invalidator().stream(sid, true);
            }
            stale = false;
        }
    }

    private void writeContext(Smmuv3Domain target) {
        var descriptor = target.contextDescriptor(this);
        if (descriptor.isEmpty()) {
            return;
        }
        if (contexts().bits() == 0) {
            pointer = contexts.prepare(0, descriptor.get());
        } else {
            writeDescriptor(0, descriptor.get());
        }
    }

    /** Writes a descriptor, or prepares another table with it: then {@link #pointer} is another one, and the entries have to follow. */
    private void writeDescriptor(int ssid, long[] descriptor) {
        boolean fresh = contexts().ensure(ssid);
        var place = contexts.place(ssid, () -> unit.invalidator().context(sids, ssid, !fresh));
        if (EntryWriter.isHitless(CONTEXT_USE, place, descriptor) || !replaceDescriptor(ssid, descriptor)) {
            EntryWriter.write(CONTEXT_USE, place, descriptor);
        }
    }

    /** Replaces a descriptor with its table. Returns false if there is no memory for another one. */
    private boolean replaceDescriptor(int ssid, long[] descriptor) {
        try {
            if (contexts.isTwoLevel()) {
                contexts.exchange(ssid, descriptor, () -> unit.invalidator().contexts(sids));
            } else {
                pointer = contexts.prepare(ssid, descriptor);
            }
            return true;
        } catch (IommuException e) {
            if (e.errno() != Errno.ENOMEM) {
                throw e;
            }
            return false;
        }
    }

    private void rollBack(Smmuv3Domain target, boolean ats, boolean atsWasOn, RuntimeException cause) {
        long prepared = pointer;
        boolean unused = unusePrepared();
        try {
            if (!unused && contexts != null && contexts.bits() != 0 && target instanceof Stage1Domain) {
                writeDescriptor(0, domain.contextDescriptor(this).orElseGet(ContextDescriptors::none));
            }
            unit.writeStreams(this, domain.streamEntry(this, atsWasOn));
            forgetPrepared(unused, prepared);
            if (atsWasOn) {
                switchAtsOn();
            }
            removeCaches(target, Pasid.NONE, ats);
            target.release();
        } catch (RuntimeException again) {
            // Nobody knows what hardware has of it now.
            lingering.add(target);
            losePrepared(unused, prepared);
            cause.addSuppressed(again);
        }
    }

    /** The entries are to lead where they led before. Returns whether they may lead somewhere else now. */
    private boolean unusePrepared() {
        boolean unused = contexts != null && pointer != contexts.pointer();
        if (unused) {
            pointer = contexts.pointer();
        }
        return unused;
    }

    /** The entries lead to {@link #pointer}, and hardware has seen it. */
    private void forgetPrepared(boolean unused, long prepared) {
        if (unused) {
            contexts.drop(prepared);
        } else if (contexts != null) {
            contexts.use(pointer);
        }
    }

    private void losePrepared(boolean unused, long prepared) {
        if (unused) {
            contexts.lose(prepared);
        }
    }

    /** All entries lead to {@code target}. */
    private void moved(Smmuv3Domain target, boolean atsWasOn) {
        var old = domain;
        domain = target;
        if (contexts != null) {
            contexts.use(pointer);
        }
        removeCaches(old, Pasid.NONE, atsWasOn);
        letGo(old);
    }

    /** What can't be forgotten now counts as used, so that nobody frees it, until a later change succeeds. */
    private void letGo(Smmuv3Domain old) {
        lingering.add(old);
        for (var it = lingering.iterator(); it.hasNext();) {
            var each = it.next();
            try {
                each.release();
                it.remove();
            } catch (RuntimeException e) {
                LOG.warn("{}: the hardware may still know a domain that {} has left: {}", unit.name(), name, e.getMessage());
            }
        }
    }

    /** The descriptor of requests without a SubstreamID, which a request with SubstreamID 0 would still find. */
    private void dropContext() {
        if (contexts != null && contexts.bits() != 0) {
            try {
                writeDescriptor(0, ContextDescriptors.none());
            } catch (RuntimeException e) {
                stale = true;
                LOG.warn("{}: the context descriptor of {} may still be cached: {}", unit.name(), name, e.getMessage());
            }
        }
    }

    /**
     * Blocks all its requests without a SubstreamID. Goes on over errors: in memory the entries abort in any case. The old domain
     * counts as used then until a later change succeeds, because until then nobody knows what hardware still has of it.
     */
    void block() {
        RuntimeException failure = null;
        takeLeftAlong();
        boolean ats = pci.hasAts() && usesSubstreams();
        boolean atsWasOn = atsOn;
        if (!ats) {
            switchAtsOff();
        }
        try {
            unit.writeStreams(this, unit.blocked().streamEntry(this, ats));
            forgetDevice(atsWasOn, Pasid.NONE);
            catchUp();
        } catch (RuntimeException e) {
            stale = true;
            failure = e;
        }
        var old = domain;
        if (failure == null) {
            placed = true;
            moved(unit.blocked(), atsWasOn);
            if (old instanceof Stage1Domain) {
                dropContext();
            }
            return;
        }
        domain = unit.blocked();
        removeCaches(old, Pasid.NONE, atsWasOn);
        lingering.add(old);
        throw failure;
    }

    /** Blocking needs no memory: without a table for what was left under SubstreamIDs, that is blocked too. */
    private void takeLeftAlong() {
        try {
            if (!left.isEmpty()) {
                contexts();
            }
        } catch (IommuException noMemory) {
            LOG.warn("{}: {} PASIDs of {} are refused until they are attached again: {}", unit.name(), left.size(), name,
                    noMemory.getMessage());
            left.clear();
        }
    }

    /** What an earlier driver left for the device, and nobody has replaced, is refused from here on. */
    void endTakeover() {
        if (!placed) {
            block();
        }
        if (left.isEmpty()) {
            return;
        }
        for (int ssid : List.copyOf(left.keySet())) {
            writeDescriptor(ssid, ContextDescriptors.none());
            forgetDevice(atsOn, ssid);
        }
        left.clear();
        if (pasids.isEmpty()) {
            downgrade();
        }
    }

    /**
     * Sets or replaces the domain of a PASID. On failure nothing has changed.
     *
     * @throws IommuException EOPNOTSUPP without PASIDs; EINVAL for one out of range, or beside a domain of stage 2; ENOMEM;
     *     ETIMEDOUT or EINVAL if hardware does not take the change
     */
    void attachPasid(int pasid, Stage1Domain target) {
        if (substreamBits == 0) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: %s has no PASIDs that the unit knows", unit.name(), name);
        }
        if (pasid <= 0 || pasid >>> substreamBits != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: PASID %d of %s is not from 1 to %d", unit.name(), pasid, name,
                    (1 << substreamBits) - 1);
        }
        if (!domain.allowsSubstreams()) {
            throw IommuException.of(Errno.EINVAL, "%s: %s uses stage 2, beside which it can't have PASIDs; attach it to another domain",
                    unit.name(), name);
        }
        var old = pasids.get(pasid);
        boolean ats = pci.hasAts();
        target.acquire();
        addCaches(target, pasid, ats);
        try {
            writeDescriptor(pasid, target.contextDescriptor(this).orElseThrow());
            pasids.put(pasid, target);
            unit.writeStreams(this, domain.streamEntry(this, ats));
            forgetDevice(ats, pasid);
            catchUp();
        } catch (RuntimeException e) {
            stale = true;
            rollBackPasid(pasid, target, old, ats, e);
            throw e;
        }
        contexts.use(pointer);
        left.remove(pasid);
        if (ats && !atsOn) {
            addCaches(domain, Pasid.NONE, true);
            switchAtsOn();
        }
        if (old != null) {
            removeCaches(old, pasid, ats);
            letGo(old);
        }
    }

    private void rollBackPasid(int pasid, Stage1Domain target, Stage1Domain old, boolean ats, RuntimeException cause) {
        left.remove(pasid);
        if (old == null) {
            pasids.remove(pasid);
        } else {
            pasids.put(pasid, old);
        }
        long prepared = pointer;
        boolean unused = unusePrepared();
        try {
            if (!unused) {
                writeDescriptor(pasid, old == null ? ContextDescriptors.none() : old.contextDescriptor(this).orElseThrow());
            }
            unit.writeStreams(this, currentEntry());
            forgetPrepared(unused, prepared);
            removeCaches(target, pasid, ats);
            target.release();
        } catch (RuntimeException again) {
            lingering.add(target);
            losePrepared(unused, prepared);
            cause.addSuppressed(again);
        }
    }

    /**
     * Takes a PASID's domain away: descriptor, its cached copies, translations, what the device has cached, in this order. Goes on
     * over errors.
     */
    void blockPasid(int pasid) {
        var old = pasids.remove(pasid);
        if (old == null) {
            return;
        }
        try {
            writeDescriptor(pasid, ContextDescriptors.none());
            forgetDevice(atsOn, pasid);
            if (pasids.isEmpty()) {
                downgrade();
            }
            catchUp();
        } catch (RuntimeException e) {
            stale = true;
            removeCaches(old, pasid, pci.hasAts());
            lingering.add(old);
            throw e;
        }
        removeCaches(old, pasid, pci.hasAts());
        letGo(old);
    }

    /** The last PASID is gone: an entry that passes or aborts needs no descriptors any more. */
    private void downgrade() {
        boolean ats = pci.hasAts() && domain.translates();
        if (atsOn && !ats) {
            removeCaches(domain, Pasid.NONE, true);
            switchAtsOff();
        }
        unit.writeStreams(this, domain.streamEntry(this, ats));
    }

    /** Nothing of it is used any more after that, unless blocking it failed: then that is thrown, and its memory stays taken. */
    void release() {
        RuntimeException failure = null;
        for (int pasid : List.copyOf(pasids.keySet())) {
            failure = collect(failure, () -> blockPasid(pasid));
        }
        failure = collect(failure, this::block);
        silence();
        if (failure == null && lingering.isEmpty()) {
            freeContexts();
        } else {
            unit.keepUntilLeft(this);
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException collect(RuntimeException earlier, Runnable step) {
        try {
            step.run();
            return earlier;
        } catch (RuntimeException e) {
            if (earlier == null) {
                return e;
            }
            earlier.addSuppressed(e);
            return earlier;
        }
    }

    /** How many page requests it may have outstanding; stalls are bounded by the unit. */
    int pageRequestLimit() {
        return pci.pageRequestLimit();
    }

    /**
     * Takes from the device the right to ask for pages, or gives it back. The unit has no bit for that: it queues whatever arrives
     * (section 8).
     */
    void allowPageRequests(boolean allowed) {
        if (mayAsk == allowed) {
            return;
        }
        mayAsk = allowed;
        if (atsOn && allowed) {
            pci.enablePageRequests();
        } else if (atsOn) {
            pci.disablePageRequests();
            unit.drainReports();
        }
    }

    /** Nobody serves page requests any more: the device is told to make none. */
    void stopPageRequests() {
        if (atsOn) {
            pci.disablePageRequests();
        }
    }

    /** The device itself is told to use neither page requests nor ATS nor PASIDs. */
    void silence() {
        switchAtsOff();
        if (substreamBits > 0) {
            pci.disablePasid();
        }
    }

    /**
     * Gives back descriptors that no entry leads to: nobody would ever find them again. Of functions that share a stream the entry
     * leads to those of one.
     */
    void tidyContexts() {
        if (contexts == null) {
            return;
        }
        if (lingering.isEmpty() && !unit.leadsTo(sids, contexts.pointer())) {
            freeContexts();
        } else if (contexts.isUntidy()) {
            unit.invalidator().contexts(sids);
            contexts.tidy();
        }
    }

    /** Gives the descriptors back. No hardware uses them. */
    void freeContexts() {
        if (contexts != null) {
            contexts.free();
            contexts = null;
        }
    }

    private void switchAtsOn() {
        if (!atsOn) {
            atsOn = true;
            pci.enableAts();
            if (mayAsk) {
                pci.enablePageRequests();
            }
        }
    }

    private void switchAtsOff() {
        if (atsOn) {
            atsOn = false;
            pci.disablePageRequests();
            unit.drainReports();
            pci.disableAts();
        }
    }

    private void forgetDevice(boolean ats, int ssid) {
        if (ats) {
            for (int sid : sids) {
                unit.invalidator().device(sid, ssid);
            }
        }
    }

    private void addCaches(Smmuv3Domain to, int ssid, boolean ats) {
        if (ats) {
            to.addCaches(sids, ssid);
        }
    }

    private void removeCaches(Smmuv3Domain from, int ssid, boolean ats) {
        if (ats) {
            from.removeCaches(sids, ssid);
        }
    }
}
