/**
 * The model of a VT-d unit in legacy mode, as the architecture specification (revision 4) describes it.
 *
 * <p>{@link sluicegate.sim.vtd.VtdUnit} puts the parts together: {@link sluicegate.sim.vtd.TranslationEngine} answers requests,
 * first from the {@link sluicegate.sim.vtd.ContextCache} and the {@link sluicegate.sim.vtd.Iotlb}, then by way of {@link
 * sluicegate.sim.vtd.ContextLookup} (root entry, context entry) and {@link sluicegate.sim.vtd.SecondStageWalker};
 * {@link sluicegate.sim.vtd.InvalidationQueue} and {@link sluicegate.sim.vtd.InvalidationRegisters} hand invalidations to the
 * {@link sluicegate.sim.vtd.Invalidator}; {@link sluicegate.sim.vtd.FaultReporting} records what was refused.
 *
 * <p>Caches hold what they were given until software invalidates it, exactly at the granularity that software asks for, so
 * that a driver that forgets an invalidation is found out here and not on hardware.
 *
 * <p>What may come in: what the hardware does. What may not: anything that knows how a driver uses it.
 *
 * <h2>Where the manual leaves a choice</h2>
 * <ul>
 *   <li>Translation enabled before a root table was ever set: every request ends in fault 30h.
 *   <li>Register-based invalidation while queued invalidation is on, and a new queue address while it is on: the write is
 *       refused with EINVAL, where silicon would leave the command pending for ever.
 *   <li>Bits of features that a unit does not have (advanced logging, interrupt remapping, protected memory, page
 *       requests): writes are ignored, reads give 0.
 *   <li>A permission that an entry lacks is reported before its reserved bits, as QEMU does.
 *   <li>Faults are not merged: each refused request takes a record of its own.
 * </ul>
 */
package sluicegate.sim.vtd;
