package sluicegate.hw.smmuv3;

import java.util.Optional;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * A domain as its unit sees it: what becomes of the stream table entries of its devices. A domain belongs to one unit, because
 * its ASID or VMID is one of that unit's and its tables are built for that unit's capabilities.
 */
abstract class Smmuv3Domain implements DriverDomain {
    private final Smmuv3Unit unit;

    Smmuv3Domain(Smmuv3Unit unit) {
        this.unit = unit;
    }

    final Smmuv3Unit unit() {
        return unit;
    }

    /** The stream table entry of a device whose requests without a SubstreamID use this domain. */
    abstract long[] streamEntry(Master master, boolean ats);

    /** The context descriptor that such a device needs; empty if it needs none of ours. */
    Optional<long[]> contextDescriptor(Master master) {
        return Optional.empty();
    }

    /** Whether a device may have SubstreamIDs in use beside it. */
    boolean allowsSubstreams() {
        return true;
    }

    /** Whether addresses are translated, so that ATS is of use. */
    boolean translates() {
        return false;
    }

    /** A device is about to use it, with or without a SubstreamID. */
    void acquire() {}

    /** From now on invalidations must reach the cache of a device with these streams too. */
    void addCaches(int[] sids, int ssid) {}

    /** Not any longer. Can't fail. */
    void removeCaches(int[] sids, int ssid) {}

    /**
     * A device uses it no longer. The last one makes the hardware forget what it had cached.
     *
     * @throws IommuException ETIMEDOUT or EINVAL if it does not; the device still counts then
     */
    void release() {}

    /**
     * {@inheritDoc}
     *
     * @throws IommuException also ETIMEDOUT or EINVAL if the hardware does not take the change
     */
    @Override
    public final void attachDev(DeviceContext device, Optional<DriverDomain> old) {
        // What the device is attached to is the unit's own knowledge; it can't be told something else.
        unit.attach(device, this);
    }

    /** Domains without tables of stage 1 can't be a PASID's ({@code arm_smmu_s1_set_dev_pasid}). */
    @Override
    public void setDevPasid(DeviceContext device, int pasid, Optional<DriverDomain> old) {
        throw IommuException.of(Errno.EOPNOTSUPP, "%s: PASIDs need a domain of stage 1, and a %s domain of this kind is none",
                unit.name(), type().word());
    }
}
