/**
 * PCI as every kind of machine has it: what a function's configuration space says, under which ids requests arrive, who is
 * told of devices that come and go. What may come in: what follows from PCI and from configuration space alone. What may not:
 * how a machine carries a DMA.
 */
package sluicegate.machine.pci;
