/**
 * Page requests of devices on their way from a unit's driver to whoever serves them, and the answers on their way back: the
 * counterpart of {@code drivers/iommu/io-pgfault.c}. Every group that was closed gets one response, whatever happens.
 *
 * <p>{@link sluicegate.core.impl.iopf.DevicePageRequests} collects what one device asks for, {@link
 * sluicegate.core.impl.iopf.RequestTarget} stands for an attachment with a handler and hands groups to it in their order, on {@link
 * sluicegate.core.impl.iopf.RequestThreads}. Reports come on the thread that serves the unit's interrupt: they are sorted in, never
 * served there. Monitors here are the last in the core's order of locks: nothing is called under them.
 */
package sluicegate.core.impl.iopf;
