/**
 * Which addresses of a device's address space are free: the counterpart of {@code drivers/iommu/iova.c}. {@link
 * sluicegate.core.impl.iova.IovaAllocator} is the way in; behind it are caches for what is asked for most ({@link
 * sluicegate.core.impl.iova.Magazines}), and a tree of bitmaps that knows all pages ({@link
 * sluicegate.core.impl.iova.FreePages}). Numbers only: nothing here knows a domain, a device or what is mapped.
 *
 * <p>Locks: that of one magazine stripe, then that of the depot or that of the tree; nothing else is taken under them.
 */
package sluicegate.core.impl.iova;
