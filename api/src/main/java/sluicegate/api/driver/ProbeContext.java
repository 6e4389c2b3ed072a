package sluicegate.api.driver;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** What a driver is given with a unit. */
@ProviderType
public interface ProbeContext {

    IommuUnit unit();

    /** Name of the unit on the whole platform, for messages and logs. */
    String unitName();

    /** Where the driver reports what its hardware reports. */
    FaultSink faults();

    /**
     * Whether another driver had the unit before and left it translating from tables in the unit's arena
     * ({@link LeavePolicy#KEEP}). Devices do DMA meanwhile, so the driver takes over in place: what it finds for a device goes on
     * translating until the device's domain is attached, which replaces it without a moment in which requests meet
     * neither, and what has not been replaced by then is undone by {@link IommuOps#adopted}. What it takes for itself (domain
     * ids, PASID tables) must not be in use by what it finds.
     */
    boolean held();

    /**
     * Does something while nothing behind the unit can send: bus mastering of every function is off meanwhile, and what they had sent
     * has arrived. For a step in which the hardware would let requests pass that it refuses or translates before and after; to be
     * called during {@link IommuDriver#probe}. If the action fails, functions stay silent until a driver has taken the unit.
     *
     * @throws IommuException EBUSY if something behind the unit can't be kept from sending: the action was not begun; what the action
     *     throws
     */
    default void withoutDma(Runnable action) {
        throw IommuException.of(Errno.EBUSY, "nothing keeps what is behind %s from sending", unitName());
    }
}
