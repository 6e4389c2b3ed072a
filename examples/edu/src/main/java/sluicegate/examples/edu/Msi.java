package sluicegate.examples.edu;

import sluicegate.api.dma.DmaMapper;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.spec.pci.CapabilityHeader;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.ConfigHeader;
import sluicegate.spec.pci.MsiCapability;

/**
 * A function's message signalled interrupt, from when it is switched on until {@link #close}. The message is a write by DMA: where
 * the IOMMU translates it, the interrupt controller's doorbell has to be mapped as any other address.
 */
final class Msi implements AutoCloseable {
    private static final int NO_MORE = 0;

    private final PciConfig config;
    private final int capability;
    private final Interrupts.Vector vector;

    /**
     * @param handler run when the message arrives
     * @throws IommuException EOPNOTSUPP if the function has no MSI; ENOSPC without a free vector
     */
    Msi(PciFunction function, DmaMapper dma, Runnable handler) {
        config = function.config();
        capability = find(function);
        vector = function.interrupts().allocate(function.name() + "-edu", handler);
        try {
            message(dma.mapMsiDoorbell(vector.address()), vector.data());
            enable(true);
        } catch (RuntimeException e) {
            vector.close();
            throw e;
        }
    }

    private static int find(PciFunction function) {
        var config = function.config();
        int at = config.read8(ConfigHeader.CAPABILITIES_POINTER.offset());
        while (at != NO_MORE) {
            int header = config.read16(at);
            if (CapabilityHeader.ID.get(header) == CapabilityId.MSI.code()) {
                return at;
            }
            at = CapabilityHeader.next(header);
        }
        throw IommuException.of(Errno.EOPNOTSUPP, "%s has no MSI capability, and this driver knows no other interrupts", function.name());
    }

    private void message(long address, int data) {
        boolean wide = MsiCapability.ADDRESS_64.isSet(config.read16(capability + MsiCapability.CONTROL_REGISTER.offset()));
        config.write32(capability + MsiCapability.MESSAGE_ADDRESS.offset(), (int) address);
        if (wide) {
            config.write32(capability + MsiCapability.MESSAGE_UPPER_ADDRESS, (int) (address >>> Integer.SIZE));
        }
        config.write16(capability + MsiCapability.messageData(wide), data);
    }

    private void enable(boolean on) {
        int at = capability + MsiCapability.CONTROL_REGISTER.offset();
        config.write16(at, (int) MsiCapability.ENABLE.set(config.read16(at), on ? 1 : 0));
    }

    /** Switches it off and waits for a handler that runs. */
    @Override
    public void close() {
        enable(false);
        vector.close();
    }
}
