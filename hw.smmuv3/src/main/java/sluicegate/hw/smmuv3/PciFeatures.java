package sluicegate.hw.smmuv3;

import java.util.OptionalInt;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;

/** What a device has to be told in its configuration space: ATS and PASIDs. Devices that are no PCI functions have neither. */
final class PciFeatures {
    private static final int FIRST_EXTENDED = 0x100;
    /** So many fit into the space; a chain that is longer runs in circles. */
    private static final int MAX_CAPABILITIES = (0x1000 - FIRST_EXTENDED) / 4;

    private final PciConfig config;
    private final OptionalInt ats;
    private final OptionalInt pasid;

    private PciFeatures(PciConfig config, OptionalInt ats, OptionalInt pasid) {
        this.config = config;
        this.ats = ats;
        this.pasid = pasid;
    }

    /** @param unitHasAts whether the unit answers translation requests */
    static PciFeatures of(DeviceContext device, boolean unitHasAts) {
        if (!(device.device() instanceof PciFunction function) || function.config() == null) {
            return new PciFeatures(null, OptionalInt.empty(), OptionalInt.empty());
        }
        var config = function.config();
        return new PciFeatures(config,
                unitHasAts && device.atsSupported() ? find(config, ExtendedCapabilityId.ATS) : OptionalInt.empty(),
                find(config, ExtendedCapabilityId.PASID));
    }

    private static OptionalInt find(PciConfig config, ExtendedCapabilityId wanted) {
        int at = FIRST_EXTENDED;
        for (int i = 0; i < MAX_CAPABILITIES && at >= FIRST_EXTENDED && at + Integer.BYTES <= config.size(); i++) {
            long header = Integer.toUnsignedLong(config.read32(at & ~3));
            if (ExtendedCapabilityHeader.ID.get(header) == wanted.code()) {
                return OptionalInt.of(at & ~3);
            }
            at = (int) ExtendedCapabilityHeader.NEXT.get(header);
        }
        return OptionalInt.empty();
    }

    /** Whether device, path and unit all have ATS. */
    boolean hasAts() {
        return ats.isPresent();
    }

    /** From now on the device may ask for translations, in units of 4 KiB. */
    void enableAts() {
        config.write16(ats.getAsInt() + AtsCapability.CONTROL_REGISTER.offset(), (int) AtsCapability.ENABLE.mask());
    }

    /** From now on it may not, and forgets what it has. */
    void disableAts() {
        config.write16(ats.getAsInt() + AtsCapability.CONTROL_REGISTER.offset(), 0);
    }

    /** Before ATS is enabled: its requests may carry PASIDs. */
    void enablePasid() {
        if (pasid.isPresent()) {
            int register = pasid.getAsInt();
            int can = config.read16(register + PasidCapability.CAPABILITY_REGISTER.offset());
            config.write16(register + PasidCapability.CONTROL_REGISTER.offset(), (int) (PasidCapability.ENABLE.mask()
                    | PasidCapability.EXECUTE_PERMISSION_ENABLE.set(0, PasidCapability.EXECUTE_PERMISSION.get(can))));
        }
    }

    /** After ATS was disabled. */
    void disablePasid() {
        if (pasid.isPresent()) {
            config.write16(pasid.getAsInt() + PasidCapability.CONTROL_REGISTER.offset(), 0);
        }
    }
}
