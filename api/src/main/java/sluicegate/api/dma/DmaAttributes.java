package sluicegate.api.dma;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * How a buffer is to be mapped, as a set of bits: those of the kernel's {@code DMA_ATTR_*} that mean something here, with the same
 * values ({@code include/linux/dma-mapping.h}). 0 for most buffers.
 */
public final class DmaAttributes {
    /** The caller sees to handing the buffer over itself: mapping and unmapping copy nothing to or from bounce buffers. */
    public static final int SKIP_CPU_SYNC = 1 << 5;
    /** Only for privileged accesses of the device. */
    public static final int PRIVILEGED = 1 << 9;
    /** The address is one of registers, not of memory. */
    public static final int MMIO = 1 << 10;
    /** Device and processor use it at the same time, so it can't be bounced: fails where it would have to be. */
    public static final int REQUIRE_COHERENT = 1 << 12;

    private static final int ALL = SKIP_CPU_SYNC | PRIVILEGED | MMIO | REQUIRE_COHERENT;

    private DmaAttributes() {}

    /**
     * Returns {@code attributes} if it is a set of the bits above.
     *
     * @throws IommuException EINVAL for other bits
     */
    public static int check(int attributes) {
        if ((attributes & ~ALL) != 0) {
            throw IommuException.of(Errno.EINVAL, "DMA attributes 0x%x have bits outside 0x%x", attributes, ALL);
        }
        return attributes;
    }
}
