package sluicegate.api.driver;

/** What a device's unit can do for it ({@code enum iommu_cap}). */
public enum Capability {
    /** Device accesses are coherent with the CPU's caches. */
    CACHE_COHERENCY,
    /** Mappings can forbid execution. */
    NOEXEC,
    /** Firmware blocks DMA before the operating system runs. */
    PRE_BOOT_PROTECTION,
    /** A domain can be made to snoop whatever the device asks for. */
    ENFORCE_CACHE_COHERENCY,
    /** Invalidation can be put off and batched (DMA-FQ domains). */
    DEFERRED_FLUSH,
    /** The hardware can log which pages were written. */
    DIRTY_TRACKING,
    /** Address translation services work for this device. */
    PCI_ATS_SUPPORTED
}
