package sluicegate.hw.amdvi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.PciCapabilities;
import sluicegate.hw.common.PciFeatures;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.PprRecord;

/**
 * A device of one unit: under which ids its requests arrive, and what it is attached to. Guarded by the mutex of its group,
 * which the core holds; a host domain that grows writes entries beside that, under its own lock.
 *
 * <p>Order of an attach: the device stops asking for what the new domain does not allow, and its TLB is emptied; the entries are
 * written, its own and those of its aliases; hardware forgets the old domain; then the device may ask for what the new one
 * allows. So the unit accepts translation requests before the device sends any, and after it has sent the last.
 */
final class AmdviDevice {
    /** What units allow is in their tables. */
    static final PciCapabilities.Offer OFFER = new PciCapabilities.Offer(true, true, PprRecord.DEVICE_LIMIT, true, true);

    private final AmdviUnit unit;
    private final String name;
    private final int[] ids;
    private final int ownId;
    private final int pasidBits;
    private final PciFeatures features;
    private final PciFeatures.Use can;
    private final int queueDepth;
    /** What its entries allow it. */
    private volatile PciFeatures.Use use = PciFeatures.Use.NOTHING;
    /** Whether its TLB was to be emptied and could not be. */
    private boolean staleTlb;
    /** Whether it may ask for pages at all: not if it floods the log. */
    private boolean mayAsk = true;
    private AmdviDomain domain;
    /** What it was attached to before, if hardware may still know. */
    private final List<AmdviDomain> lingering = new ArrayList<>();
    private Optional<DevicePasids> pasids = Optional.empty();
    /** Whether it has no table of PASIDs of its own because others' requests have one of its ids. That is so for good once it is. */
    private boolean shares;

    AmdviDevice(AmdviUnit unit, DeviceContext context) {
        this.unit = unit;
        this.name = context.name();
        this.ids = context.ids().stream().mapToInt(Integer::intValue).toArray();
        this.ownId = context.device() instanceof PciFunction function && function.address() != null
                && context.ids().contains(function.address().requesterId()) ? function.address().requesterId() : ids[0];
        this.features = PciFeatures.of(context, OFFER);
        var capabilities = unit.capabilities();
        this.pasidBits = capabilities.guestTablesForAll() ? Math.min(capabilities.pasidBits(), context.device().pasidBits()) : 0;
        this.can = new PciFeatures.Use(pasidBits > 0 && features.hasPasid(), capabilities.deviceTlbs() && features.hasAts(),
                pasidBits > 0 && capabilities.pageRequests() && features.hasPri());
        this.queueDepth = features.queueDepth();
        if (unit.takesOver()) {
            features.adopt();
        } else {
            features.reset();
        }
        this.domain = unit.blockedDomain();
    }

    AmdviUnit unit() {
        return unit;
    }

    int[] ids() {
        return ids;
    }

    AmdviDomain domain() {
        return domain;
    }

    Optional<DevicePasids> pasids() {
        return pasids;
    }

    boolean canHaveDeviceTlb() {
        return can.ats();
    }

    /** The largest PASID for which it may ask for pages, plus one; 0 if it may not ask. */
    int pageRequestPasids() {
        return use.pri() ? 1 << pasidBits : 0;
    }

    /** Whether answers to its page requests have to carry the PASID; what it does with one that it does not expect is open. */
    boolean answersWithPasid() {
        return features.answersWithPasid();
    }

    /** How many page requests it may have outstanding. */
    int pageRequestLimit() {
        return can.pri() ? features.pageRequestLimit() : Integer.MAX_VALUE;
    }

    /** Takes from it the right to ask for pages, or gives it back; everything else stays. */
    void allowPageRequests(boolean allowed) {
        mayAsk = allowed;
        var wanted = useWith(domain);
        if (wanted.equals(use)) {
            return;
        }
        if (!wanted.pri()) {
            features.stopPageRequests();
            unit.takePageRequests();
        }
        use = wanted;
        domain.exit(this);
        domain.enter(this);
        features.switchOn(wanted);
        unit.takePageRequests();
    }

    /** What invalidations of host tables have to know of it. */
    long hostTarget() {
        return FlushTargets.target(ownId, 0, Pasid.NONE, can.ats(), queueDepth);
    }

    /** What invalidations of guest tables have to know of it, where hardware caches them under that domain id. */
    long target(int domainId, int pasid) {
        return FlushTargets.target(ownId, domainId, pasid, can.ats(), queueDepth);
    }

    /** Writes the entries of all ids. An id that can't be blocked keeps none of the others from it. */
    void writeEntries(DeviceEntry entry) {
        boolean blocks = DeviceEntry.blocks(entry.word0());
        RuntimeException failure = null;
        for (int id : ids) {
            try {
                unit.deviceTable().write(id, entryOf(id, entry));
            } catch (RuntimeException e) {
                if (!blocks) {
                    throw e;
                }
                failure = firstOf(failure, e);
            }
        }
        if (failure != null) {
            throw failure;
        }
    }

