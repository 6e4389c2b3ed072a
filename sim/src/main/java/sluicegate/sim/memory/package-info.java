/**
 * Physical memory of an embedded machine and the allocators over it.
 *
 * <p>{@link sluicegate.sim.memory.HeapMemory} is the representation that machines use; another one (a file that is shared
 * with a different process) is another class that implements {@link sluicegate.api.platform.PhysicalMemory} over the same
 * {@link sluicegate.sim.memory.AddressMap}. What may come in: where bytes are and who may have them. What may not: anything
 * that knows a table format or a device.
 */
package sluicegate.sim.memory;
