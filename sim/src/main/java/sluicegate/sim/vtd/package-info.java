/**
 * The model of a VT-d unit, as the architecture specification (revision 4) describes it: legacy mode and scalable mode.
 *
 * <p>{@link sluicegate.sim.vtd.VtdUnit} puts the parts together. {@link sluicegate.sim.vtd.TranslationEngine} answers requests
 * in the mode of the root table, first from the caches ({@link sluicegate.sim.vtd.TranslationCaches}), then from memory:
 * <ul>
 *   <li>{@link sluicegate.sim.vtd.LegacyTranslation} by way of {@link sluicegate.sim.vtd.ContextLookup} (root entry, context
 *       entry) and {@link sluicegate.sim.vtd.SecondStageWalker};
 *   <li>{@link sluicegate.sim.vtd.ScalableTranslation} by way of {@link sluicegate.sim.vtd.ScalableContextLookup} (root entry,
 *       context entry), {@link sluicegate.sim.vtd.PasidLookup} (PASID directory, PASID entry), and {@link
 *       sluicegate.sim.vtd.ScalableSecondStage} or {@link sluicegate.sim.vtd.FirstStageWalker} or, nested, both.
 * </ul>
 * {@link sluicegate.sim.vtd.InvalidationQueue} and {@link sluicegate.sim.vtd.InvalidationRegisters} hand invalidations to the
 * {@link sluicegate.sim.vtd.Invalidator}; {@link sluicegate.sim.vtd.FaultReporting} records what was refused. {@link
 * sluicegate.sim.vtd.PageRequests} takes devices' page requests to the {@link sluicegate.sim.vtd.PageRequestQueue}.
 * {@link sluicegate.sim.vtd.ProtectedMemory} keeps DMA from places that it may not reach even without translation. Messages of devices go through the {@link sluicegate.sim.vtd.InterruptRemapper}.
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
 *   <li>Bits of features that a unit does not have (advanced logging; protected memory, interrupt remapping and page requests where
 *       there are none): writes are ignored, reads give 0.
 *   <li>A new mode of tables while translation is on, where the unit does not allow that (CAP.ESRTPS is 0): the new table is read as
 *       one of the old mode.
 *   <li>Protected memory is kept from what the unit translates as well as from the rest ({@link sluicegate.sim.vtd.ProtectedMemory}).
 *   <li>A permission that an entry lacks is reported before its reserved bits, as QEMU does.
 *   <li>A page request that finds translation off, or no memory where the queue should be, is answered with Invalid Request and
 *       not recorded.
 *   <li>An interrupt remapping table entry with SVT 11b or a delivery mode that does not exist has reserved bits set.
 *   <li>A message in compatibility format that is refused is recorded with interrupt index 0.
 *   <li>Faults are not merged: each refused request takes a record of its own.
 *   <li>A first-stage page in the IOTLB that lacks a permission does not settle a request: the tables are walked again, as a
 *       processor does, so that software may add permissions without an invalidation. A second-stage page does settle it.
 *   <li>Of the paging-structure caches there is the PDE-cache ({@link sluicegate.sim.vtd.PagingStructures}). A walk that begins
 *       there and fails is done again from the top.
 *   <li>A PASID-selective invalidation makes the IOTLB forget all translations of the domain by the second stage alone: they
 *       belong to the domain, whatever PASID they were made for.
 *   <li>Page-selective invalidation on a unit without it (CAP.PSI is 0) is domain-selective, in the queue as well.
 *   <li>Where revisions of the manual differ, the model does as 5.1 says, but knows requests for execute permission as 4.0.
 *   <li>Requests to pass through are granted page by page to a device TLB.
 *   <li>Translations are not shared between PASIDs, whatever the global bit of first-stage entries says.
 *   <li>The execute-disable bit of first-stage entries is reserved where NXE is clear on a unit that knows requests for execute
 *       permission, and means nothing on others.
 *   <li>Accessed and dirty bits are set on units that do not say whether walks of scalable-mode tables snoop (ECAP.SMPWCS is 0);
 *       where they say so, PWSNP decides, and without it such a request faults.
 *   <li>A context entry may describe a larger PASID directory than ECAP.PSS admits: kernels do so on QEMU.
 * </ul>
 */
package sluicegate.sim.vtd;
