/**
 * PCI and PCI Express: the header of configuration space, the capabilities that decide what an IOMMU sees of a device,
 * and requester ids.
 *
 * <p>Section numbers are those of the PCI Express Base Specification, revision 5.0. A capability is a
 * {@link sluicegate.spec.ByteLayout} that says where its registers are, counted from its head, and a
 * {@link sluicegate.spec.Layout} for each register whose bits matter here.
 *
 * <p>What may come in: everything that this specification lays out. What may not: walking a capability list, or
 * knowing a device by its vendor.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.1.0")
package sluicegate.spec.pci;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
