/**
 * QEMU as a process of the host: where it is, how it starts, and that it ends. What may come in: what concerns the process
 * and its files. What may not: what is said to it.
 */
package sluicegate.qemu.process;
