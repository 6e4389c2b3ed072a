package sluicegate.hw.amdvi;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;

/**
 * A domain as its unit sees it: what is written into the device table entry of each of its devices. A domain belongs to
 * one unit, because its domain id is one of that unit's and its table is built for that unit's capabilities.
 */
abstract class AmdviDomain implements DriverDomain {
    private final AmdviUnit unit;

    AmdviDomain(AmdviUnit unit) {
        this.unit = unit;
    }

    final AmdviUnit unit() {
        return unit;
    }

    /** Whether devices attached to it may use PASIDs beside it: then it goes through their table of PASIDs. */
    boolean allowsPasids() {
        return false;
    }

    /** Whether devices attached to it may ask for translations (ATS). */
    boolean allowsDeviceTlb() {
        return true;
    }

    /** What the entry of a device says, without what is the device's own. */
    abstract DeviceEntry entry(AmdviDevice device);

    /** A device is about to use it: from now on invalidations reach it. */
    void acquire(AmdviDevice device) {}

    /** Writes the entries of a device, and again whenever what they say changes, until {@link #exit}. */
    void enter(AmdviDevice device) {
        device.writeEntries(entry(device));
    }

    /** The entries of a device are somebody else's business from now on. */
    void exit(AmdviDevice device) {}

    /** Has hardware forget what it knows of the domain on account of a device whose entries lead elsewhere now. */
    void forget(AmdviDevice device) {}

    /** A device uses it no longer, and the hardware has forgotten that it did. */
    void release(AmdviDevice device) {}

    /**
     * {@inheritDoc}
     *
     * @throws sluicegate.api.types.IommuException also ETIMEDOUT, EIO or EINVAL if the hardware fails to forget the old domain
     */
    @Override
    public final void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        // What the device is attached to is the unit's own knowledge; it can't be told something else.
        unit.deviceOf(device).attach(this);
    }
}
