/**
 * The driver for remapping units of Intel Virtualization Technology for Directed I/O (VT-d), in legacy mode: requester id to
 * root entry, context entry, second-stage page table. Section numbers are those of the VT-d architecture specification,
 * revision 4.1; names of kernel functions are those of {@code drivers/iommu/intel}.
 *
 * <p>{@link sluicegate.hw.vtd.VtdDriver} is the service; for each unit {@link sluicegate.hw.vtd.UnitStart} takes the
 * hardware and makes a {@link sluicegate.hw.vtd.VtdUnit}. That composes one class for each job: {@link
 * sluicegate.hw.vtd.VtdCapabilities} (what the unit can do), {@link sluicegate.hw.vtd.VtdWindow} (its registers),
 * {@link sluicegate.hw.vtd.ContextTables} (who is translated how), {@link sluicegate.hw.vtd.Invalidator} (what the
 * hardware must forget, by queue or by register), {@link sluicegate.hw.vtd.FaultLog} (what it refused), and the three kinds
 * of domains.
 *
 * <p>Two rules hold everywhere here. A context entry is never present while only half of it is written, and
 * memory that hardware could reach is given back only after an invalidation has completed; where one does not
 * complete, the memory stays taken.
 *
 * <p>Order of locks: {@code ContextTables}, then the invalidator's, then {@code VtdWindow}'s. There is no thread and no
 * state outside the unit.
 *
 * <p>What may come in: what programs a VT-d unit. It never sees a model; it knows a unit as registers, memory and
 * interrupts only.
 */
package sluicegate.hw.vtd;
