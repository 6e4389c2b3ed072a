package sluicegate.sim.device;

import java.util.OptionalInt;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.PciCapabilities;
import sluicegate.machine.pci.ConfiguredFunction;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.MsiCapability;

/**
 * Message signalled interrupts of a function (PCI Express Base Specification 6.1.4): a write by DMA, through whatever is between
 * the function and memory. Without MSI nothing is sent: no wire leads from a device to the processor of an embedded machine.
 * Thread-safe.
 */
final class MessageSender {
    private final PciConfig config;
    private final DmaMaster dma;
    private final OptionalInt capability;

    MessageSender(ConfiguredFunction function, DmaMaster dma) {
        this.config = function.config();
        this.dma = dma;
        this.capability = PciCapabilities.find(function.image(), CapabilityId.MSI.code());
    }

    /** Sends the function's first message, if MSI is on. */
    void send() {
        if (capability.isEmpty()) {
            return;
        }
        int at = capability.getAsInt();
        int control = config.read16(at + MsiCapability.CONTROL_REGISTER.offset());
        if (!MsiCapability.ENABLE.isSet(control)) {
            return;
        }
        boolean wide = MsiCapability.ADDRESS_64.isSet(control);
        long low = Integer.toUnsignedLong(config.read32(at + MsiCapability.MESSAGE_ADDRESS.offset()));
        long high = wide ? Integer.toUnsignedLong(config.read32(at + MsiCapability.MESSAGE_UPPER_ADDRESS)) : 0;
        int data = config.read16(at + MsiCapability.messageData(wide));
        // A message has 32 bits; the upper half is zero without extended data.
        dma.write(Pasid.NONE, high << 32 | low, new byte[] {(byte) data, (byte) (data >>> 8), 0, 0}, 0, Integer.BYTES);
    }
}
