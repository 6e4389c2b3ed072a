/**
 * The model of an SMMUv3 unit, as the architecture specification (IHI 0070) describes its Non-secure interface.
 *
 * <p>{@link sluicegate.sim.smmuv3.Smmuv3Unit} puts the parts together. {@link sluicegate.sim.smmuv3.TranslationEngine} answers
 * requests, first from the {@code ConfigurationCache} and the {@code Tlb}, then by way of {@code Configurations} (stream table
 * entry, context descriptor) and the {@code TableWalker}, which walks both stages, stage 1 through stage 2 where there are
 * two. {@code CommandQueue}, and {@code EnhancedCommandQueues} where there are some, hand commands to {@code Commands}; {@code
 * FaultReporter} turns faults into records of the {@code EventQueue}, or into transactions that wait in {@link
 * sluicegate.sim.smmuv3.Stalls}.
 *
 * <p>Caches hold what they were given until software invalidates it, exactly at the granularity that software asks for, so
 * that a driver that forgets an invalidation is found out here and not on hardware.
 *
 * <p>What may come in: what the hardware does. What may not: anything that knows how a driver uses it.
 *
 * <h2>Where the manual leaves a choice</h2>
 * <ul>
 *   <li>Writes to a register that is guarded by something that is on are ignored, as from SMMUv3.2 on; an update is complete
 *       before the write of it is.
 *   <li>Reserved fields of commands are checked; a queue whose indices make no sense is left alone.
 *   <li>Enhanced command queues come without what else SMMUv3.3 asks for, so SMMU_AIDR stays at 3.2. One whose ERRACK differs from its
 *       ERR does not run, whether there was an error or not. Whoever rings the doorbell carries the commands out.
 *   <li>Stream table entries and context descriptors are cached in any state, invalid ones too; level 1 descriptors are not cached.
 *   <li>Of descriptors that point to tables, those of the last level are cached ({@code WalkCache}), of a stage 1 under a stage 2 by where
 *       they are in memory. Only invalidations with Leaf clear make them forgotten. One that leads to no page that grants an access is read
 *       again before that is a fault.
 *   <li>Nested translations are cached as one, so CMD_TLBI_S2_IPA alone does not make them forgotten (4.4.3.1); pages of stage
 *       2 that tables and descriptors of stage 1 were found through are cached for themselves.
 *   <li>The contiguous hint of pages makes one page of neighbours that say the same for one range; where they do not, it is not
 *       used, as hardware may. That of stream table entries (STE.CONT) is never used, as hardware may: each is cached for itself.
 *   <li>Prefetches fetch 512 translations at most, and set access flags as speculative reads do.
 *   <li>Where software has to break before it makes (IDR3.BBML is 0), a page that would be cached beside smaller ones of its
 *       addresses is F_TLB_CONFLICT; a smaller page is never read while a larger one is cached. Elsewhere the smallest counts.
 *   <li>Events are merged where STE.MEV allows it and the record before, not yet consumed, is of the same page.
 *   <li>A stall for which there is no tag left is terminated instead.
 *   <li>A descriptor that is not yet dirty is cached without write permission; its access flag is set only by a request that
 *       looks it up in memory.
 * </ul>
 *
 * <h2>Events that are never recorded</h2>
 * <ul>
 *   <li>F_UUT: which transactions are unsupported is for the implementation to define (7.3.2, 16.7.1). This unit has an answer for each that
 *       its fabric can carry.
 *   <li>F_CFG_CONFLICT: needs entries that are cached for several streams at once (7.3.18), which STE.CONT makes and nothing else.
 *   <li>E_PAGE_REQUEST: passes on a hint that a client device gives by means of its own (7.3.19). No PCI function has such; page requests
 *       of PRI go to the PRI queue.
 *   <li>F_VMS_FETCH: needs MPAM, which is not modelled.
 * </ul>
 */
package sluicegate.sim.smmuv3;
