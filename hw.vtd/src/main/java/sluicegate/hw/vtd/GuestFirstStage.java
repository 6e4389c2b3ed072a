package sluicegate.hw.vtd;

import java.util.List;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidEntry;

/**
 * What a guest says of its first-stage tables: the members of {@code struct iommu_hwpt_vtd_s1}.
 *
 * @param top guest-physical address of the top table
 * @param entryBits what the flags set in the third word of the PASID entry
 */
record GuestFirstStage(long top, FirstStageMode mode, long entryBits) {
    /** {@code IOMMU_VTD_S1_SRE}: supervisor requests are allowed. */
    static final long SRE = 1;
    /** {@code IOMMU_VTD_S1_EAFE}: extended-accessed flags are kept. */
    static final long EAFE = 1 << 1;
    /** {@code IOMMU_VTD_S1_WPE}: write protection holds for supervisor requests too. */
    static final long WPE = 1 << 2;
    private static final int WORDS = 3;

    /**
     * Checks what a guest says.
     *
     * @param words flags, address of the top table, width of an address in bits (48 or 57)
     * @throws IommuException EOPNOTSUPP for an unknown flag, EINVAL for what this unit or the parent can't do
     */
    static GuestFirstStage of(SecondStageDomain parent, List<Long> words) {
        String unit = parent.unit().name();
        var capabilities = parent.unit().capabilities();
        require(words.size() == WORDS, unit, "it is given by three words (flags, address of the top table, width of an address), "
                + "not by %d", words.size());
        long flags = words.get(0);
        long top = words.get(1);
        long width = words.get(2);
        if ((flags & ~(SRE | EAFE | WPE)) != 0) {
            throw IommuException.of(Errno.EOPNOTSUPP, "%s: flags %s of a guest's first stage are unknown; there are SRE (1), EAFE (2) "
                    + "and WPE (4)", unit, Hex.of(flags));
        }
        require((flags & (SRE | WPE)) == 0 || capabilities.supervisorRequests(), unit,
                "the unit has no supervisor requests (ECAP_REG.SRS)");
        require((flags & EAFE) == 0 || capabilities.extendedAccessed(), unit,
                "the unit keeps no extended-accessed flags (ECAP_REG.EAFS)");
        boolean deep = width == FirstStageMode.LEVELS_5.bits();
        require(deep ? capabilities.fiveLevels() : width == FirstStageMode.LEVELS_4.bits(), unit,
                "the unit has no first stage for addresses of %d bits", width);
        require((top & 0xfff) == 0 && Long.compareUnsigned(top, parent.apertureEnd()) <= 0, unit,
                "the top table at %s is not on a page up to %s, where the parent could map it", Hex.of(top),
                Hex.of(parent.apertureEnd()));
        return new GuestFirstStage(top, deep ? FirstStageMode.LEVELS_5 : FirstStageMode.LEVELS_4,
                ((flags & SRE) != 0 ? PasidEntry.SRE.mask() : 0)
                        | ((flags & EAFE) != 0 ? PasidEntry.EAFE.mask() : 0)
                        | ((flags & WPE) != 0 ? PasidEntry.WPE.mask() : 0));
    }

    private static void require(boolean condition, String unit, String why, Object... arguments) {
        if (!condition) {
            throw IommuException.of(Errno.EINVAL, "%s: a guest's first stage is not possible: %s", unit,
                    String.format(why, arguments));
        }
    }
}
