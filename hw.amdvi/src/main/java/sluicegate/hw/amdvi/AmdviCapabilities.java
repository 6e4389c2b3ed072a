package sluicegate.hw.amdvi;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.pgtable.AmdHost;
import sluicegate.pgtable.X86LongMode;
import sluicegate.spec.Field;
import sluicegate.spec.acpi.Ivhd;
import sluicegate.spec.amdvi.AmdviRegisters;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.IommuCapability;

/**
 * What a unit can do, from its capability in configuration space, its extended feature register and, where that says nothing,
 * firmware (sections 3.2 and 3.4; {@code iommu_init_pci}).
 *
 * @param features raw extended feature register, 0 without
 * @param features2 raw extended feature 2 register, 0 without
 * @param hostLevels the most levels of a host table
 * @param deviceTlbs whether devices may have TLBs of their own (IOTLBSUP)
 * @param cachesNotPresent whether entries that are not present may be cached (NPCACHE); so it is taken to be if nothing tells
 * @param ivhdFlags what firmware recommends ({@link Ivhd#FLAG_BITS})
 */
record AmdviCapabilities(long features, long features2, int hostLevels, boolean deviceTlbs, boolean cachesNotPresent, int ivhdFlags) {
    private static final int MAX_GCR3_BITS = 27;
    private static final int GCR3_INDEX_BITS = 9;
    private static final int MAX_PASID_BITS = 20;

    /**
     * Reads and checks the capabilities.
     *
     * @throws IommuException ENODEV if they are those of no unit, or of one whose tables this driver can't build
     */
    static AmdviCapabilities read(AmdviWindow window, long windowSize, UnitFunction function) {
        if (windowSize < AmdviRegisters.WINDOW_BYTES) {
            throw refused(window.unit(), "its register window has " + windowSize + " bytes, less than 16 KiB");
        }
        int flags = function.flags();
        boolean deviceTlbs = Ivhd.IOTLB_SUPPORTED.isSet(flags);
        boolean cachesNotPresent = true;
        boolean hasFeatures = true;
        if (function.capability().isPresent()) {
            int at = function.capability().getAsInt();
            long header = Integer.toUnsignedLong(function.config().orElseThrow().read32(at));
            if (IommuCapability.CAPID.get(header) != IommuCapability.ID
                    || IommuCapability.CAPTYPE.get(header) != IommuCapability.TYPE_IOMMU) {
                throw refused(window.unit(), String.format("at 0x%x of its configuration space is 0x%x, which is no capability of "
                        + "an IOMMU", at, header));
            }
            deviceTlbs = IommuCapability.IOTLBSUP.isSet(header);
            cachesNotPresent = IommuCapability.NPCACHE.isSet(header);
            hasFeatures = IommuCapability.EFRSUP.isSet(header);
        }
        long features = hasFeatures ? window.read64OrZero(ExtendedFeatureRegister.OFFSET) : 0;
        if (features == -1L) {
            throw refused(window.unit(), "its extended feature register reads as all ones: there is no unit at this address");
        }
        int levels = ExtendedFeatureRegister.hostLevels(features);
        if (levels == 0) {
            throw refused(window.unit(), "ExtFeature.HATS is the reserved code 3: no host table can be walked");
        }
        long features2 = hasFeatures ? window.read64OrZero(ExtendedFeature2Register.OFFSET) : 0;
        return new AmdviCapabilities(features, features2, levels, deviceTlbs, cachesNotPresent, flags);
    }

    private static IommuException refused(String unit, String why) {
        return new IommuException(Errno.ENODEV, unit + ": " + why + "; the driver leaves it alone");
    }

    boolean has(Field feature) {
        return feature.isSet(features);
    }

    boolean invalidateAll() {
        return has(ExtendedFeatureRegister.IASUP);
    }

    /** Whether there are guest tables whose depth this driver knows. */
    boolean guestTables() {
        return has(ExtendedFeatureRegister.GTSUP) && guestLevels() != 0 && gcr3Levels() != 0;
    }

    /** Whether requests without a PASID can be translated by guest tables. */
    boolean guestTablesForAll() {
        return guestTables() && has(ExtendedFeatureRegister.GIOSUP);
    }

    /** @throws IommuException ENODEV if requests without a PASID can't be translated by guest tables */
    void requireGuestTablesForAll(String unit) {
        if (!guestTablesForAll()) {
            throw IommuException.of(Errno.ENODEV, "%s: DMA domains in guest page tables need a unit that walks these (ExtFeature.GTSup, %s "
                    + "here) for requests without a PASID as well (ExtFeature.GIOSup, %s here); a driver that uses host page tables can "
                    + "serve it", unit, guestTables() ? "set" : "not set or of unknown depth", has(ExtendedFeatureRegister.GIOSUP) ? "set"
                    : "not set");
        }
    }

    /** Whether the table of PASIDs may be at an address that host tables translate. */
    boolean gcr3AtGuestAddress() {
        return ExtendedFeature2Register.GCR3TRPMODESUP.isSet(features2);
    }

    /** Whether a guest's tables can be put behind host tables ({@code is_nest_parent_supported}). */
    boolean nesting() {
        return guestTablesForAll() && gcr3AtGuestAddress();
    }

    /** Whether HyperTransport has addresses of its own, which are not translated ({@code amd_iommu_ht_range_ignore}). */
    boolean hyperTransportRange() {
        return !ExtendedFeature2Register.HTRANGEIGNORE.isSet(features2);
    }

    int guestLevels() {
        return ExtendedFeatureRegister.guestLevels(features);
    }

    int gcr3Levels() {
        return ExtendedFeatureRegister.gcr3Levels(features);
    }

    /** Bits of the PASIDs that can be used: those that the unit looks at and its table of PASIDs holds. 0 without. */
    int pasidBits() {
        return guestTables() ? Math.min(MAX_PASID_BITS, Math.min(ExtendedFeatureRegister.pasidBits(features),
                Math.min(MAX_GCR3_BITS, GCR3_INDEX_BITS * gcr3Levels()))) : 0;
    }

    /** Into two to which power of segments the device table can be divided. */
    int segmentBits() {
        return (int) ExtendedFeatureRegister.DEVTBLSEGSUP.get(features);
    }

    boolean noExecute() {
        return has(ExtendedFeatureRegister.NXSUP);
    }

    /** Whether devices may ask for pages; without guest tables nobody could serve them. */
    boolean pageRequests() {
        return has(ExtendedFeatureRegister.PPRSUP) && deviceTlbs && guestTables();
    }

    boolean dirtyTracking() {
        return has(ExtendedFeatureRegister.HASUP) && has(ExtendedFeatureRegister.HDSUP);
    }

    AmdHost hostFormat(int levels) {
        return new AmdHost(levels, AmdHost.ALL_SIZES);
    }

    X86LongMode guestFormat() {
        return new X86LongMode(guestLevels(), X86LongMode.ALL_SIZES, noExecute());
    }
}
