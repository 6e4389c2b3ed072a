package sluicegate.capture.facts;

/** Keys of {@link sluicegate.api.platform.BusDevice#properties} and kinds of units in a capture. */
public final class KernelFacts {
    /** The driver that was bound to the device. */
    public static final String DRIVER = "kernel-driver";
    /** Number of the device's group. */
    public static final String GROUP = "kernel-group";
    /** Type of that group's default domain, the word in sysfs. */
    public static final String GROUP_TYPE = "kernel-group-type";
    /** Where the device is in sysfs. */
    public static final String PATH = "kernel-path";
    /** Width of the device's DMA mask. */
    public static final String DMA_MASK_BITS = "kernel-dma-mask-bits";

    /** A captured VT-d unit. */
    public static final String INTEL_VTD = "capture,intel-vtd";
    /** A captured AMD unit. */
    public static final String AMD_VI = "capture,amd-vi";
    /** A captured SMMUv3. */
    public static final String ARM_SMMUV3 = "capture,arm-smmuv3";

    private KernelFacts() {}
}
