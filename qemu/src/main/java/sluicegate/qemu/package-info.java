/**
 * Machines whose hardware is QEMU's: an IOMMU, devices and a PCI fabric that other people wrote.
 *
 * <p>{@link sluicegate.qemu.QemuMachineFactory} is the service. {@link sluicegate.qemu.QemuMachine} reads as the parts list:
 * a process, a conversation with it, memory in a file that both map, what firmware would do, units, a bus. What differs from
 * one kind of machine to the next is a {@link sluicegate.qemu.MachineModel}, one small class each; a new one needs its chips'
 * addresses, its devices and the words of its unit's trace.
 *
 * <p>What may come in: how QEMU is made into a {@code Machine}. What may not: drivers, models of hardware, and anything of
 * {@code sluicegate.api} but the platform contract.
 */
package sluicegate.qemu;
