/**
 * The contract for applications: find devices and groups, allocate domains, attach, map, unmap, translate, listen to
 * faults. Start from the service {@link sluicegate.api.Iommu}; {@link sluicegate.api.Machines} boots something to use it on.
 *
 * <pre>{@code
 * @Reference Iommu iommu;
 *
 * var device = iommu.device("0000:00:05.0");
 * try (var domain = iommu.allocateDomain(device, Set.of())) {
 *     domain.attach(device);
 *     domain.map(0x10000, buffer, 4096, Prot.READ | Prot.WRITE);
 *     ...
 *     domain.detach(device);
 * }
 * }</pre>
 *
 * <p>{@link sluicegate.api.Device}, {@link sluicegate.api.Group}, {@link sluicegate.api.Unit} and {@link
 * sluicegate.api.Domain} are handles that the core owns. They stay valid when the driver behind them is replaced; a handle
 * of something that is gone fails with ENODEV. All are thread-safe.
 *
 * <p>Only the core implements these types ({@code @ProviderType}), except for {@link sluicegate.api.FaultListener}, which
 * applications implement and register as a service.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.3.0")
package sluicegate.api;
