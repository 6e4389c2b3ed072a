package sluicegate.api.driver;

/** Kinds of domains ({@code IOMMU_DOMAIN_*}). */
public enum DomainType {
    /** All DMA aborts. */
    BLOCKED("blocked"),
    /** DMA addresses are physical addresses. */
    IDENTITY("identity"),
    /** Mappings are its owner's business. */
    UNMANAGED("unmanaged"),
    /** Mappings are made by the DMA layer, unmapping invalidates at once. */
    DMA("DMA"),
    /** Mappings are made by the DMA layer, invalidation is batched. */
    DMA_FQ("DMA-FQ"),
    /** A CPU's address space. */
    SVA("sva"),
    /** Stage 1 tables of a guest on top of a parent domain. */
    NESTED("nested");

    private final String word;

    DomainType(String word) {
        this.word = word;
    }

    /** The word in the kernel's {@code type} file. */
    public String word() {
        return word;
    }

    /** Whether it has page tables that can be mapped and unmapped ({@code __IOMMU_DOMAIN_PAGING}). */
    public boolean paging() {
        return this == UNMANAGED || this == DMA || this == DMA_FQ;
    }
}