    private DeviceEntry entryOf(int id, DeviceEntry entry) {
        var result = entry.withSetting(unit.settingOf(id));
        if (id == ownId && use.ats()) {
            result = result.withDeviceTlb();
        }
        return id == ownId && use.pri()
                ? result.withPageRequests(unit.capabilities().has(ExtendedFeatureRegister.EPHSUP), answersWithPasid()) : result;
    }

    /**
     * Moves all ids to a domain, or none.
     *
     * <p>Blocking goes on over errors: what could not be forgotten at least lets nothing pass. The old domain then counts as used
     * until a later change succeeds, because until then nobody knows what hardware still has of it.
     */
    void attach(AmdviDomain target) {
        if (target.unit() != unit) {
            throw IommuException.of(Errno.EINVAL, "%s: a domain of %s can't serve %s, which is behind another unit; allocate one "
                    + "for this device", unit.name(), target.unit().name(), name);
        }
        if (target == unit.blockedDomain()) {
            block(ids);
            return;
        }
        boolean made = preparePasids(target);
        var old = domain;
        var oldUse = use;
        var newUse = useWith(target);
        target.acquire(this);
        old.exit(this);
        try {
            restrict(newUse);
            use = newUse;
            target.enter(this);
            forget(old, target);
            if (features.use().ats()) {
                unit.invalidator().deviceTlb(hostTarget());
            }
        } catch (RuntimeException e) {
            goBack(target, old, oldUse, e);
            if (made && lingering.isEmpty()) {
                dropPasids();
            }
            throw e;
        }
        switchOn(newUse);
        moved(target);
    }

    /** What it does not do yet, it does not begin as long as hardware uses entries of an earlier driver, which may not allow it. */
    private void switchOn(PciFeatures.Use wanted) {
        if (!unit.takesOver()) {
            features.switchOn(wanted);
        }
    }

    /** From now on hardware uses its entries here: the device may do all that they allow, and nothing else. */
    void adopted() {
        restrict(use);
        if (features.use().ats()) {
            unit.invalidator().deviceTlb(hostTarget());
        }
        features.switchOn(use);
    }

    private void goBack(AmdviDomain target, AmdviDomain old, PciFeatures.Use oldUse, RuntimeException failure) {
        target.exit(this);
        use = oldUse;
        try {
            old.enter(this);
            forget(target, old);
            target.release(this);
            switchOn(oldUse);
        } catch (RuntimeException again) {
            failure.addSuppressed(again);
            lingering.add(target);
        }
    }

    private void forget(AmdviDomain left, AmdviDomain now) {
        if (left != now) {
            if (left instanceof GuestDomain && !(now instanceof GuestDomain)) {
                pasids.ifPresent(table -> table.table().clear(0));
            }
            left.forget(this);
        }
    }

    /** A table of PASIDs, if the domain needs one or the device could use one. Returns whether it was made now. */
    private boolean preparePasids(AmdviDomain target) {
        if (!target.allowsPasids()) {
            if (pasids.filter(table -> !table.domains().isEmpty()).isPresent()) {
                throw IommuException.of(Errno.EBUSY, "%s: PASIDs %s of %s are attached; beside them only identity and domains with "
                        + "guest tables are possible", unit.name(), pasids.get().domains().keySet(), name);
            }
            return false;
        }
        boolean needed = target instanceof GuestDomain;
        shares = shares || pasids.isEmpty() && unit.sharesIds(ids);
        if (shares) {
            return false;
        }
        if (pasids.isPresent() || !needed && pasidBits == 0) {
            return false;
        }
        try {
            pasids = Optional.of(new DevicePasids(unit, Math.max(1, pasidBits)));
            return true;
        } catch (IommuException e) {
            if (needed) {
                throw e;
            }
            // Identity must not fail: then it goes without PASIDs.
            return false;
        }
    }

    private PciFeatures.Use useWith(AmdviDomain target) {
        boolean withPasids = target.allowsPasids() && pasids.isPresent();
        return new PciFeatures.Use(can.pasid() && withPasids, can.ats() && target.allowsDeviceTlb(),
                can.pri() && can.ats() && mayAsk && withPasids);
    }

    /** Takes from the device what it is not to have any more, and empties its TLB if it has one no longer. */
    private void restrict(PciFeatures.Use wanted) {
        var now = features.use();
        boolean less = now.ats() && !wanted.ats() || now.pri() && !wanted.pri() || now.pasid() != wanted.pasid();
        if (less || staleTlb) {
            features.stopAsking();
            if (now.ats() || staleTlb) {
                staleTlb = true;
                unit.invalidator().deviceTlb(hostTarget());
                staleTlb = false;
            }
            features.stopPasids();
        }
    }

    /** All entries lead to {@code target}, and the hardware has forgotten what was before. */
    private void moved(AmdviDomain target) {
        domain.release(this);
        lingering.forEach(each -> each.release(this));
        lingering.clear();
        domain = target;
        dropPasidsBeside(target);
    }

