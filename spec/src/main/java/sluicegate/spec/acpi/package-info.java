/**
 * ACPI tables that tell of IOMMUs and of the PCI Express configuration space: DMAR, IORT, IVRS,
 * MCFG, RIMT and VIOT.
 *
 * <p>A table is bytes; each structure is a {@link sluicegate.spec.ByteLayout} with offsets from the start of that
 * structure. Sections "VT-d" are of the VT-d architecture specification, revision 4; "ACPI" of the ACPI specification,
 * revision 6; "PCI Firmware" of the PCI Firmware Specification, revision 3; "DEN0049" of Arm's I/O Remapping Table,
 * revision E; "AMD-Vi" of the AMD I/O Virtualization Technology specification (48882), revision 3; "RIMT" of the RISC-V IO
 * Mapping Table Specification, version 1.0.
 *
 * <p>What may come in: the layout of tables that describe IOMMUs. What may not: reading one.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.2.0")
package sluicegate.spec.acpi;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
