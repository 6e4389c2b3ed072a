/**
 * Which PCI functions a kernel would put into one IOMMU group, and why: for those who explain machines, running ones or such
 * as were only described.
 */
@Export
@Version("0.1.0")
package sluicegate.api.grouping;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
