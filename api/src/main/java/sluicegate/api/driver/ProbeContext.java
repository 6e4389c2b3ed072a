package sluicegate.api.driver;

import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.platform.IommuUnit;

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
     * ({@link LeavePolicy#KEEP}).
     */
    boolean held();
}
