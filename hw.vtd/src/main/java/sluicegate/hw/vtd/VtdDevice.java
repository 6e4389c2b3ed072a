package sluicegate.hw.vtd;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.PciCapabilities;
import sluicegate.hw.common.PciFeatures;

/**
 * A device of one unit ({@code struct device_domain_info}): under which ids its requests arrive, and what it is attached to. Guarded
 * by the mutex of its group, which the core holds.
 *
 * <p>Order of an attach: invalidations of the new domain begin to reach the device; it stops asking for what the new domain does not
 * allow, and its TLB is emptied; its context entry says what it may ask for; its entries lead to the new domain, and the hardware has
 * forgotten the old one; its own TLB forgets; then it may ask for what the new domain allows. So the unit accepts translation
 * requests before the device sends any, and after it has sent the last.
 */
final class VtdDevice {
    private static final Logger LOG = LoggerFactory.getLogger(VtdDevice.class);
    /** What units allow is in their tables. 32 page requests are {@code PRQ_DEPTH}. */
    private static final PciCapabilities.Offer OFFER = new PciCapabilities.Offer(true, true, 32, false, false);

    private final VtdUnit unit;
    private final String name;
    private final int[] ids;
    private final int ownId;
    private final int pasidBits;
    private final PciFeatures features;
    private final PciFeatures.Use can;
    private final Map<Integer, VtdDomain> pasids = new ConcurrentSkipListMap<>();
    /** What it was attached to before, if hardware may still know. */
    private final List<VtdDomain> lingering = new ArrayList<>();
    private VtdDomain domain;
    /** What its context entry allows it. While hardware still uses tables of an earlier driver the device may do something else. */
    private PciFeatures.Use allowed = PciFeatures.Use.NOTHING;
    /** Whether its TLB was to be emptied and could not be. */
    private boolean staleTlb;
    /** Whether it may ask for pages at all: not if it floods the queue. */
    private boolean mayAsk = true;

    /** @param alone whether no other device's requests have its own id */
    VtdDevice(VtdUnit unit, DeviceContext context, int[] ids, int ownId, boolean alone) {
        this.unit = unit;
        this.name = context.name();
        this.ids = ids;
        this.ownId = ownId;
        this.features = PciFeatures.of(context, OFFER);
        var capabilities = unit.capabilities();
        boolean virtual = context.device() instanceof PciFunction function && function.virtualFunction();
        // Of a virtual function's physical one nothing is known here, and invalidations would have to name it.
        boolean ats = alone && capabilities.translationRequests() && features.hasAts()
                && !(virtual && capabilities.throttlesByPhysicalFunction()) && !unit.translatesByItself(ownId);
        this.pasidBits = alone && features.hasPasid() ? Math.min(capabilities.pasidBits(), context.device().pasidBits()) : 0;
        this.can = new PciFeatures.Use(pasidBits > 0, ats, ats && capabilities.pageRequests() && features.hasPri());
        if (alone && unit.takesOverDevices()) {
            features.adopt();
        } else {
            features.reset();
        }
        this.domain = unit.blockedDomain();
    }

    VtdUnit unit() {
        return unit;
    }

    int[] ids() {
        return ids;
    }

    int ownId() {
        return ownId;
    }

    int pasidBits() {
        return pasidBits;
    }

    boolean hasAts() {
        return can.ats();
    }

    /** Whether it can ask for pages: what it asked for before it was forbidden may come later. */
    boolean canAskForPages() {
        return can.pri();
    }

    /** How many page requests it may have outstanding. */
    int pageRequestLimit() {
        return can.pri() ? features.pageRequestLimit() : Integer.MAX_VALUE;
    }

    /** Takes from it the right to ask for pages, or gives it back; everything else stays. */
    void allowPageRequests(boolean allowed) {
        mayAsk = allowed;
        var wanted = useWith(domain);
        allow(wanted);
        switchOn(wanted);
    }

    private long user(int id, int pasid) {
        return DomainUsers.user(id, pasid, can.ats() && id == ownId, features.queueDepth());
    }

    private void enter(VtdDomain into, int pasid) {
        if (pasid != Pasid.NONE) {
            into.enter(user(ownId, pasid));
            return;
        }
        for (int id : ids) {
            into.enter(user(id, pasid));
        }
    }

    private void exit(VtdDomain from, int pasid) {
        if (pasid != Pasid.NONE) {
            from.exit(user(ownId, pasid));
            return;
        }
        for (int id : ids) {
            from.exit(user(id, pasid));
        }
    }

