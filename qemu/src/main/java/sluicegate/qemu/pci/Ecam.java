package sluicegate.qemu.pci;

import sluicegate.api.platform.PciAddress;

/**
 * The window in which configuration space can be read and written (PCI Express Base Specification 7.2.2).
 *
 * @param base physical address of the configuration space of 00:00.0
 */
public record Ecam(long base) {

    /** Where a function's configuration space is. */
    public long at(PciAddress function) {
        return base + ((long) function.requesterId() << 12);
    }
}
