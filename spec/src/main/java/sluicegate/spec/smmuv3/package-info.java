/**
 * The Arm System Memory Management Unit version 3, after its architecture specification (IHI 0070), up to SMMUv3.4, as the
 * Non-secure programming interface shows it.
 *
 * <p>Registers are classes with an {@code OFFSET}, a {@code LAYOUT} and a {@code REGISTER}; {@link
 * sluicegate.spec.smmuv3.Smmuv3Registers} lists them. Page 1 of the window begins at 0x10000. Structures in memory (stream
 * table entries, context descriptors, commands, event records) are little endian and several 64-bit words long; a field takes
 * the word that {@link sluicegate.spec.Field#word} names:
 *
 * <pre>{@code
 * long vmid = StreamTableEntry.S2VMID.get(ste2); // the third word
 * }</pre>
 *
 * <p>Section numbers are those of issue G; they differ between issues. Names are the manual's in upper case. What the
 * manual allows to other issues only as reserved bits is described with its latest meaning.
 *
 * <p>Enhanced command queues are described after the same issue (3.5.6, 6.2.5, 6.3.45, 6.3.49 to 6.3.51, 6.3.107 to 6.3.109). Linux
 * has none of it; patches of Huawei's that were posted for it ("Add support for ECMDQ register mode", 2021 to 2023) have the same bits.
 *
 * <p>Not described: the Secure, Realm and Root interfaces, ATOS, MPAM registers, device permission tables,
 * and the commands that only the Secure queue takes (their codes are in {@link sluicegate.spec.smmuv3.CommandOpcode}).
 * Translation tables are in {@code sluicegate.spec.vmsa}.
 *
 * <p>What may come in: everything that specification lays out in bits or numbers. What may not: any step of a
 * translation or of an invalidation.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.3.0")
package sluicegate.spec.smmuv3;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
