/**
 * The tools with which hardware is described, and nothing that describes one piece of hardware.
 *
 * <p>A {@link sluicegate.spec.Field} is a run of bits with a name and the section of the manual that defines it. A
 * {@link sluicegate.spec.Layout} is all the fields of one structure, a {@link sluicegate.spec.Register} is a layout at
 * an offset. Firmware tables, whose parts start at byte boundaries, use {@link sluicegate.spec.ByteField} and
 * {@link sluicegate.spec.ByteLayout}. {@link sluicegate.spec.SpecCatalogue} lists every layout there is, so that
 * the tests and the documentation find them all.
 *
 * <p>The structures themselves live in the packages below this one, one package for each manual. What may come in here:
 * tools which every manual needs. What may not: state, input and output, and anything that acts on a structure. A
 * driver and the model it is tried against both use these packages; whatever they would have in common beyond the
 * position of bits, they could get wrong in common.
 *
 * <p>The bundle exports its packages without importing them again: layouts, fields and the catalogue that lists them
 * belong together and must not be mixed from two versions.
 */
@Export(substitution = Substitution.NOIMPORT)
@Version("0.2.0")
package sluicegate.spec;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.bundle.Export.Substitution;
import org.osgi.annotation.versioning.Version;
