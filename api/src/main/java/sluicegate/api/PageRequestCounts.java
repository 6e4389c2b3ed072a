package sluicegate.api;

/**
 * What became of a device's page requests since its unit's driver took it.
 *
 * @param received requests that its unit reported, of whatever groups
 * @param discarded requests of groups that were never closed, dropped for want of room or after an overflow
 * @param succeeded groups answered with success
 * @param invalid groups answered as invalid
 * @param failed groups answered with a failure
 * @param outstanding groups that wait for an answer now
 * @param stopped whether the device may ask no more, because it had more requests outstanding than it was allowed. A {@linkplain
 *     Device#prepareReset reset} of the device gives it the right back, and so does the next driver of its unit
 */
public record PageRequestCounts(long received, long discarded, long succeeded, long invalid, long failed, int outstanding,
        boolean stopped) {
    /** Of a device that has no unit with a driver. */
    public static final PageRequestCounts NONE = new PageRequestCounts(0, 0, 0, 0, 0, 0, false);
}
