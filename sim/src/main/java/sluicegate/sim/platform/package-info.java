/**
 * The devices of an embedded machine that no bus discovers: components of ACPI and nodes of a device tree. What may come in:
 * the bus that they are on and their DMA. What may not: reading firmware, and anything that is a PCI function's.
 */
package sluicegate.sim.platform;
