/**
 * Intel Virtualization Technology for Directed I/O, after revision 4 and later of its architecture specification.
 *
 * <p>Registers are classes with an {@code OFFSET}, a {@code LAYOUT} and a {@code REGISTER}; {@link
 * sluicegate.spec.vtd.VtdRegisters} lists those at fixed places. The IOTLB registers and the fault recording registers
 * stand where {@code ECAP_REG} and {@code CAP_REG} say. Structures in memory (root and context entries of both modes,
 * PASID tables, entries of both stages, descriptors) are little endian; a field above bit 63 belongs to the second 64-bit
 * word, above bit 127 to the third, and takes that word as its argument:
 *
 * <pre>{@code
 * long did = ContextEntry.DID.get(high);
 * }</pre>
 *
 * <p>Section numbers are those of revision 4. Of chapter 11 only the section of a group of registers is given where the
 * number of a single register differs between revisions. Names are the manual's of revision 3.2 and later ("second
 * stage", not "second level").
 *
 * <p>What may come in: everything that specification lays out in bits or numbers. What may not: any step of a
 * translation or of an invalidation.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.2.0")
package sluicegate.spec.vtd;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
