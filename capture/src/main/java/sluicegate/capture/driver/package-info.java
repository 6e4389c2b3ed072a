/**
 * The driver of captured units: it changes nothing, because nothing can be changed, and tells the core what the capture says:
 * the groups as the kernel made them, the types of their default domains, reserved regions, registers.
 *
 * <p>Devices are where the kernel had attached them and stay there. What a device reaches is not in the core's ledgers but in
 * the captured tables, which the machine's model walks when the core asks the unit. What may come in: the contract for drivers,
 * in read-only. What may not: files, models, the machine behind the contract.
 */
package sluicegate.capture.driver;
