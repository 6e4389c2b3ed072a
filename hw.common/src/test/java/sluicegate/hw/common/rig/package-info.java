/**
 * What tests of drivers have in common: a device as the core hands it to a driver, what can be put between driver and hardware, and
 * contracts, which are tests that several drivers pass.
 * For tests alone: a jar of its own, which no bundle embeds.
 *
 * <p>What may come in: what tests of at least two drivers need in the same words.
 */
package sluicegate.hw.common.rig;
