package sluicegate.api.driver;

/** How a driver leaves a unit. In neither case does any device fall back to bypass. */
public enum LeavePolicy {
    /** Every source is made to abort; tables and queues are given back to the arena. */
    BLOCK,
    /**
     * Tables stay as they are, and the hardware goes on translating. Devices are not released and domains not freed before; what
     * was unmapped has been invalidated. What devices report and ask for is best left where hardware puts it, for the next driver.
     * Page tables of an address space that devices share are not the unit's, and may be gone when the next driver comes ({@link
     * sluicegate.api.platform.MemoryArena#holds}).
     */
    KEEP
}
