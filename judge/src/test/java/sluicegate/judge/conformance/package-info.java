/**
 * One suite for every driver on every kind of machine: what the core asks of a driver, in the words of its contract ({@link
 * sluicegate.api.driver.IommuOps}, {@link sluicegate.api.driver.DriverDomain}), seen from both ends: by whoever asks the core,
 * and by the device whose DMA arrives or does not.
 *
 * <p>What may come in: whatever holds for every driver. What may not: anything that only one make of hardware has; that is tested
 * beside its driver.
 */
package sluicegate.judge.conformance;
