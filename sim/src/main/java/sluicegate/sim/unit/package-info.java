/**
 * What a machine and the model of a unit know of each other, whatever hardware the model is of: {@link
 * sluicegate.sim.unit.UnitModel} is what the fabric asks, {@link sluicegate.sim.unit.Devices} what the unit tells devices.
 *
 * <p>What may come in: what passes between the fabric and every kind of unit. What may not: anything of one kind.
 */
package sluicegate.sim.unit;
