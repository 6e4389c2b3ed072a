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
import sluicegate.hw.common.PciCapabilities;
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
    /** Page requests that a device may have outstanding: sixteen devices fill the queue. */
    private static final int MAX_REQUESTS = 32;

    private final Smmuv3Unit unit;
    private final String name;
    private final int[] sids;
    private final PciCapabilities pci;
    private final boolean stalls;
    private final int substreamBits;
    private final Map<Integer, Stage1Domain> pasids = new TreeMap<>();
    private final DeviceContexts contexts;
    /** Whether its stream table entries are this driver's. */
    private boolean placed;
    /** What it used before, if hardware may still know. */
    private final List<Smmuv3Domain> lingering = new ArrayList<>();
    private Smmuv3Domain domain;
    private boolean atsOn;
    /** Whether it may ask for pages: not if it floods the queue. */
    private boolean mayAsk = true;
    /** Whether hardware may not have seen what was written last, because it did not answer. */
    private boolean stale;

    /**
     * @param canStall whether its transactions may wait for software
     * @param takenOver whether the unit translates for it by what an earlier driver left
     * @param left context descriptors that an earlier driver left, by SubstreamID: they go along until their PASIDs are attached
     *     again, or to {@link #endTakeover}
     */
    Master(Smmuv3Unit unit, DeviceContext device, boolean canStall, boolean takenOver, Map<Integer, long[]> left) {
        this.unit = unit;
        this.name = device.name();
        this.sids = device.ids().stream().mapToInt(Integer::intValue).toArray();
        var capabilities = unit.capabilities();
        this.pci = PciCapabilities.of(device,
                new PciCapabilities.Offer(capabilities.ats(), capabilities.pri(), MAX_REQUESTS, true, false));
        // What waits is told by its stream, so there can be but one.
        this.stalls = capabilities.mustStall() || canStall && capabilities.stalls() && sids.length == 1;
        this.substreamBits = Math.min(device.device().pasidBits(), ContextTable.maxBits(capabilities));
        this.domain = unit.blocked();
        this.contexts = new DeviceContexts(unit, name, sids, substreamBits, left);
        boolean sendsPasids = substreamBits > 0;
        if (takenOver && pci.atsIsOn() && pci.pasidIsOn() == sendsPasids) {
            // It goes on with all that it has, and finds what it asks for in entries that allow it.
            atsOn = true;
            return;
        }
        if (pci.hasAts()) {
            // An earlier driver may have left it on; what it asks for and does meanwhile is translated by the unit itself.
            pci.disablePageRequests();
            pci.disableAts();
        }
        if (sendsPasids) {
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
        return !pasids.isEmpty() || contexts.hasLeft();
    }

    Smmuv3Domain domain() {
        return domain;
    }

    /** A stream table entry that leads to this device's context descriptors, where they are or are about to be. */
    long[] contextEntry(int dss, boolean ats) {
        long[] entry = unit.entries().stage1(contexts.pointer(), contexts.format(), contexts.bits(), dss, ats, stalls);
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
            target.contextDescriptor(this).ifPresent(descriptor -> contexts.write(0, descriptor));
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

    private void rollBack(Smmuv3Domain target, boolean ats, boolean atsWasOn, RuntimeException cause) {
        boolean reverted = contexts.revert();
        try {
            if (!reverted && contexts.isTable() && target instanceof Stage1Domain) {
                contexts.write(0, domain.contextDescriptor(this).orElseGet(ContextDescriptors::none));
            }
            unit.writeStreams(this, domain.streamEntry(this, atsWasOn));
            contexts.settle();
            if (atsWasOn) {
                switchAtsOn();
            }
            removeCaches(target, Pasid.NONE, ats);
            target.release();
        } catch (RuntimeException again) {
            // Nobody knows what hardware has of it now.
            lingering.add(target);
            contexts.giveUp();
            cause.addSuppressed(again);
        }
    }

    /** All entries lead to {@code target}. */
    private void moved(Smmuv3Domain target, boolean atsWasOn) {
        var old = domain;
        domain = target;
        contexts.settle();
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

    private void dropContext() {
        try {
            contexts.dropOwn();
        } catch (RuntimeException e) {
            stale = true;
            LOG.warn("{}: the context descriptor of {} may still be cached: {}", unit.name(), name, e.getMessage());
        }
    }

    /**
     * Blocks all its requests without a SubstreamID. Goes on over errors: in memory the entries abort in any case. The old domain
     * counts as used then until a later change succeeds, because until then nobody knows what hardware still has of it.
     */
    void block() {
        RuntimeException failure = null;
        contexts.takeLeftAlong();
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

    /** What an earlier driver left for the device, and nobody has replaced, is refused from here on. */
    void endTakeover() {
        if (!placed) {
            block();
        }
        dropLeft();
        if (atsOn && mayAsk && !pci.pageRequestsAreOn()) {
            pci.enablePageRequests();
        }
    }

    private void dropLeft() {
        if (!contexts.hasLeft()) {
            return;
        }
        for (int ssid : contexts.left()) {
            contexts.write(ssid, ContextDescriptors.none());
            forgetDevice(atsOn, ssid);
        }
        contexts.forgetLeft();
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
            contexts.write(pasid, target.contextDescriptor(this).orElseThrow());
            pasids.put(pasid, target);
            unit.writeStreams(this, domain.streamEntry(this, ats));
            forgetDevice(ats, pasid);
            catchUp();
        } catch (RuntimeException e) {
            stale = true;
            rollBackPasid(pasid, target, old, ats, e);
            throw e;
        }
        contexts.settle();
        contexts.forgetLeft(pasid);
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
        contexts.forgetLeft(pasid);
        if (old == null) {
            pasids.remove(pasid);
        } else {
            pasids.put(pasid, old);
        }
        boolean reverted = contexts.revert();
        try {
            if (!reverted) {
                contexts.write(pasid, old == null ? ContextDescriptors.none() : old.contextDescriptor(this).orElseThrow());
            }
            unit.writeStreams(this, currentEntry());
            contexts.settle();
            removeCaches(target, pasid, ats);
            target.release();
        } catch (RuntimeException again) {
            lingering.add(target);
            contexts.giveUp();
            cause.addSuppressed(again);
        }
    }

    /**
     * Has a PASID walk its tables no longer, while its descriptor stays valid, so that no request is a bad one ({@code
     * arm_smmu_mm_release}). Returns false if it does not use them.
     */
    boolean silencePasid(int pasid, Stage1Domain of) {
        if (pasids.get(pasid) != of) {
            return false;
        }
        contexts.write(pasid, of.quietDescriptor(this));
        of.flushIotlbAll();
        return true;
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
            contexts.write(pasid, ContextDescriptors.none());
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
        contexts.forgetLeft();
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

    /** Gives back descriptors that no entry leads to. */
    void tidyContexts() {
        contexts.tidy(!lingering.isEmpty());
    }

    /** Gives the descriptors back. No hardware uses them. */
    void freeContexts() {
        contexts.free();
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
