package sluicegate.firmware;

import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * What an AMD IOMMU of a machine description can do: what its extended feature registers and its capability say. The table
 * may tell the registers as well ({@link Ivrs.Unit#features}); a machine description says what the unit of this machine has.
 *
 * @param flags what it has of what there is or is not
 * @param hostLevels levels of the deepest host table (HATS): 4, 5 or 6
 * @param guestLevels levels of the deepest guest table (GATS): 4 or 5
 * @param guestCr3Levels levels of the deepest GCR3 table (GLXSup): 1 to 3
 * @param pasidBits bits of a PASID (PASmax + 1): 1 to 20, 0 without guest tables
 * @param physicalBits bits of a physical address: 40 to 52
 * @param deviceTableSegments into how many the device table can be divided (DevTblSegSup): 1, 2, 4 or 8
 */
public record AmdviFeatures(Set<AmdviFlag> flags, int hostLevels, int guestLevels, int guestCr3Levels, int pasidBits,
        int physicalBits, int deviceTableSegments) {

    static final int MOST_PASID_BITS = 20;
    static final int LEAST_PHYSICAL_BITS = 40;
    static final int MOST_PHYSICAL_BITS = 52;

    /** Host tables of up to 6 levels, 48 bits, device IOTLBs, coherent; no guest tables and no page requests. */
    public static final AmdviFeatures DEFAULT = new AmdviFeatures(AmdviFlag.DEFAULTS, 6, 4, 1, 0, 48, 1);

    /** @throws IommuException EINVAL if the rules above are broken, or features contradict each other */
    public AmdviFeatures {
        var copy = EnumSet.noneOf(AmdviFlag.class);
        copy.addAll(flags);
        flags = Collections.unmodifiableSet(copy);
        require(hostLevels >= 4 && hostLevels <= 6, "host tables of %d levels; there are 4 to 6", hostLevels);
        require(guestLevels == 4 || guestLevels == 5, "guest tables of %d levels; there are 4 and 5", guestLevels);
        require(guestCr3Levels >= 1 && guestCr3Levels <= 3, "GCR3 tables of %d levels; there are 1 to 3", guestCr3Levels);
        require(pasidBits >= 0 && pasidBits <= MOST_PASID_BITS, "%d bits are no PASID", pasidBits);
        require(physicalBits >= LEAST_PHYSICAL_BITS && physicalBits <= MOST_PHYSICAL_BITS, "%d bits are no physical address; "
                + "there are %d to %d", physicalBits, LEAST_PHYSICAL_BITS, MOST_PHYSICAL_BITS);
        require(Set.of(1, 2, 4, 8).contains(deviceTableSegments), "%d segments of a device table; there are 1, 2, 4 and 8",
                deviceTableSegments);
        boolean guest = flags.contains(AmdviFlag.GUEST_TRANSLATION);
        require(guest == pasidBits > 0, guest ? "guest-translation needs pasid-bits" : "pasid-bits need guest-translation");
        require(guest || !flags.contains(AmdviFlag.GUEST_IO_PROTECTION), "guest-io-protection needs guest-translation");
        require(guest || !flags.contains(AmdviFlag.GCR3_GUEST_ADDRESS), "gcr3-guest-address needs guest-translation");
        require(!flags.contains(AmdviFlag.PAGE_REQUESTS) || flags.contains(AmdviFlag.IOTLB), "page-requests need iotlb");
        require(!flags.contains(AmdviFlag.HOST_DIRTY) || flags.contains(AmdviFlag.HOST_ACCESSED), "host-dirty needs host-accessed");
    }

    /** Whether it has something that there is or is not. */
    public boolean has(AmdviFlag flag) {
        return flags.contains(flag);
    }

    private static void require(boolean rule, String format, Object... args) {
        if (!rule) {
            throw IommuException.of(Errno.EINVAL, format, args);
        }
    }
}
