/**
 * IO page tables: one radix walker, {@link sluicegate.pgtable.PageTable}, and one small class for each format of entries
 * ({@link sluicegate.pgtable.PageTableFormat}).
 *
 * <p>The walker knows how tables are walked, filled, emptied and given back; a format knows the bits of one entry and
 * nothing else. Nothing here knows registers, invalidation queues or devices: what has to be invalidated is put into an
 * {@link sluicegate.api.driver.IotlbGather}, or handed to the {@link sluicegate.pgtable.Invalidation} that the driver
 * gave.
 *
 * <p>The package is exported by no bundle. Each driver embeds its own copy, so that the JIT sees one format and one kind of
 * memory at every call and nothing of a driver that was uninstalled is left behind.
 *
 * <p>What may come in: a format (with its run of the format conformance test) and what all formats need.
 */
package sluicegate.pgtable;
