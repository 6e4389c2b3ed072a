package sluicegate.hw.amdvi;

import java.util.OptionalInt;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.spec.Field;
import sluicegate.spec.amdvi.PprRecord;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/**
 * What a device has to be told in its configuration space: PASIDs, ATS and PRI ({@code pdev_enable_caps}). They are switched on in
 * that order and off in the other: a device must not change whether it sends PASIDs while it may ask for translations, nor ask
 * for pages without translations. Devices that are no PCI functions have none of the three.
 */
final class PciFeatures {
    private static final PciFeatures NONE =
            new PciFeatures(null, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

    private final PciConfig config;
    private final OptionalInt ats;
    private final OptionalInt pasid;
    private final OptionalInt pri;
    private Use use = Use.NOTHING;

    /** What of it is switched on. */
    record Use(boolean pasid, boolean ats, boolean pri) {
        static final Use NOTHING = new Use(false, false, false);
    }

    private PciFeatures(PciConfig config, OptionalInt ats, OptionalInt pasid, OptionalInt pri) {
        this.config = config;
        this.ats = ats;
        this.pasid = pasid;
        this.pri = pri;
    }

    static PciFeatures of(DeviceContext device) {
        if (!(device.device() instanceof PciFunction function) || function.config() == null) {
            return NONE;
        }
        var config = function.config();
        return new PciFeatures(config,
                device.atsSupported() ? PciCapabilityList.find(config, ExtendedCapabilityId.ATS) : OptionalInt.empty(),
                PciCapabilityList.find(config, ExtendedCapabilityId.PASID),
                PciCapabilityList.find(config, ExtendedCapabilityId.PRI));
    }

    boolean hasAts() {
        return ats.isPresent();
    }

    boolean hasPasid() {
        return pasid.isPresent();
    }

    boolean hasPri() {
        return pri.isPresent() && hasAts();
    }

    /** How many invalidations the device takes at once, up to 32. */
    int queueDepth() {
        return ats.isEmpty() ? 0 : AtsCapability.invalidateQueueDepth(
                config.read16(ats.getAsInt() + AtsCapability.CAPABILITY_REGISTER.offset()));
    }

    /** Whether answers to page requests with a PASID must have it too. */
    boolean answersWithPasid() {
        return pri.isPresent() && PriCapability.PRG_RESPONSE_PASID_REQUIRED.isSet(
                config.read16(pri.getAsInt() + PriCapability.STATUS_REGISTER.offset()));
    }

    Use use() {
        return use;
    }

    /** Goes on with what an earlier driver has left on: the device is using it. */
    void adopt() {
        use = new Use(isOn(pasid, PasidCapability.CONTROL_REGISTER.offset(), PasidCapability.ENABLE),
                isOn(ats, AtsCapability.CONTROL_REGISTER.offset(), AtsCapability.ENABLE),
                isOn(pri, PriCapability.CONTROL_REGISTER.offset(), PriCapability.ENABLE));
    }

    private boolean isOn(OptionalInt capability, int control, Field enable) {
        return capability.isPresent() && enable.isSet(config.read16(capability.getAsInt() + control));
    }

    /** Switches off whatever is on: what an earlier driver left, which nobody would tell of invalidations. */
    void reset() {
        off(pri, PriCapability.CONTROL_REGISTER.offset());
        off(ats, AtsCapability.CONTROL_REGISTER.offset());
        off(pasid, PasidCapability.CONTROL_REGISTER.offset());
        use = Use.NOTHING;
    }

    private void off(OptionalInt capability, int control) {
        if (capability.isPresent() && config.read16(capability.getAsInt() + control) != 0) {
            config.write16(capability.getAsInt() + control, 0);
        }
    }

    /** Switches on what is off and wanted; nothing that is on is touched. Translations are allowed by the unit already. */
    void switchOn(Use wanted) {
        if (wanted.pasid && !use.pasid) {
            int can = config.read16(pasid.getAsInt() + PasidCapability.CAPABILITY_REGISTER.offset());
            config.write16(pasid.getAsInt() + PasidCapability.CONTROL_REGISTER.offset(), (int) (PasidCapability.ENABLE.mask()
                    | PasidCapability.EXECUTE_PERMISSION_ENABLE.set(0, PasidCapability.EXECUTE_PERMISSION.get(can))
                    | PasidCapability.PRIVILEGED_MODE_ENABLE.set(0, PasidCapability.PRIVILEGED_MODE.get(can))));
        }
        if (wanted.ats && !use.ats) {
            // STU 0: translations of 4 KiB.
            config.write16(ats.getAsInt() + AtsCapability.CONTROL_REGISTER.offset(), (int) AtsCapability.ENABLE.mask());
        }
        if (wanted.pri && !use.pri) {
            int control = pri.getAsInt() + PriCapability.CONTROL_REGISTER.offset();
            config.write16(control, (int) PriCapability.RESET.mask());
            config.write32(pri.getAsInt() + PriCapability.OUTSTANDING_ALLOCATION.offset(), pageRequestLimit());
            config.write16(control, (int) PriCapability.ENABLE.mask());
        }
        use = wanted;
    }

    /** How many page requests the device may have outstanding, of those that it can have. */
    int pageRequestLimit() {
        int capacity = config.read32(pri.getAsInt() + PriCapability.OUTSTANDING_CAPACITY.offset());
        return Integer.compareUnsigned(capacity, PprRecord.DEVICE_LIMIT) < 0 ? capacity : PprRecord.DEVICE_LIMIT;
    }

    /** Page requests are switched off; translations and PASIDs stay. */
    void stopPageRequests() {
        if (use.pri) {
            config.write16(pri.getAsInt() + PriCapability.CONTROL_REGISTER.offset(), 0);
        }
        use = new Use(use.pasid, use.ats, false);
    }

    /** Page requests and translations are switched off; the device may still have translations. PASIDs stay. */
    void stopAsking() {
        stopPageRequests();
        if (use.ats) {
            config.write16(ats.getAsInt() + AtsCapability.CONTROL_REGISTER.offset(), 0);
        }
        use = new Use(use.pasid, false, false);
    }

    /** After {@link #stopAsking}. */
    void stopPasids() {
        if (use.pasid) {
            config.write16(pasid.getAsInt() + PasidCapability.CONTROL_REGISTER.offset(), 0);
        }
        use = Use.NOTHING;
    }
}
