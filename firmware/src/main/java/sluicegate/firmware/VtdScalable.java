package sluicegate.firmware;

import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * What a VT-d unit of a machine description can do in scalable mode.
 *
 * @param supported scalable mode (SMTS); without it all others are off
 * @param firstStage first-stage tables of 4 levels (FSTS)
 * @param fiveLevels first-stage tables of 5 levels too (FS5LP)
 * @param firstStage1G leaves of 1 GiB in the first stage (FS1GP)
 * @param secondStage second-stage tables (SSTS)
 * @param nested first-stage tables within second-stage tables (NEST)
 * @param pasidBits bits of a PASID (PSS + 1), 1 to 20; 0 if requests with PASID are not known (PASID)
 * @param ridPasid a PASID can be named for requests without one (RPS)
 * @param dirtyTracking accessed and dirty bits in second-stage entries (SSADS)
 * @param extendedAccessed extended-accessed flag in first-stage entries (EAFS)
 * @param supervisorRequests requests with supervisor privilege (SRS)
 * @param executeRequests requests for execute permission (ERS)
 * @param snoopedWalks a PASID entry says whether walks of its tables snoop (SMPWCS)
 * @param abortMode a table mode that aborts every request (ADMS)
 * @param pageRequests page requests of devices are taken, and can be drained (PRS, PDS)
 */
public record VtdScalable(
        boolean supported,
        boolean firstStage,
        boolean fiveLevels,
        boolean firstStage1G,
        boolean secondStage,
        boolean nested,
        int pasidBits,
        boolean ridPasid,
        boolean dirtyTracking,
        boolean extendedAccessed,
        boolean supervisorRequests,
        boolean executeRequests,
        boolean snoopedWalks,
        boolean abortMode,
        boolean pageRequests) {

    private static final int MOST_PASID_BITS = 20;

    /** No scalable mode. */
    public static final VtdScalable NONE = new VtdScalable(false, false, false, false, false, false, 0, false, false, false,
            false, false, false, false, false);

    /**
     * What a unit with scalable mode can do if nothing else is said: both stages and nesting, 1 GiB pages, 20-bit PASIDs,
     * dirty tracking, snooped walks, abort mode; no tables of 5 levels, extended-accessed flag, supervisor and execute
     * requests, or page requests.
     */
    public static final VtdScalable DEFAULT = new VtdScalable(true, true, false, true, true, true, MOST_PASID_BITS, true, true,
            false, false, false, true, true, false);

    /** @throws IommuException EINVAL if the rules above are broken */
    public VtdScalable {
        require(pasidBits >= 0 && pasidBits <= MOST_PASID_BITS, "%d is no width of a PASID; it is from 1 to %d, or 0 for none",
                pasidBits, MOST_PASID_BITS);
        require(!fiveLevels || firstStage, "tables of 5 levels in a first stage that is not there");
        require(!firstStage1G || firstStage, "pages of 1 GiB in a first stage that is not there");
        require(!nested || firstStage && secondStage, "nesting takes both stages");
        boolean any = firstStage || secondStage || pasidBits > 0 || ridPasid || dirtyTracking || extendedAccessed
                || supervisorRequests || executeRequests || snoopedWalks || abortMode || pageRequests;
        require(supported || !any, "features of scalable mode on a unit without it");
    }

    private static void require(boolean rule, String format, Object... args) {
        if (!rule) {
            throw IommuException.of(Errno.EINVAL, format, args);
        }
    }
}
