/**
 * What machines of every kind are made of: embedded ones, QEMU, captures.
 *
 * <p>{@link sluicegate.machine.RunningMachines} keeps a factory's machines and puts them on the service registry; memory and
 * its allocators, PCI functions, units and what firmware says have packages of their own. Each kind of machine embeds what it uses
 * in its own bundle. What may come in: what does not depend on where the hardware is. What may not: models of hardware,
 * and anything of {@code sluicegate.api} but the platform contract.
 */
package sluicegate.machine;
