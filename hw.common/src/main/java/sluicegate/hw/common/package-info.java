/**
 * What drivers have in common apart from page tables and knows no particular IOMMU: registers and waiting for them, numbers that tag
 * what hardware caches, commands of several threads, and what a device has to be told in its configuration space.
 *
 * <p>The package is exported by no bundle. Each driver embeds its own copy, so that nothing of a driver that was uninstalled is left
 * behind, and the JIT sees one kind of queue at every call.
 *
 * <p>What may come in: what at least two drivers need in the same words.
 */
package sluicegate.hw.common;