    /** One that is only blocked, for a reset, is to have its table again without asking for memory. */
    private void dropPasidsBeside(AmdviDomain now) {
        if (!now.allowsPasids() && now != unit.blockedDomain()) {
            dropPasids();
        }
    }

    /** Gives the table of PASIDs back, if none is attached. If hardware does not forget it, it stays for the next time. */
    private void dropPasids() {
        if (pasids.isPresent() && pasids.get().domains().isEmpty()) {
            try {
                pasids.get().forget();
                pasids.get().discard();
                pasids = Optional.empty();
            } catch (IommuException e) {
                // The next change tries again, and so does the next driver.
            }
        }
    }

    private void block(int[] which) {
        var old = domain;
        old.exit(this);
        RuntimeException failure = attempt(null, () -> restrict(PciFeatures.Use.NOTHING));
        use = PciFeatures.Use.NOTHING;
        for (int id : which) {
            failure = attempt(failure, () -> unit.deviceTable().write(id, DeviceEntry.BLOCKED.withSetting(unit.settingOf(id))));
        }
        failure = attempt(failure, () -> forget(old, unit.blockedDomain()));
        if (failure == null) {
            moved(unit.blockedDomain());
            return;
        }
        if (old != unit.blockedDomain()) {
            lingering.add(old);
            domain = unit.blockedDomain();
        }
        throw failure;
    }

    /**
     * Ends its attachment: blocks those ids that no other device uses.
     *
     * @throws RuntimeException if hardware does not forget; all that could be done was done
     */
    void release(int[] last) {
        RuntimeException failure = null;
        if (pasids.isPresent()) {
            for (int pasid : List.copyOf(pasids.get().domains().keySet())) {
                failure = attempt(failure, () -> detachPasid(pasid));
            }
        }
        failure = attempt(failure, () -> block(last));
        if (failure != null) {
            throw failure;
        }
        dropPasids();
    }

    private static RuntimeException attempt(RuntimeException earlier, Runnable step) {
        try {
            step.run();
            return earlier;
        } catch (RuntimeException e) {
            return firstOf(earlier, e);
        }
    }

    private static RuntimeException firstOf(RuntimeException earlier, RuntimeException later) {
        if (earlier == null) {
            return later;
        }
        earlier.addSuppressed(later);
        return earlier;
    }

    /** Gives a PASID a domain. */
    void attachPasid(int pasid, GuestDomain target) {
        if (target.unit() != unit) {
            throw IommuException.of(Errno.EINVAL, "%s: a domain of %s can't serve a PASID of %s, which is behind another unit",
                    unit.name(), target.unit().name(), name);
        }
        if (pasid <= 0 || pasid >= 1 << pasidBits) {
            throw IommuException.of(Errno.EINVAL, "%s: %s has PASIDs from 1 to %d, not %d", unit.name(), name,
                    (1 << pasidBits) - 1, pasid);
        }
        if (pasids.isEmpty() || !domain.allowsPasids()) {
            throw IommuException.of(Errno.EINVAL, "%s: %s is attached to a %s domain, beside which it can have no PASIDs; identity and "
                    + "domains that were allocated for PASIDs allow them", unit.name(), name, domain.type().word());
        }
        var all = pasids.get();
        if (all.domains().containsKey(pasid)) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: PASID %d of %s has a domain and can't be moved to another; detach it "
                    + "first", unit.name(), pasid, name);
        }
        target.use(this, pasid);
        all.domains().put(pasid, target);
        try {
            all.table().set(pasid, target.top());
            unit.invalidator().pasid(all.domainId(), pasid);
        } catch (RuntimeException e) {
            RuntimeException again = attempt(null, () -> detachPasid(pasid));
            if (again != null) {
                e.addSuppressed(again);
            }
            throw e;
        }
    }

    /** Takes the domain of a PASID away; harmless if it has none. */
    void detachPasid(int pasid) {
        if (pasids.isEmpty() || !pasids.get().domains().containsKey(pasid)) {
            return;
        }
        var all = pasids.get();
        all.table().clear(pasid);
        unit.invalidator().pasid(all.domainId(), pasid);
        if (features.use().ats()) {
            unit.invalidator().deviceTlb(target(all.domainId(), pasid));
        }
        // What the device had asked for before is in the log by now; behind this nothing of it is left.
        unit.takePageRequests();
        all.domains().remove(pasid).leave(this, pasid);
        dropPasidsBeside(domain);
    }

    /** As the driver's last act, when everything is blocked: the device must not ask nobody. */
    void stopAsking() {
        features.stopAsking();
        features.stopPasids();
    }

    /** Gives back a table of PASIDs to which no entry leads: nobody would ever find it again. */
    void discardIfBlocked() {
        if (domain == unit.blockedDomain()) {
            dropPasids();
        }
    }

    /** Gives back what is its own after all entries were blocked and forgotten. */
    void discard() {
        pasids.ifPresent(DevicePasids::discard);
        pasids = Optional.empty();
    }
}
