package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;

/**
 * A domain as its unit sees it: what is written into the context entry of each of its devices. A domain belongs to one
 * unit, because its domain id is one of that unit's and its table is built for that unit's capabilities.
 */
abstract class VtdDomain implements DriverDomain {
    private final VtdUnit unit;

    VtdDomain(VtdUnit unit) {
        this.unit = unit;
    }

    final VtdUnit unit() {
        return unit;
    }

    /** Lower word of the context entry; 0 to block. */
    abstract long contextLow();

    /** Upper word of the context entry. */
    abstract long contextHigh();

    /** A device is about to use it. */
    void acquire() {}

    /** A device uses it no longer, and the hardware has forgotten that it did. */
    void release() {}

    /**
     * {@inheritDoc}
     *
     * @throws sluicegate.api.types.IommuException also ETIMEDOUT, EIO or EINVAL if the hardware fails to invalidate what it
     *     knew of the old domain
     */
    @Override
    public final void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        // What the device is attached to is the unit's own knowledge; it can't be told something else.
        unit.attach(device, this);
    }
}
