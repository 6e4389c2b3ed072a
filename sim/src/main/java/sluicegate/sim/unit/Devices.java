package sluicegate.sim.unit;

/** What a unit has to tell the devices behind it: the other end of ATS and PRI. Called by threads that write registers. */
public interface Devices {
    /** Nobody is there; invalidations count as done. */
    Devices ABSENT = new Devices() {
        @Override
        public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
            return true;
        }

        @Override
        public void respond(int requesterId, int pasid, int group, int code) {
        }
    };

    /**
     * An ATS invalidation (PCI Express 10.3).
     *
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} without
     * @param global whether it is meant for all PASIDs
     * @param address first address
     * @param size in bytes, 0 for everything
     * @return whether the device has answered in time
     */
    boolean invalidate(int requesterId, int pasid, boolean global, long address, long size);

    /**
     * An answer to a page request group (PCI Express 10.4.2).
     *
     * @param pasid {@link sluicegate.api.types.Pasid#NONE} without
     * @param group page request group index
     * @param code response code: 0 success, 1 invalid request, 15 failure
     */
    void respond(int requesterId, int pasid, int group, int code);
}
