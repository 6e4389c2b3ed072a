package sluicegate.hw.common;

import java.util.OptionalInt;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.spec.ByteField;
import sluicegate.spec.Field;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/**
 * What a device has in its configuration space that concerns the unit in front of it: PASIDs, ATS and page requests (PRI), each
 * with a register that switches it. They are switched on in that order and off in the other: a device must not change whether it
 * sends PASIDs while it may ask for translations, nor ask for pages without translations. Devices that are no PCI functions have
 * none of them, and nothing happens when one that is not there is switched.
 *
 * <p>Not thread-safe: guarded as the device is.
 */
public final class PciCapabilities {
    private final PciConfig config;
    private final Offer offer;
    private final OptionalInt ats;
    private final OptionalInt pasid;
    private final OptionalInt pri;

    /**
     * What unit and driver let devices use.
     *
     * @param ats whether the unit answers translation requests
     * @param pri whether it takes page requests
     * @param pageRequests how many of them one device may have outstanding
     * @param execute whether requests with a PASID may ask for execute permission, if the device can
     * @param privileged whether they may be privileged, if the device can
     */
    public record Offer(boolean ats, boolean pri, int pageRequests, boolean execute, boolean privileged) {}

    private PciCapabilities(PciConfig config, Offer offer, OptionalInt ats, OptionalInt pasid, OptionalInt pri) {
        this.config = config;
        this.offer = offer;
        this.ats = ats;
        this.pasid = pasid;
        this.pri = pri;
    }

    /** Those that the device has, its path lets through and the unit serves. */
    public static PciCapabilities of(DeviceContext device, Offer offer) {
        if (!(device.device() instanceof PciFunction function) || function.config() == null) {
            return new PciCapabilities(null, offer, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
        }
        var config = function.config();
        return new PciCapabilities(config, offer,
                offer.ats && device.atsSupported() ? PciCapabilityList.find(config, ExtendedCapabilityId.ATS) : OptionalInt.empty(),
                PciCapabilityList.find(config, ExtendedCapabilityId.PASID),
                offer.pri ? PciCapabilityList.find(config, ExtendedCapabilityId.PRI) : OptionalInt.empty());
    }

    /** Whether device, path and unit all have ATS. */
    public boolean hasAts() {
        return ats.isPresent();
    }

    public boolean hasPasid() {
        return pasid.isPresent();
    }

    /** Whether the device can ask for pages: not without translations. */
    public boolean hasPri() {
        return pri.isPresent() && hasAts();
    }

    /** How many invalidations the device takes at once, up to 32. */
    public int queueDepth() {
        return ats.isEmpty() ? 0 : AtsCapability.invalidateQueueDepth(
                config.read16(ats.getAsInt() + AtsCapability.CAPABILITY_REGISTER.offset()));
    }

    /** Whether answers to page requests that had a PASID must have it too. */
    public boolean answersWithPasid() {
        return hasPri() && PriCapability.PRG_RESPONSE_PASID_REQUIRED.isSet(
                config.read16(pri.getAsInt() + PriCapability.STATUS_REGISTER.offset()));
    }

    /**
     * How many page requests the device may have outstanding, of those that it can have; {@link Integer#MAX_VALUE} if it makes
     * none.
     */
    public int pageRequestLimit() {
        if (!hasPri()) {
            return Integer.MAX_VALUE;
        }
        int capacity = config.read32(pri.getAsInt() + PriCapability.OUTSTANDING_CAPACITY.offset());
        return Integer.compareUnsigned(capacity, offer.pageRequests) < 0 ? capacity : offer.pageRequests;
    }

    /** Whether its requests may carry PASIDs, now. */
    public boolean pasidIsOn() {
        return isOn(pasid, PasidCapability.CONTROL_REGISTER, PasidCapability.ENABLE);
    }

    /** Whether it may ask for translations, now. */
    public boolean atsIsOn() {
        return isOn(ats, AtsCapability.CONTROL_REGISTER, AtsCapability.ENABLE);
    }

    /** Whether it may ask for pages, now. */
    public boolean pageRequestsAreOn() {
        return isOn(pri, PriCapability.CONTROL_REGISTER, PriCapability.ENABLE);
    }

    private boolean isOn(OptionalInt capability, ByteField control, Field enable) {
        return capability.isPresent() && enable.isSet(config.read16(capability.getAsInt() + control.offset()));
    }

    /** Before ATS is enabled: its requests may carry PASIDs. */
    public void enablePasid() {
        if (pasid.isPresent()) {
            int can = config.read16(pasid.getAsInt() + PasidCapability.CAPABILITY_REGISTER.offset());
            long control = PasidCapability.ENABLE.mask();
            if (offer.execute) {
                control = PasidCapability.EXECUTE_PERMISSION_ENABLE.set(control, PasidCapability.EXECUTE_PERMISSION.get(can));
            }
            if (offer.privileged) {
                control = PasidCapability.PRIVILEGED_MODE_ENABLE.set(control, PasidCapability.PRIVILEGED_MODE.get(can));
            }
            control(pasid, PasidCapability.CONTROL_REGISTER, control);
        }
    }

    /** After ATS was disabled. */
    public void disablePasid() {
        control(pasid, PasidCapability.CONTROL_REGISTER, 0);
    }

    /** From now on the device may ask for translations, in units of 4 KiB (STU 0). The unit allows it already. */
    public void enableAts() {
        control(ats, AtsCapability.CONTROL_REGISTER, AtsCapability.ENABLE.mask());
    }

    /** From now on it may not, and forgets what it has. */
    public void disableAts() {
        control(ats, AtsCapability.CONTROL_REGISTER, 0);
    }

    /** After ATS was enabled: the device may ask for pages, and knows of no older requests ({@code pci_enable_pri}). */
    public void enablePageRequests() {
        if (hasPri()) {
            control(pri, PriCapability.CONTROL_REGISTER, PriCapability.RESET.mask());
            config.write32(pri.getAsInt() + PriCapability.OUTSTANDING_ALLOCATION.offset(), pageRequestLimit());
            control(pri, PriCapability.CONTROL_REGISTER, PriCapability.ENABLE.mask());
        }
    }

    /** Before ATS is disabled: no further page requests. Those on their way are still answered. */
    public void disablePageRequests() {
        control(pri, PriCapability.CONTROL_REGISTER, 0);
    }

    /** Switches off whatever is on: what an earlier driver left, which nobody would tell of invalidations. */
    public void reset() {
        quiet(pri, PriCapability.CONTROL_REGISTER);
        quiet(ats, AtsCapability.CONTROL_REGISTER);
        quiet(pasid, PasidCapability.CONTROL_REGISTER);
    }

    private void quiet(OptionalInt capability, ByteField control) {
        if (capability.isPresent() && config.read16(capability.getAsInt() + control.offset()) != 0) {
            control(capability, control, 0);
        }
    }

    private void control(OptionalInt capability, ByteField control, long value) {
        if (capability.isPresent()) {
            config.write16(capability.getAsInt() + control.offset(), (int) value);
        }
    }
}
