package sluicegate.core.impl.iova;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives a device addresses that 32 bits can name as long as there are any, whatever else it says it can reach: many devices on
 * PCI say more than is true ({@code dev_iommu::pci_32bit_workaround}). From the first time that there is none, the device is
 * believed. Thread-safe.
 */
public final class LowFirst {
    private static final Logger LOG = LoggerFactory.getLogger(LowFirst.class);

    private final String device;
    private volatile boolean low;

    /** @param low whether to begin with 32 bits; if not, the device is believed from the start ({@code iommu.forcedac}) */
    public LowFirst(String device, boolean low) {
        this.device = device;
        this.low = low;
    }

    /** As {@link IovaAllocator#allocate}. */
    public long allocate(IovaAllocator space, long size, long limit) {
        if (low && Long.compareUnsigned(limit, IovaAllocator.LAST_32BIT) > 0) {
            long iova = space.tryAllocate(size, IovaAllocator.LAST_32BIT);
            if (iova != IovaAllocator.NONE) {
                return iova;
            }
            low = false;
            LOG.info("{}: there is no IOVA left in 32 bits for {} bytes; it gets longer ones from now on", device, size);
        }
        return space.allocate(size, limit);
    }

    /** Whether the device still gets 32 bits first. */
    public boolean low() {
        return low;
    }
}
