/**
 * The driver for Arm System MMUs of architecture version 3 (SMMUv3). Section numbers are those of the specification, IHI 0070;
 * names of kernel functions are those of {@code drivers/iommu/arm/arm-smmu-v3}.
 *
 * <p>{@link sluicegate.hw.smmuv3.Smmuv3Driver} is the service; for each unit {@link sluicegate.hw.smmuv3.UnitStart} takes the
 * hardware and makes a {@link sluicegate.hw.smmuv3.Smmuv3Unit}. That composes one class for each job: {@link
 * sluicegate.hw.smmuv3.Smmuv3Capabilities} (what the unit can do), {@link sluicegate.hw.smmuv3.Smmuv3Window} (its registers),
 * {@link sluicegate.hw.smmuv3.StreamTable} (what becomes of each stream), {@link sluicegate.hw.smmuv3.CommandQueues} (one {@link
 * sluicegate.hw.smmuv3.CommandQueue} for each thread, where the unit has that many) and, on top of them, {@link
 * sluicegate.hw.smmuv3.Invalidator} (what the hardware must forget), {@link sluicegate.hw.smmuv3.Reports} (what it reports: events,
 * page requests, errors), a {@link sluicegate.hw.smmuv3.Master} for each device with its {@link
 * sluicegate.hw.smmuv3.ContextTable}, and the kinds of domains: identity, blocked, stage 1, stage 2, nested. What is
 * written into tables is made by {@link sluicegate.hw.smmuv3.StreamEntries} and {@link
 * sluicegate.hw.smmuv3.ContextDescriptors}, and gets there through {@link sluicegate.hw.smmuv3.EntryWriter} or with a table that
 * hardware has not seen yet.
 *
 * <p>Three rules hold everywhere here. An entry that hardware reads is at every moment the old one, the new one or invalid.
 * Memory that hardware could reach is given back only after an invalidation has completed; where one does not complete, the
 * memory stays taken. A device is never passed through because something failed: the unit aborts while translation is off, and
 * every stream aborts until a domain is attached.
 *
 * <p>A unit that an earlier driver left translating is taken over in place ({@link sluicegate.hw.smmuv3.Takeover}), from what {@link
 * sluicegate.hw.smmuv3.LeftTables} finds.
 *
 * <p>Where it differs from the kernel's: ASIDs are the unit's own, because no processor shares them; an entry or a descriptor that can't
 * be replaced by a single store is replaced with the table that it is in, so that a device changes from one domain to any other
 * without a lost request (in a linear stream table not between stages, nor within stage 2); functions behind one bridge may share its
 * stream; an invalidation goes to a domain's own tag and the devices that have it cached, so no arrays of what to invalidate are
 * merged.
 *
 * <p>Order of locks: that of a {@code ReportQueue} that is being drained; the map of masters, which also guards the stream table,
 * or a domain's own; then those of {@code GlobalErrors} and {@code CommandQueue}, which guard recovery only. Submitting commands
 * takes none. There is no thread and no state outside the unit.
 *
 * <p>What may come in: what programs an SMMUv3. It never sees a model; it knows a unit as registers, memory and interrupts only.
 */
package sluicegate.hw.smmuv3;
