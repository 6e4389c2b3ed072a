/**
 * The AMD I/O Virtualization Technology ("AMD-Vi", "IOMMU"), after its specification 48882, revisions 3.00 to 3.10.
 *
 * <p>Registers are classes with an {@code OFFSET}, a {@code LAYOUT} and a {@code REGISTER}; {@link
 * sluicegate.spec.amdvi.AmdviRegisters} lists them. Structures in memory (device table entries, page table entries, commands,
 * records of the event log and of the PPR log) are little endian; a field above bit 63 belongs to the second 64-bit word,
 * above bit 127 to the third, and takes that word as its argument:
 *
 * <pre>{@code
 * long domain = DeviceTableEntry.DOMAINID.get(word1);
 * }</pre>
 *
 * <p>Names are the manual's in upper case. Section numbers are those of revision 3; of chapter 3 only the section of a group of
 * registers is given, since the number of a single register differs between revisions. A bit that only later revisions
 * define is described with its latest meaning.
 *
 * <p>Where fields are was compared, field by field, with what others wrote down after the same manual: the headers of
 * VirtualBox's model ({@code DevIommuAmd.cpp}, after revision 3.05: registers, device table entries, host tables, commands and
 * events) and of Xen ({@code iommu-defs.h}: control, feature and status registers, device table entries, commands); where those end,
 * with Linux ({@code amd_iommu_types.h} and {@code build_*} of {@code iommu.c}: PPR log, GPTMODE, answers to page requests, control
 * bits from 55 on, extended feature 2) and, for reserved bits of commands, QEMU ({@code amd_iommu.c}). Found nowhere else: SATS
 * of the device table entry, the fields of virtual units, and the events of RMP. Interrupt remapping entries of 128 bits are in
 * {@code union irte_ga_lo} and {@code irte_ga_hi} of Linux, the record of the guest log in its {@code GA_*} macros; what the 2K
 * mode makes of a message tells the patch with which AMD proposed it for QEMU ({@code numint2k}).
 *
 * <p>Not described: virtual units for guests beyond their switches (their commands and the events GUEST_EVENT_FAULT and
 * VIOMMU_HW_ERROR), SMI filters, memory access routing and control, and performance counters.
 *
 * <p>What may come in: everything that specification lays out in bits or numbers. What may not: any step of a
 * translation or of an invalidation.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.2.0")
package sluicegate.spec.amdvi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
