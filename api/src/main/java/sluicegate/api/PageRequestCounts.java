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
 */
public record PageRequestCounts(long received, long discarded, long succeeded, long invalid, long failed, int outstanding) {
    /** Of a device that has no unit with a driver. */
    public static final PageRequestCounts NONE = new PageRequestCounts(0, 0, 0, 0, 0, 0);
}
