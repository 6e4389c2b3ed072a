/**
 * PCI of a QEMU machine: set up as firmware would, then functions with their configuration space. What may come in: what is
 * done over configuration space. What may not: what a device does with its own registers.
 */
package sluicegate.qemu.pci;
