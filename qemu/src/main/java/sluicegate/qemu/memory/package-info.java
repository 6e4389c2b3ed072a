/**
 * Memory that this process and QEMU have in common. What may come in: representations of shared memory. What may not: who
 * has which part of it; {@code sluicegate.machine.memory} knows.
 */
package sluicegate.qemu.memory;
