/**
 * The PCI fabric of an embedded machine: functions with their configuration space, the bridges between them and the root,
 * and the way that a DMA takes: bus master bits, requester id, the unit in front, memory.
 *
 * <p>What may come in: what PCI says about functions, bridges and requests. What may not: how a unit translates, and what a
 * driver does with a device.
 */
package sluicegate.sim.pci;
