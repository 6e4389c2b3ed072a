/**
 * Embedded machines: everything that a driver of an IOMMU meets, inside this process.
 *
 * <p>{@link sluicegate.sim.EmbeddedMachineFactory} is the service; {@link sluicegate.sim.EmbeddedMachine#boot} does the same
 * without a framework, for tests and benchmarks. {@code MachineAssembly} reads as the parts list: memory, interrupts, units,
 * PCI. What may come in: how a description becomes a machine. What may not: anything of {@code sluicegate.api} but the platform
 * contract; a model never sees a driver.
 */
package sluicegate.sim;
