/**
 * Explanations of what IOMMUs and kernels say, as services.
 *
 * <p>{@link sluicegate.inspect.FaultDecoder} turns kernel log lines and raw event records of any vendor into sentences.
 *
 * {@link sluicegate.inspect.MachineExplainer} says which devices of a machine share an IOMMU group, and why.
 *
 * <p>What may come in: reading what others wrote down (logs, records, descriptions of machines) and saying what it means.
 * What may not: bit positions, which are {@code sluicegate.spec}'s; readers of firmware, which are {@code
 * sluicegate.firmware}'s; anything that changes a machine. Values here are immutable; services are thread-safe.
 */
@Export
@Version("0.1.0")
package sluicegate.inspect;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
