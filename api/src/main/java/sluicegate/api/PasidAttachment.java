package sluicegate.api;

import org.osgi.annotation.versioning.ProviderType;

/**
 * A PASID of a device's group attached to a domain ({@code struct iommu_attach_handle}). What is found is in effect: hardware
 * had accepted the domain before anybody could find the attachment.
 */
@ProviderType
public interface PasidAttachment {

    /** For whom it was attached; other members of its group have it too. */
    Device device();

    /** 1 to {@link sluicegate.api.types.Pasid#MAX}. */
    int pasid();

    Domain domain();

    /** Whether it still is the one that {@link Device#attachment} finds. */
    boolean current();

    /**
     * Ends it ({@code iommu_detach_device_pasid}), in this order: no page request reaches the domain's handler any more; hardware
     * blocks the PASID and forgets descriptor, translations and what devices have cached; what devices had asked for under it,
     * waiting in hardware or with the handler, is answered as invalid. Only then the PASID is free. The device should have been
     * told to stop using it before.
     *
     * @throws sluicegate.api.types.IommuException EINVAL if it is not current; what hardware fails with: the PASID stays taken then,
     *     and this can be called again
     */
    void detach();
}
