/**
 * Message signalled interrupts of an embedded machine: from the write that a unit or device makes to the handler that runs.
 *
 * <p>What may come in: vectors and how they are delivered. What may not: who raises them and why.
 */
package sluicegate.sim.interrupt;
