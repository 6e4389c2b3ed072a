/**
 * The driver for AMD IOMMUs (AMD-Vi): device id to device table entry, from there to host page tables ("v1") or through a
 * table of PASIDs to guest page tables ("v2"). Section numbers are those of AMD's I/O Virtualization Technology specification
 * (48882); names of kernel functions are those of {@code drivers/iommu/amd}.
 *
 * <p>{@link sluicegate.hw.amdvi.AmdviDriver} is the service, which chooses {@link sluicegate.hw.amdvi.PagingTables}; for each unit {@link
 * sluicegate.hw.amdvi.UnitStart} takes the hardware and makes an {@link sluicegate.hw.amdvi.AmdviUnit}, with a {@link
 * sluicegate.hw.amdvi.Takeover} if an earlier driver left it translating. That composes one class for each job: {@link
 * sluicegate.hw.amdvi.AmdviCapabilities} (what the unit can do), {@link sluicegate.hw.amdvi.AmdviWindow} (its registers),
 * {@link sluicegate.hw.amdvi.DeviceTable} (who is translated how; {@link sluicegate.hw.amdvi.DeviceTableBases} where), {@link sluicegate.hw.amdvi.Invalidator} (what the hardware
 * must forget) on top of {@link sluicegate.hw.amdvi.CommandBuffer} and {@link sluicegate.hw.amdvi.CommandErrors}, {@link
 * sluicegate.hw.amdvi.EventLog} and {@link sluicegate.hw.amdvi.PageRequestLog} (what it reports), {@link
 * sluicegate.hw.amdvi.UnitInterrupt}. Each device is an {@link sluicegate.hw.amdvi.AmdviDevice}, with its {@link
 * sluicegate.hw.amdvi.DevicePasids}; domains are {@link sluicegate.hw.amdvi.HostDomain}, {@link
 * sluicegate.hw.amdvi.GuestDomain}, {@link sluicegate.hw.amdvi.NestedDomain}, identity and blocked.
 *
 * <p>Rules that hold everywhere here. The hardware reads a device table entry whole, memory is written a word at a time: an entry
 * that translates changes by one store, or through a moment in which it blocks. V stays set in all entries, because without it
 * requests pass. Memory that hardware could reach is given back only after an invalidation has completed; where one does not
 * complete, the memory stays taken.
 *
 * <p>Order of locks: a growing table's own, then the list of devices of its domain, then {@code DeviceTable}; the PPR log's, then
 * the event log's, then that of {@code CommandErrors}. Commands are submitted under any of the first four and take
 * none. There is no thread and no state outside the unit.
 *
 * <p>What may come in: what programs an AMD IOMMU. It never sees a model; it knows a unit as registers, memory,
 * configuration space and interrupts only.
 */
package sluicegate.hw.amdvi;
