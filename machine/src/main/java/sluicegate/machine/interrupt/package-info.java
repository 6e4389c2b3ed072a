/**
 * Interrupts of a machine: vectors and how their handlers are run. What may come in: what happens once a message has
 * arrived. What may not: who sends messages, and how they travel.
 */
package sluicegate.machine.interrupt;
