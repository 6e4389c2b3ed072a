package sluicegate.api.driver;

/**
 * A page request of a device ({@code struct iommu_fault_page_request}).
 *
 * @param sourceId requester or stream id
 * @param pasid {@link sluicegate.api.types.Pasid#NONE} if it had none
 * @param iova the page asked for
 * @param prot {@link sluicegate.api.types.Prot} bits asked for
 * @param group page request group index, or the stall tag
 * @param last whether this request closes its group and wants the response
 */
public record PageRequest(int sourceId, int pasid, long iova, int prot, int group, boolean last) {}