    /**
     * Moves all ids to a domain, or none.
     *
     * <p>Blocking goes on over errors: what could not be invalidated is at least not present. Its old domain then counts as used until
     * a later change of the device succeeds, because until then nobody knows what hardware still has of it.
     *
     * @throws IommuException EINVAL for a domain of another unit; ENOMEM; ETIMEDOUT, EIO or EINVAL if hardware does not take the
     *     change
     */
    void attach(VtdDomain target) {
        requireOwn(target);
        if (target == unit.blockedDomain()) {
            block(ids);
            return;
        }
        var old = domain;
        var before = use();
        var wanted = useWith(target);
        target.acquire();
        enter(target, Pasid.NONE);
        try {
            allow(wanted);
            for (int id : ids) {
                unit.tables().set(id, Pasid.NONE, target);
            }
            forgetInDevice(Pasid.NONE);
        } catch (RuntimeException e) {
            goBack(target, old, before, e);
            throw e;
        }
        switchOn(wanted);
        exit(old, Pasid.NONE);
        moved(target);
    }

    private void requireOwn(VtdDomain target) {
        if (target.unit() != unit) {
            throw IommuException.of(Errno.EINVAL, "%s: a domain of %s can't serve %s, which is behind another unit; allocate one "
                    + "for this device", unit.name(), target.unit().name(), name);
        }
    }

    private void goBack(VtdDomain target, VtdDomain old, PciFeatures.Use before, RuntimeException failure) {
        try {
            allow(before);
            for (int id : ids) {
                unit.tables().set(id, Pasid.NONE, old);
            }
            forgetInDevice(Pasid.NONE);
            switchOn(before);
            exit(target, Pasid.NONE);
            target.release();
        } catch (RuntimeException again) {
            failure.addSuppressed(again);
            lingering.add(target);
        }
    }

    /** What the device is to use if its requests without PASID use a domain. */
    private PciFeatures.Use useWith(VtdDomain target) {
        boolean translates = target.translates() || !pasids.isEmpty();
        boolean served = target.servesPageRequests() || pasids.values().stream().anyMatch(VtdDomain::servesPageRequests);
        return new PciFeatures.Use(can.pasid() && translates, can.ats() && translates, can.pri() && mayAsk && served);
    }

    /** What it does, or is to do as soon as hardware uses its entries here. */
    private synchronized PciFeatures.Use use() {
        return unit.takesOver() ? allowed : features.use();
    }

    /** Takes from the device what it is not to have any more; then its context entry says what it may have. */
    private synchronized void allow(PciFeatures.Use wanted) {
        if (!unit.takesOver()) {
            restrict(wanted);
        }
        unit.tables().allow(ownId, wanted);
        allowed = wanted;
    }

    private void restrict(PciFeatures.Use wanted) {
        var now = features.use();
        if (now.pri() && !wanted.pri()) {
            features.stopPageRequests();
            unit.drain(this);
        }
        if (features.use().exceeds(wanted) && !now.equals(PciFeatures.Use.NOTHING) || staleTlb) {
            features.stopAsking();
            if (now.ats() || staleTlb) {
                staleTlb = true;
                unit.deviceTlbs().forget(user(ownId, Pasid.NONE));
                staleTlb = false;
            }
            features.stopPasids();
        }
    }

    /** What it does not do yet, it does not begin as long as hardware uses tables of an earlier driver, which may not allow it. */
    private synchronized void switchOn(PciFeatures.Use wanted) {
        if (!unit.takesOver()) {
            features.switchOn(wanted);
        }
    }

    /** Hardware is about to use its entries here: takes from the device what they do not allow. */
    synchronized void restrict() {
        try {
            restrict(allowed);
        } catch (IommuException e) {
            goOnWithoutTlb(e);
        }
    }

    /** Hardware uses its entries here, and has forgotten others: so is its own TLB to do, and then it may do all that they allow. */
    synchronized void adopted() {
        if (staleTlb) {
            return;
        }
        try {
            emptyTlb();
            features.switchOn(allowed);
        } catch (IommuException e) {
            goOnWithoutTlb(e);
        }
    }

    /** A device that does not answer is no reason to take what is translated for it, or for others, away: it may only use its TLB no more. */
    private void goOnWithoutTlb(IommuException why) {
        LOG.warn("{}: {} uses no TLB of its own until it is attached again: {}", unit.name(), name, why.getMessage());
        staleTlb = true;
        features.stopAsking();
    }

    /** What it has while hardware still uses tables of an earlier driver it forgets when that is over. */
    private void forgetInDevice(int pasid) {
        if (features.use().ats() && !unit.takesOver()) {
            unit.deviceTlbs().forget(user(ownId, pasid));
        }
    }

    /** All entries lead to {@code target}, and the hardware has forgotten what was before. */
    private void moved(VtdDomain target) {
        domain.release();
        lingering.forEach(VtdDomain::release);
        lingering.clear();
        domain = target;
    }

