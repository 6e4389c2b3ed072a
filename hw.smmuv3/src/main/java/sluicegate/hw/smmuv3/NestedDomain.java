package sluicegate.hw.smmuv3;

import java.util.List;
import java.util.Map;
import sluicegate.api.driver.DeviceContext;
import sluicegate.api.driver.DomainType;
import sluicegate.api.types.Errno;
import sluicegate.api.types.GuestInvalidation;
import sluicegate.api.types.Hex;
import sluicegate.api.types.IommuException;
import sluicegate.spec.smmuv3.StreamTableEntry;

/**
 * A guest's stream table entry on top of a parent of stage 2 ({@code arm_smmu_make_nested_domain_ste} and {@code
 * arm_smmu_validate_vste}). The guest may say what belongs to stage 1, and nothing else: of words 0 and 1 of its entry V,
 * Config, S1Fmt, S1ContextPtr, S1CDMax, S1DSS, the attributes of descriptor fetches, S1STALLD and EATS.
 */
final class NestedDomain extends Smmuv3Domain {
    private static final int GUEST_WORDS = 2;
    private static final long ALLOWED_0 = StreamTableEntry.V.mask() | StreamTableEntry.CONFIG.mask()
            | StreamTableEntry.S1FMT.mask() | StreamTableEntry.S1CONTEXTPTR.mask() | StreamTableEntry.S1CDMAX.mask();
    private static final long ALLOWED_1 = StreamTableEntry.S1DSS.mask() | StreamTableEntry.S1CIR.mask()
            | StreamTableEntry.S1COR.mask() | StreamTableEntry.S1CSH.mask() | StreamTableEntry.S1STALLD.mask()
            | StreamTableEntry.EATS.mask();

    private final Stage2Domain parent;
    private final long word0;
    private final long word1;
    private final int config;

    /** @throws IommuException EINVAL for other than two words or a parent that is none; EIO for what a guest may not say */
    NestedDomain(Stage2Domain parent, List<Long> guestEntry) {
        super(parent.unit());
        this.parent = parent;
        if (guestEntry.size() != GUEST_WORDS) {
            throw IommuException.of(Errno.EINVAL, "%s: a guest's stream table entry is given by its first two words, not by %d",
                    unit().name(), guestEntry.size());
        }
        boolean valid = StreamTableEntry.V.isSet(guestEntry.get(0));
        this.word0 = valid ? guestEntry.get(0) : 0;
        this.word1 = valid ? guestEntry.get(1) : 0;
        this.config = (int) StreamTableEntry.CONFIG.get(word0);
        long eats = StreamTableEntry.EATS.get(word1);
        if ((word0 & ~ALLOWED_0) != 0 || (word1 & ~ALLOWED_1) != 0) {
            throw IommuException.of(Errno.EIO, "%s: a guest's stream table entry %s %s sets what only its host may set: %s %s",
                    unit().name(), Hex.of(word0), Hex.of(word1), Hex.of(word0 & ~ALLOWED_0), Hex.of(word1 & ~ALLOWED_1));
        }
        if (config != StreamTableEntry.CONFIG_ABORT && config != StreamTableEntry.CONFIG_BYPASS
                && config != StreamTableEntry.CONFIG_S1) {
            throw IommuException.of(Errno.EIO, "%s: a guest's stream table entry has Config %d; it may abort (0), bypass (4) or use "
                    + "stage 1 (5)", unit().name(), config);
        }
        if (eats != StreamTableEntry.EATS_ABORT && eats != StreamTableEntry.EATS_FULL) {
            throw IommuException.of(Errno.EIO, "%s: a guest's stream table entry has EATS %d; only no ATS (0) and full ATS (1) are "
                    + "offered", unit().name(), eats);
        }
    }

    @Override
    public DomainType type() {
        return DomainType.NESTED;
    }

    @Override
    long[] streamEntry(Master master, boolean ats) {
        if (config == StreamTableEntry.CONFIG_ABORT) {
            return StreamEntries.abort();
        }
        long[] stage2 = parent.streamEntry(master, ats);
        return config == StreamTableEntry.CONFIG_BYPASS ? stage2 : unit().entries().nested(stage2, word0, word1, ats);
    }

    @Override
    public GuestInvalidation invalidateGuest(List<Long> commands, Map<Integer, DeviceContext> devices) {
        return new GuestCommands(unit(), parent.vmid(), devices).carryOut(commands);
    }

    @Override
    boolean allowsSubstreams() {
        return false;
    }

    /** A guest that wants no ATS gets none. */
    @Override
    boolean translates() {
        return config == StreamTableEntry.CONFIG_BYPASS
                || config == StreamTableEntry.CONFIG_S1 && StreamTableEntry.EATS.get(word1) == StreamTableEntry.EATS_FULL;
    }

    @Override
    void acquire() {
        parent.acquire();
    }

    @Override
    void release() {
        parent.release();
    }

    @Override
    void addCaches(int[] sids, int ssid) {
        parent.addTargets(InvalidationTarget.devices(sids, ssid, true));
    }

    @Override
    void removeCaches(int[] sids, int ssid) {
        parent.removeTargets(InvalidationTarget.devices(sids, ssid, true));
    }
}
