/**
 * The model of an AMD IOMMU, as its specification (48882) describes it.
 *
 * <p>{@link sluicegate.sim.amdvi.AmdviUnit} puts the parts together. {@link sluicegate.sim.amdvi.TranslationEngine} answers
 * requests, first from the {@code DeviceEntryCache} and the {@code Iotlb}, then by way of the {@code DeviceTable}, the {@code
 * HostWalker} and the {@code GuestWalker}, which walks GCR3 and guest tables, through host tables where there are any. Both ask
 * the {@code DirectoryCache} first where the lowest table is. {@code CommandBuffer} hands commands to {@code Commands};
 * {@code EventReporter} makes the records that {@code EventLog} writes;
 * {@code PageRequestLog} takes the page requests of devices, the {@code InterruptRemapper} their interrupts, of which {@code
 * VirtualInterrupts} notes those for virtual processors and {@code GuestLog} tells whom to wake; those of the unit go out by
 * {@link sluicegate.sim.amdvi.Messages}.
 *
 * <p>Caches hold what they were given until software invalidates it, exactly at the granularity that software asks for, so
 * that a driver that forgets an invalidation is found out here and not on hardware.
 *
 * <p>What may come in: what the hardware does. What may not: anything that knows how a driver uses it.
 *
 * <h2>Where the manual leaves a choice</h2>
 * <ul>
 *   <li>Device table entries are cached in any legal state, those with V clear too; illegal ones are read again each time.
 *       Switching guest translation or the number of segments makes all of them be read again.
 *   <li>A device beyond the device table gets an I/O page fault with PR clear.
 *   <li>Of entries that point to tables, what they come to is cached: where the table of the lowest level is that translates an
 *       address, and what all entries above permit. For guest tables that includes the GCR3 entry. It stays until an
 *       INVALIDATE_IOMMU_PAGES with PDE names an address of those 2 MiB; behind host tables, any that names their domain does it.
 *   <li>Where guest and host tables are walked, the product is cached, and the translations of guest addresses on the way as well. A
 *       page of a size between 4 KiB, 2 MiB and 1 GiB is cached in pieces: software has to name all of it. Addresses above 2^57
 *       are not cached.
 *   <li>An invalidation without GN removes translations through guest and host tables of the whole domain, and with all addresses
 *       also those through guest tables alone.
 *   <li>An address beyond the width of its tables, or with bits that skipped levels leave over, is reported as real units do: PR
 *       set, PE and RZ clear.
 *   <li>HADUpdate of the control register leaves everything to DTE.HAD. Accessed bits are set in every entry on the way; bits of
 *       guest tables are always written.
 *   <li>A read of no bytes needs either permission.
 *   <li>Logs do not reset their pointers when their base is written; bases are guarded while they run.
 *   <li>COMPLETION_WAIT waits for requests under way, whatever F says; all commands wait for those before them.
 *   <li>Without a limit (INVTIMEOUT 0), a device that does not answer keeps the command buffer where it is.
 *   <li>A translation request for a page that is not present is no fault.
 *   <li>Of the device table entry V makes the lower half valid and IV the upper half. DMA is refused for what is illegal in the lower
 *       one, interrupts for either.
 *   <li>Events tell of interrupts as real units do: RW is clear, and the address is one of HyperTransport. An interrupt that the
 *       device table entry aborts, by INTCTL or because it may not pass, is an INVALID_DEVICE_REQUEST.
 *   <li>Of interrupt remapping tables, only entries that can be used are kept. They stay when the device table entry is read again.
 *   <li>A backing page that can't be written is reported as an entry that can't be read. A doorbell is only noted: no virtual processor
 *       runs on these machines. An interrupt whose virtual processor runs is not in the guest log, whatever GALogIntr says.
 * </ul>
 *
 * <p>Not in the model: the HyperTransport range with its port I/O and system management addresses, SMI filters, dual logs, interrupts to
 * physical processors instead of the guest log (GAPPI), types of INVALIDATE_IOTLB_PAGES, virtual units for guests, MARC, performance
 * counters and secure nested paging. So events 0Ah, 0Dh and 0Eh, and INVALID_DEVICE_REQUEST of the types 2, 3, 4 and 7, do not occur.
 */
package sluicegate.sim.amdvi;