    private void block(int[] which) {
        var blocked = unit.blockedDomain();
        RuntimeException failure = null;
        for (int id : which) {
            failure = attempt(failure, () -> unit.tables().set(id, Pasid.NONE, blocked));
        }
        failure = attempt(failure, () -> forgetInDevice(Pasid.NONE));
        failure = attempt(failure, () -> allow(useWith(blocked)));
        exit(domain, Pasid.NONE);
        if (failure == null) {
            moved(blocked);
            return;
        }
        if (domain != blocked) {
            lingering.add(domain);
            domain = blocked;
        }
        throw failure;
    }

    /**
     * Ends its attachments: blocks all PASIDs, and those ids that no other device uses.
     *
     * @throws RuntimeException if hardware does not forget; all that could be done was done
     */
    void release(int[] last) {
        RuntimeException failure = null;
        for (int pasid : List.copyOf(pasids.keySet())) {
            failure = attempt(failure, () -> detachPasid(pasid));
        }
        failure = attempt(failure, () -> block(last));
        for (int id : last) {
            failure = attempt(failure, () -> unit.tables().close(id));
        }
        if (failure != null) {
            throw failure;
        }
    }

    private static RuntimeException attempt(RuntimeException earlier, Runnable step) {
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

    /**
     * Sets or replaces the domain of a PASID. On failure nothing has changed, as far as hardware answers.
     *
     * @throws IommuException EOPNOTSUPP without PASIDs; EINVAL for one out of range or a domain of another unit; ENOMEM; ETIMEDOUT or
     *     EINVAL if hardware does not take the change
     */
    void attachPasid(int pasid, VtdDomain target) {
        requireOwn(target);
        if (pasidBits == 0) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: %s has no PASIDs that the unit knows", unit.name(), name);
        }
        if (pasid <= 0 || pasid >>> pasidBits != 0) {
            throw IommuException.of(Errno.EINVAL, "%s: %s has PASIDs from 1 to %d, not %d", unit.name(), name, (1 << pasidBits) - 1,
                    pasid);
        }
        var old = pasids.get(pasid);
        var before = use();
        target.acquire();
        enter(target, pasid);
        pasids.put(pasid, target);
        var wanted = useWith(domain);
        try {
            allow(wanted);
            unit.tables().set(ownId, pasid, target);
            forgetInDevice(pasid);
        } catch (RuntimeException e) {
            goBackPasid(pasid, target, old, before, e);
            throw e;
        }
        switchOn(wanted);
        if (old != null) {
            exit(old, pasid);
            old.release();
        }
    }

    private void goBackPasid(int pasid, VtdDomain target, VtdDomain old, PciFeatures.Use before, RuntimeException failure) {
        if (old == null) {
            pasids.remove(pasid);
        } else {
            pasids.put(pasid, old);
        }
        try {
            unit.tables().set(ownId, pasid, old == null ? unit.blockedDomain() : old);
            forgetInDevice(pasid);
            allow(before);
            switchOn(before);
            exit(target, pasid);
            target.release();
        } catch (RuntimeException again) {
            failure.addSuppressed(again);
            lingering.add(target);
        }
    }

    /**
     * Takes the domain of a PASID away; harmless if it has none. In the manual's order: entry, PASID cache, IOTLB, the device's own
     * TLB. What it had asked for is drained after that, by the core or, where it may not ask for pages any more, here.
     */
    void detachPasid(int pasid) {
        var old = pasids.remove(pasid);
        if (old == null) {
            return;
        }
        var failure = attempt(null, () -> unit.tables().set(ownId, pasid, unit.blockedDomain()));
        failure = attempt(failure, () -> forgetInDevice(pasid));
        failure = attempt(failure, () -> allow(useWith(domain)));
        exit(old, pasid);
        if (failure != null) {
            lingering.add(old);
            throw failure;
        }
        old.release();
    }

    /**
     * The tables behind a PASID end before the device was told to stop: nothing is translated any more, and what is refused is not
     * recorded ({@link EndedDomain}). Harmless for a PASID that has none.
     */
    void endPasid(int pasid) {
        var old = pasids.get(pasid);
        var ended = unit.endedDomain();
        if (old == null || old == ended) {
            return;
        }
        pasids.put(pasid, ended);
        var failure = attempt(null, () -> unit.tables().set(ownId, pasid, ended));
        failure = attempt(failure, () -> forgetInDevice(pasid));
        exit(old, pasid);
        if (failure != null) {
            lingering.add(old);
            throw failure;
        }
        old.release();
    }

    /** As the driver's last act: the device must not ask nobody. */
    void stopAskingForPages() {
        if (features.use().pri()) {
            features.stopPageRequests();
            unit.tables().allow(ownId, features.use());
            unit.drain(this);
        }
    }

    /** As the driver's last act, when everything is blocked. */
    void silence() {
        features.stopAsking();
        features.stopPasids();
    }

    /** Makes the device's own TLB empty as part of a drain (section 7.10). */
    void emptyTlb() {
        forgetInDevice(Pasid.NONE);
        if (features.use().ats()) {
            pasids.keySet().forEach(this::forgetInDevice);
        }
    }
}
