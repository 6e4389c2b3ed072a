/**
 * Physical memory of a machine and the allocators over it.
 *
 * <p>{@link sluicegate.machine.memory.HeapMemory} is the representation inside this process; another one (a file that is
 * shared with a different process) is another class that implements {@link sluicegate.machine.memory.MachineMemory} over the
 * same {@link sluicegate.machine.memory.AddressMap}. What may come in: where bytes are and who may have them. What may not:
 * anything that knows a table format or a device.
 */
package sluicegate.machine.memory;
