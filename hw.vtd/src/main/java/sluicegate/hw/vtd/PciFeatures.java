package sluicegate.hw.vtd;

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
 * What a device has to be told in its configuration space: PASIDs, ATS and PRI ({@code intel_iommu_probe_finalize}). They are
 * switched on in that order and off in the other: a device must not change whether it sends PASIDs while it may ask for
 * translations, nor ask for pages without translations. Devices that are no PCI functions have none of the three.
 */
final class PciFeatures {
    /** How many page requests of one device may be open at once ({@code PRQ_DEPTH}). */
    static final int PAGE_REQUESTS = 32;
    private static final int FIRST_EXTENDED = 0x100;
    /** So many fit into the space; a chain that is longer runs in circles. */
    private static final int MAX_CAPABILITIES = (0x1000 - FIRST_EXTENDED) / 4;

    private final PciConfig config;
    private final OptionalInt ats;
    private final OptionalInt pasid;
    private final OptionalInt pri;
    private Use use = Use.NOTHING;

    /** What of it is switched on. */
    record Use(boolean pasid, boolean ats, boolean pri) {
        static final Use NOTHING = new Use(false, false, false);

        /** Whether something of this is not in another one. */
        boolean exceeds(Use other) {
            return pasid != other.pasid || ats && !other.ats || pri && !other.pri;
        }
    }

    private PciFeatures(PciConfig config, OptionalInt ats, OptionalInt pasid, OptionalInt pri) {
        this.config = config;
        this.ats = ats;
        this.pasid = pasid;
        this.pri = pri;
    }

    static PciFeatures of(DeviceContext device) {
        if (!(device.device() instanceof PciFunction function) || function.config() == null) {
            return new PciFeatures(null, OptionalInt.empty(), OptionalInt.empty(), OptionalInt.empty());
        }
        var config = function.config();
        return new PciFeatures(config,
                device.atsSupported() ? find(config, ExtendedCapabilityId.ATS) : OptionalInt.empty(),
                find(config, ExtendedCapabilityId.PASID), find(config, ExtendedCapabilityId.PRI));
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

    Use use() {
        return use;
    }

    /** How many page requests the device may have outstanding, of those that it can have. */
    int pageRequestLimit() {
        int capacity = config.read32(pri.getAsInt() + PriCapability.OUTSTANDING_CAPACITY.offset());
        return Integer.compareUnsigned(capacity, PAGE_REQUESTS) < 0 ? capacity : PAGE_REQUESTS;
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

    /** Switches on what is off and wanted; nothing that is on is touched. The unit allows it already. */
    void switchOn(Use wanted) {
        if (wanted.pasid && !use.pasid) {
            config.write16(pasid.getAsInt() + PasidCapability.CONTROL_REGISTER.offset(), (int) PasidCapability.ENABLE.mask());
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
