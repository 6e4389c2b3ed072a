/**
 * Drivers that could be installed: {@link sluicegate.api.DriverRepository} on top of Felix's bundle repository (OBR), which reads
 * indices, resolves what a bundle needs, installs and starts. Which repositories there are is OBR's business: the framework
 * property {@code obr.repository.url}, set by {@code launch/iommu} to the index that the build of this folder makes of the
 * driver bundles named in its {@code pom.xml}, and its commands {@code obr:repos}.
 */
package sluicegate.repository;
