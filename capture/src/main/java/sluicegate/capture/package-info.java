/**
 * Captures of real kernels as machines: IOMMU state that somebody took down, brought up again to be looked at.
 *
 * <p>A capture folder holds {@code capture.json} (the machine, its devices with configuration space, and the groups that the
 * kernel made), {@code registers.tsv} (the units' registers), {@code memory.bin.gz} (every page of tables that the units
 * read) and {@code tables/} (what firmware said). {@link sluicegate.capture.CaptureMachineFactory} boots it: units, devices and
 * groups are there as they were, and the model of a unit ({@code sluicegate.sim.vtd}, a copy of which this bundle carries)
 * walks the captured tables, programmed with the captured registers. So {@code iommu:translate} answers what that kernel's
 * hardware would have answered.
 *
 * <p>Nothing can be changed: writes to memory, registers and configuration space, allocating, attaching and mapping end in
 * EROFS; DMA and interrupts in EOPNOTSUPP, for no device is there that could issue one. Memory that was not captured does not
 * exist: a walk that needs it faults as one that leaves memory does.
 *
 * <p>Units of a capture are no {@code intel,vtd} but {@code capture,intel-vtd} and so on, so that no driver of real hardware
 * takes them and begins to program them. {@code sluicegate.capture.driver} is the driver that they get: it tells the core what
 * the capture says. It knows the platform contract and {@code sluicegate.capture.facts}, no file and no model.
 *
 * <p>What may come in: how a capture becomes a machine. What may not: decoding tables, which is the models' and the
 * inspector's business.
 */
package sluicegate.capture;
