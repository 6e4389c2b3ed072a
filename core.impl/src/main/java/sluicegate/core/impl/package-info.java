/**
 * The core of the platform, the counterpart of {@code drivers/iommu/iommu.c}: units and their drivers, devices and their
 * probing, groups, domains, faults. It knows the operations of a unit, never a kind of hardware, and keeps nothing of a
 * driver beyond the driver's binding: whatever a driver made is dropped when it leaves and made anew by the next one, from
 * what the core remembers.
 *
 * <p>{@link sluicegate.core.impl.IommuCore} is where everything comes in; it needs no OSGi. The components in {@code osgi} only
 * pass services on to it.
 *
 * <h2>Locks, in the order in which they are taken</h2>
 * <ol>
 * <li><b>Life lock</b> of {@code MachineManager}: one boot or power-off at a time. Nothing that the core calls takes it.
 * <li><b>Probe lock</b> ({@link sluicegate.core.impl.ProbeLock}, {@code iommu_probe_device_lock}): what comes and goes: units,
 *     drivers, buses, devices; membership of groups; every binding of a driver. Never taken by calls of applications, so
 *     that a listener or an interrupt handler cannot wait for a driver that waits for it.
 * <li><b>Driver slot</b> of a device: binding and unbinding the device's own driver.
 * <li><b>Spaces lock</b> of {@link sluicegate.core.impl.SharedSpaces} ({@code iommu_sva_lock}): who shares address spaces. A space that
 *     changes its tables does not take it: it may hold a lock of its own, and takes domains' mutexes.
 * <li><b>Group mutex</b> ({@code iommu_group::mutex}): to what the members are attached. Every attach runs under it.
 * <li><b>Domain mutex</b>: the ledger, the driver's part, and who is attached. Map and unmap run under it, and the flush timer's
 *     thread ({@link sluicegate.core.impl.FlushTimer}) takes it and nothing else. That of a nested domain comes before its
 *     parent's.
 * <li><b>Binding gate</b> of a unit: calls into a driver that need none of the above hold it shared; a driver's leave closes
 *     it, which waits for those. Nothing else is taken under it but by allocating a domain, which nobody knows yet and which
 *     tells its parent.
 * <li><b>Monitors</b> of tables and counts ({@link sluicegate.core.impl.GroupReferences}, {@link
 *     sluicegate.core.impl.GroupTable}, ids of a device, IOVAs, page requests of a device; that of {@link
 *     sluicegate.core.impl.NoIommuGroups} before the table's): nothing above is taken under them, and no driver, bus or listener
 *     called. The doorbells of a {@link sluicegate.core.impl.dma.DmaSpace} are one exception: their monitor comes before the
 *     domain's mutex. The monitor of a {@link sluicegate.core.impl.Fence}, which reaches functions' configuration space and waits for what
 *     they have sent, is another. The monitor of a page request group is the third: the driver is called under it, so that who finds the group
 *     answered knows that the device has been told.
 * </ol>
 * {@link sluicegate.core.impl.Handover} is waited for with none of them held but the monitor of doorbells, which no driver needs.
 *
 * <p>Look-ups (a device by source id, its unit, its ops, its domain, that of a PASID, its group) read volatile fields and take no
 * lock at all.
 *
 * <h2>Unbind is not removal</h2>
 * A device's own driver may come and go: group, source ids and default domain stay ({@link
 * sluicegate.core.impl.DeviceDriverSlot}). Only removal from the bus releases a device. A driver that comes before the device
 * is probed is told to come back; it never starts the probe.
 *
 * <h2>What a group is attached to</h2>
 * Its default domain ({@link sluicegate.core.impl.DefaultDomains} says of which type), or what an application attached. Whoever
 * must be sure that nobody else does claims it first ({@link sluicegate.core.impl.GroupOwnership}); a claimed group is blocked
 * where others are in their default domain. All members move or none ({@link sluicegate.core.impl.Attachment}); on ways that
 * must not fail, who cannot move is blocked. A member that is being reset is blocked as well, whatever its group is attached
 * to ({@link sluicegate.core.impl.GroupResets}).
 *
 * <h2>Page requests</h2>
 * What devices ask for goes by PASID to the handler of the domain that is attached ({@link sluicegate.core.impl.iopf}). When a
 * PASID ends ({@link sluicegate.core.impl.GroupPasids}), its domain is not found any more, hardware blocks and forgets it, its
 * queues are emptied, all who wait are answered; then it can be attached again, and nothing from before is left. A device that has more
 * requests outstanding than it may is stopped ({@link sluicegate.core.impl.CoreRequestLink}) until it is reset.
 *
 * <h2>When a driver leaves</h2>
 * The gate closes: from then on look-ups find no driver, and operations fail with ENODEV having done nothing; whoever began one
 * holds no lock any more, waits ({@link sluicegate.core.impl.Handover}) and tries again with the next driver. Each group is
 * entered once, which waits for attaches under way; each domain is entered once, and what was unmapped lazily is invalidated.
 * If devices are to be blocked, they are released and the domains' parts freed; if hardware is to go on translating, neither. Then
 * the driver's {@code leave} runs, and nothing of it is referenced any more. Group numbers, ledgers and attachments stay. What hardware has
 * noted of pages that devices wrote to goes with the parts, so it is read before ({@link sluicegate.core.impl.DirtyTracking}).
 *
 * <p>An address space that devices share changes its tables when it wants to. While hardware goes on translating it waits until it can
 * be told, or until nothing behind the unit sends ({@link sluicegate.core.impl.CoreUnit#tell}).
 *
 * <p>The next driver is told what it finds and gets everything from the ledgers; {@code adopted} ends that, and those who wait go on.
 * Where hardware translates meanwhile, it goes by the old tables until then, so all that applications ask waits until then too.
 * Where a driver fails to leave, or the next one fails over tables that go on translating, PCI functions are kept from sending until
 * one has taken over ({@link sluicegate.core.impl.Fence}). Drivers that never return are given up ({@link
 * sluicegate.core.impl.DriverCall}).
 */
package sluicegate.core.impl;
