package sluicegate.hw.smmuv3;

import java.util.OptionalInt;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.spec.pci.AtsCapability;
import sluicegate.spec.pci.ExtendedCapabilityHeader;
import sluicegate.spec.pci.ExtendedCapabilityId;
import sluicegate.spec.pci.PasidCapability;
import sluicegate.spec.pci.PriCapability;

/**
 * What a device has to be told in its configuration space: PASIDs, ATS and page requests (PRI). They are switched on in that
 * order and off in the other: a device must not change whether it sends PASIDs while it may ask for translations, nor ask for
 * pages without translations. Devices that are no PCI functions have none of them.
 */
final class PciFeatures {
    private static final int FIRST_EXTENDED = 0x100;
    /** So many fit into the space; a chain that is longer runs in circles. */
    private static final int MAX_CAPABILITIES = (0x1000 - FIRST_EXTENDED) / 4;
    /** Page requests that a device may have outstanding: sixteen devices fill the queue. */
    private static final int MAX_REQUESTS = 32;
    private static final PciFeatures NONE =
            new PciFeatures(null, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());

    private final PciConfig config;
    private final OptionalInt ats;
    private final OptionalInt pasid;
    private final OptionalInt pri;

    private PciFeatures(PciConfig config, OptionalInt ats, OptionalInt pasid, OptionalInt pri) {
        this.config = config;
        this.ats = ats;
        this.pasid = pasid;
        this.pri = pri;
    }

    /** Those that the device has, its path lets through and the unit serves. */
    static PciFeatures of(DeviceContext device, Smmuv3Capabilities unit) {
        if (!(device.device() instanceof PciFunction function) || function.config() == null) {
            return NONE;
        }
        var config = function.config();
        var ats = unit.ats() && device.atsSupported() ? find(config, ExtendedCapabilityId.ATS) : OptionalInt.empty();
        return new PciFeatures(config, ats, find(config, ExtendedCapabilityId.PASID),
                unit.pri() && ats.isPresent() ? find(config, ExtendedCapabilityId.PRI) : OptionalInt.empty());
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

    /** Whether answers to page requests that had a PASID must have it too. */
    boolean answersWithPasid() {
        return pri.isPresent() && PriCapability.PRG_RESPONSE_PASID_REQUIRED.isSet(
                config.read16(pri.getAsInt() + PriCapability.STATUS_REGISTER.offset()));
    }

    /** After ATS was enabled: the device may ask for pages, and knows of no older requests ({@code pci_enable_pri}). */
    void enablePageRequests() {
        if (pri.isPresent()) {
            int control = pri.getAsInt() + PriCapability.CONTROL_REGISTER.offset();
            config.write16(control, (int) PriCapability.RESET.mask());
            config.write32(pri.getAsInt() + PriCapability.OUTSTANDING_ALLOCATION.offset(), pageRequestLimit());
            config.write16(control, (int) PriCapability.ENABLE.mask());
        }
    }

    /** How many page requests the device may have outstanding; {@link Integer#MAX_VALUE} if it has no page request interface. */
    int pageRequestLimit() {
        if (pri.isEmpty()) {
            return Integer.MAX_VALUE;
        }
        int capacity = config.read32(pri.getAsInt() + PriCapability.OUTSTANDING_CAPACITY.offset());
        return Integer.compareUnsigned(capacity, MAX_REQUESTS) < 0 ? capacity : MAX_REQUESTS;
    }

    /** Before ATS is disabled: no further page requests. Those on their way are still answered. */
    void disablePageRequests() {
        if (pri.isPresent()) {
            config.write16(pri.getAsInt() + PriCapability.CONTROL_REGISTER.offset(), 0);
        }
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
