/**
 * The translation tables of the A-profile architecture in their VMSAv8-64 form, after the Arm Architecture Reference Manual
 * (DDI 0487), which SMMUv3 walks as processors do.
 *
 * <p>Section numbers are those of issue J and later. Descriptors have 64 bits; the 32-bit LPAE format and 128-bit descriptors
 * are not described, and neither are permission indirection and overlays.
 *
 * <p>What may come in: the bits of descriptors. What may not: walks.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.1.0")
package sluicegate.spec.vmsa;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
