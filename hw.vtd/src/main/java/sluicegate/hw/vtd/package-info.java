/**
 * The driver for remapping units of Intel Virtualization Technology for Directed I/O (VT-d). Section numbers are those of the VT-d
 * architecture specification, revision 4.1; names of kernel functions are those of {@code drivers/iommu/intel}.
 *
 * <p>A unit is used in scalable mode if it has that and its setting does not forbid it, else in legacy mode:
 * <ul>
 *   <li>legacy: requester id to root entry, context entry, second-stage table; no PASIDs or page requests.
 *   <li>scalable: requester id to root entry, context entry, PASID directory, PASID entry, and what that names: first stage, second
 *       stage, both nested, or nothing (pass-through).
 * </ul>
 *
 * <p>{@link sluicegate.hw.vtd.VtdDriver} is the service; for each unit {@link sluicegate.hw.vtd.UnitStart} takes the hardware,
 * by way of {@link sluicegate.hw.vtd.RootSwitch} and, where an earlier driver's tables go on translating, {@link
 * sluicegate.hw.vtd.Takeover}, and makes a {@link sluicegate.hw.vtd.VtdUnit}. That composes one class for each job: {@link
 * sluicegate.hw.vtd.VtdCapabilities} (what the unit can do), {@link sluicegate.hw.vtd.VtdWindow} (its registers), {@link
 * sluicegate.hw.vtd.TranslationTables} (who is translated how: {@link sluicegate.hw.vtd.ContextTables} or {@link
 * sluicegate.hw.vtd.ScalableTables}), {@link sluicegate.hw.vtd.Invalidator}, {@link sluicegate.hw.vtd.ScalableInvalidator} and
 * {@link sluicegate.hw.vtd.DeviceTlbInvalidator} (what the hardware and devices must forget, by queue or by register), {@link
 * sluicegate.hw.vtd.FaultLog} (what it refused), {@link sluicegate.hw.vtd.PageRequestQueue} (what devices ask for, by way of a
 * {@link sluicegate.hw.vtd.PageRequestRing}), {@link sluicegate.hw.vtd.VtdDevice} (what a device is attached to), and the kinds
 * of domains.
 *
 * <p>Two rules hold everywhere here. An entry is never present while only half of it is written, and
 * memory that hardware could reach is given back only after an invalidation has completed; where one does not
 * complete, the memory stays taken.
 *
 * <p>A device that changes from one domain to another in scalable mode is never blocked in between, unlike in the kernel: {@link
 * sluicegate.hw.vtd.ScalableTables} says how. In legacy mode it is.
 *
 * <p>Order of locks: a device's, the page request queue's, a domain's, {@code TranslationTables}, then the invalidator's, then {@code
 * VtdWindow}'s. There is no thread and no state outside the unit.
 *
 * <p>What may come in: what programs a VT-d unit. It never sees a model; it knows a unit as registers, memory and
 * interrupts only.
 */
package sluicegate.hw.vtd;
