package sluicegate.hw.common;

import sluicegate.api.driver.DeviceContext;

/**
 * Which of its {@link PciCapabilities} a device uses: it is told in its configuration space, in the order that they need
 * ({@code intel_iommu_probe_finalize}, {@code pdev_enable_caps}).
 *
 * <p>Not thread-safe: guarded as the device is.
 */
public final class PciFeatures {
    private final PciCapabilities has;
    private Use use = Use.NOTHING;

    /** What of it is switched on. */
    public record Use(boolean pasid, boolean ats, boolean pri) {
        public static final Use NOTHING = new Use(false, false, false);

        /** Whether something of this is not in another one. */
        public boolean exceeds(Use other) {
            return pasid != other.pasid || ats && !other.ats || pri && !other.pri;
        }
    }

    private PciFeatures(PciCapabilities has) {
        this.has = has;
    }

    public static PciFeatures of(DeviceContext device, PciCapabilities.Offer offer) {
        return new PciFeatures(PciCapabilities.of(device, offer));
    }

    public boolean hasAts() {
        return has.hasAts();
    }

    public boolean hasPasid() {
        return has.hasPasid();
    }

    public boolean hasPri() {
        return has.hasPri();
    }

    /** See {@link PciCapabilities#queueDepth}. */
    public int queueDepth() {
        return has.queueDepth();
    }

    /** See {@link PciCapabilities#answersWithPasid}. */
    public boolean answersWithPasid() {
        return has.answersWithPasid();
    }

    /** See {@link PciCapabilities#pageRequestLimit}. */
    public int pageRequestLimit() {
        return has.pageRequestLimit();
    }

    public Use use() {
        return use;
    }

    /** Goes on with what an earlier driver has left on: the device is using it. */
    public void adopt() {
        use = new Use(has.pasidIsOn(), has.atsIsOn(), has.pageRequestsAreOn());
    }

    /** Switches off whatever is on: what an earlier driver left, which nobody would tell of invalidations. */
    public void reset() {
        has.reset();
        use = Use.NOTHING;
    }

    /** Switches on what is off and wanted; nothing that is on is touched. The unit allows it already. */
    public void switchOn(Use wanted) {
        if (wanted.pasid && !use.pasid) {
            has.enablePasid();
        }
        if (wanted.ats && !use.ats) {
            has.enableAts();
        }
        if (wanted.pri && !use.pri) {
            has.enablePageRequests();
        }
        use = wanted;
    }

    /** Page requests are switched off; translations and PASIDs stay. */
    public void stopPageRequests() {
        if (use.pri) {
            has.disablePageRequests();
        }
        use = new Use(use.pasid, use.ats, false);
    }

    /** Page requests and translations are switched off; the device may still have translations. PASIDs stay. */
    public void stopAsking() {
        stopPageRequests();
        if (use.ats) {
            has.disableAts();
        }
        use = new Use(use.pasid, false, false);
    }

    /** After {@link #stopAsking}. */
    public void stopPasids() {
        if (use.pasid) {
            has.disablePasid();
        }
        use = Use.NOTHING;
    }
}
