package sluicegate.api;

import org.osgi.annotation.versioning.ProviderType;

/** A device that shares an address space ({@code struct iommu_sva}). Binding the same pair again gives the same object. */
@ProviderType
public interface SvaBinding {

    Device device();

    AddressSpace space();

    /** Under which the device's requests are in the space ({@code iommu_sva_get_pasid}); the same for all its devices. */
    int pasid();

    /** Whether the space has ended: the device reaches nothing under the PASID, and still has to be unbound. */
    boolean spaceEnded();

    /**
     * Gives up one bind; with the last one the PASID is detached, as {@link PasidAttachment#detach} says ({@code
     * iommu_sva_unbind_device}). The device should have been told before to use it no more.
     *
     * @throws sluicegate.api.types.IommuException EINVAL if it is not bound any more; otherwise what detaching fails with
     */
    void unbind();
}
