package sluicegate.sim.amdvi;

/**
 * What of the control and exclusion registers every request looks at. Immutable: replaced as a whole.
 *
 * @param on whether the unit translates
 * @param exclusionBase first address of the exclusion range
 * @param exclusionBytes its size, 0 if there is none
 * @param exclusionForAll whether all devices may use it
 */
record Mode(boolean on, long exclusionBase, long exclusionBytes, boolean exclusionForAll) {
    static final Mode OFF = new Mode(false, 0, 0, false);

    /** Whether it translates and nothing is excluded, which is how units mostly run. */
    boolean plain() {
        return on && exclusionBytes == 0;
    }

    boolean excludes(DeviceEntry entry, long iova) {
        return Long.compareUnsigned(iova - exclusionBase, exclusionBytes) < 0 && (exclusionForAll || entry.exclusion);
    }
}
