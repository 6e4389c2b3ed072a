/**
 * The contract for hardware drivers: the {@code struct iommu_ops} of this platform.
 *
 * <p>A driver bundle registers one {@link sluicegate.api.driver.IommuDriver} service through Declarative Services, with the
 * property {@code iommu.compatible} (one or more strings) for the hardware that it drives and {@code service.ranking} for how
 * well; {@link sluicegate.api.driver.HardwareDriver} on the component says both, to repositories too. For each unit of such hardware the core calls {@link sluicegate.api.driver.IommuDriver#probe}; what comes back, {@link
 * sluicegate.api.driver.IommuOps}, is asked about every device behind that unit from then on.
 *
 * <p>Drivers implement {@code IommuDriver}, {@code IommuOps} and {@link sluicegate.api.driver.DriverDomain} ({@code
 * @ConsumerType}: a new method without a default breaks drivers, so there will be a default); the core implements the rest.
 * Names follow {@code include/linux/iommu.h}, and so do errno values. A driver never sees a domain or a group of the core,
 * and the core never looks into a driver's domain.
 *
 * <p>Calls that change a device's attachment are made under the mutex of its group. Calls for one domain's mappings may
 * come from several threads at once, for ranges that do not overlap.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("0.3.0")
package sluicegate.api.driver;
