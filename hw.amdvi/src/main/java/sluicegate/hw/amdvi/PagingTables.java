package sluicegate.hw.amdvi;

/**
 * What tables a domain gets that asks for nothing special ({@code amd_iommu=pgtbl_v1}, {@code pgtbl_v2}). What only one of them can do is
 * done by it, whatever is chosen: PASIDs and page requests by guest tables, dirty tracking and parents of nested domains by host
 * tables.
 */
public enum PagingTables {
    /** Host tables ("v1"): pages of every power of two, addresses of up to 64 bits. */
    HOST,
    /**
     * Guest tables ("v2"), in the form of the processor's: three sizes of pages, 47 or 56 bits of addresses. A device moves from
     * one domain to the next by one store, in its table of PASIDs, and can have PASIDs beside every domain.
     */
    GUEST
}
