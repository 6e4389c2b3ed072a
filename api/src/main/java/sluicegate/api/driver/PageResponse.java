package sluicegate.api.driver;

/** The answer to a page request group ({@code enum iommu_page_response_code}). */
public enum PageResponse {
    /** The pages are there: try again. */
    SUCCESS,
    /** They are not and will not be: give up this access. */
    INVALID,
    /** Something is broken: disable page requests. */
    FAILURE
}
