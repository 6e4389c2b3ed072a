package sluicegate.api.driver;

/** Wishes for a paging domain ({@code IOMMU_HWPT_ALLOC_*}). */
public enum AllocFlag {
    /** It must be able to be the parent of nested domains. */
    NEST_PARENT,
    /** It must be able to track dirty pages. */
    DIRTY_TRACKING,
    /** It will serve page requests. */
    FAULTS,
    /** Its devices will use PASIDs too. */
    PASID
}
