package sluicegate.sim;

import java.util.OptionalInt;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.firmware.Ivrs;
import sluicegate.firmware.PciCapabilities;
import sluicegate.firmware.PciConfigImage;
import sluicegate.sim.amdvi.AmdviUnit;
import sluicegate.spec.amdvi.IommuCapability;
import sluicegate.spec.pci.CapabilityId;
import sluicegate.spec.pci.MsiCapability;

/**
 * The PCI function that an AMD IOMMU is: in its configuration space the unit says what it can do, and is told where to send its
 * interrupts. Thread-safe.
 */
final class AmdviFunction {
    private final Ivrs.Unit described;
    private final AmdviUnit unit;
    private volatile OptionalInt msi = OptionalInt.empty();

    AmdviFunction(Ivrs.Unit described, AmdviUnit unit) {
        this.described = described;
        this.unit = unit;
    }

    /** Whether an address in the machine is its own. */
    boolean isAt(PciAddress address) {
        return address.segment() == described.segment() && address.requesterId() == described.deviceId();
    }

    /** Its configuration space with the capability header of this unit in the place of the one that the image is of. */
    PciConfigImage image(PciConfigImage image) {
        msi = PciCapabilities.find(image, CapabilityId.MSI.code());
        int at = described.capabilityOffset();
        if (IommuCapability.CAPID.get(image.read8(at)) != IommuCapability.ID) {
            return image;
        }
        var bytes = image.config();
        long next = IommuCapability.CAPPTR.get(IommuCapability.CAP_HEADER.get(bytes, at));
        IommuCapability.CAP_HEADER.put(bytes, at, IommuCapability.CAPPTR.set(unit.capabilities().header(), next));
        return new PciConfigImage(image.address(), image.description(), bytes, image.source());
    }

    /** Its configuration space has been written. */
    void configured(PciFunction function) {
        if (msi.isEmpty()) {
            return;
        }
        var config = function.config();
        int at = msi.getAsInt();
        int control = config.read16(at + MsiCapability.CONTROL_REGISTER.offset());
        boolean wide = MsiCapability.ADDRESS_64.isSet(control);
        long low = Integer.toUnsignedLong(config.read32(at + MsiCapability.MESSAGE_ADDRESS.offset()));
        long high = wide ? Integer.toUnsignedLong(config.read32(at + MsiCapability.MESSAGE_UPPER_ADDRESS)) : 0;
        unit.messages().configure(MsiCapability.ENABLE.isSet(control), high << 32 | low,
                config.read16(at + MsiCapability.messageData(wide)));
    }
}
