/**
 * Windows of memory-mapped registers: which offsets there are, how wide, and who hears of an access. What may come in: how
 * accesses of a CPU become accesses to registers. What may not: what a register does.
 */
package sluicegate.sim.register;
