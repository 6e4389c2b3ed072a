/**
 * Which PCI functions the hardware cannot keep apart: requester-id aliases, ACS and slots, by the rules of {@code
 * drivers/pci/search.c}, {@code drivers/pci/pci.c} and {@code pci_device_group} in {@code drivers/iommu/iommu.c}. Knows PCI
 * functions, and groups only as something that a function may have.
 */
package sluicegate.core.impl.pci;
