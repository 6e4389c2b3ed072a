/**
 * A unit as every kind of machine has it: what it says of itself, and what its driver finds there. What may come in: what follows from
 * where a unit is. What may not: what it does, and how its registers are reached.
 */
package sluicegate.machine.unit;
