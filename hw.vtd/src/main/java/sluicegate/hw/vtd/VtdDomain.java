package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;

/**
 * A domain as its unit sees it: what is written into the entries of its devices. A domain belongs to one unit, because its domain
 * id is one of that unit's and its tables are built for that unit's capabilities.
 */
abstract class VtdDomain implements DriverDomain {
    private final VtdUnit unit;

    VtdDomain(VtdUnit unit) {
        this.unit = unit;
    }

    final VtdUnit unit() {
        return unit;
    }

    /** Legacy mode: lower word of the context entry; 0 to block, and of kinds that only scalable mode has. */
    long contextLow() {
        return 0;
    }

    /** Legacy mode: upper word of the context entry. */
    long contextHigh() {
        return 0;
    }

    /** Scalable mode: the PASID entry as it is to be now, {@link sluicegate.api.types.Pasid#NONE} for requests without one. */
    abstract PasidWords pasidEntry(int pasid);

    /** Whether addresses are translated, so that a device's own TLB (ATS) is of use. */
    boolean translates() {
        return false;
    }

    /** Whether somebody serves page requests in it. */
    boolean servesPageRequests() {
        return false;
    }

    /** A device is about to use it. */
    void acquire() {}

    /** A device uses it no longer, and the hardware has forgotten that it did. */
    void release() {}

    /** From now on changes must reach what that user has cached, or not any longer ({@link DomainUsers}). */
    void enter(long user) {}

    void exit(long user) {}

    /**
     * {@inheritDoc}
     *
     * @throws sluicegate.api.types.IommuException also ETIMEDOUT, EIO or EINVAL if the hardware fails to invalidate what it
     *     knew of the old domain
     */
    @Override
    public final void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        // What the device is attached to is the unit's own knowledge; it can't be told something else.
        unit.deviceOf(device).attach(this);
    }

    /** {@inheritDoc} Each kind of domain can be a PASID's, whatever the device's other requests use. */
    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        unit.deviceOf(device).attachPasid(pasid, this);
    }
}
