package sluicegate.sim.smmuv3;

import java.util.Arrays;
import java.util.BitSet;
import sluicegate.sim.cache.KeyNumbers;
import sluicegate.sim.cache.TranslationCache;

/**
 * Numbers for what TLB entries belong to (3.17): a translation regime with its VMID and ASID as far as it has them. A number is
 * given when such a configuration is first decoded and never given to another, so a request under way cannot meet a
 * stranger's pages; when all are given away, translations of further address spaces are not cached.
 *
 * <p>Thread-safe. Only a new number allocates.
 */
final class AddressSpaceTags {
    /** A tag with which nothing is cached. */
    static final int NONE = (1 << TranslationCache.TAG_BITS) - 1;

    /** Translation regimes of the Non-secure state. */
    enum Regime {
        /** Stage 1 of EL1 alone, with VMID and ASID. */
        EL1,
        /** Both stages in one, with VMID and ASID. */
        NESTED,
        /** Stage 1 of EL2, without either. */
        EL2,
        /** Stage 1 of EL2 with E2H, with ASID. */
        EL2_E2H,
        /** Stage 2, with VMID. */
        STAGE2
    }

    private static final int REGIMES = Regime.values().length;
    private static final int VMIDS = 1 << 16;

    private final KeyNumbers spaces = new KeyNumbers();
    private final BitSet empty = new BitSet();
    /** The tags of EL1 and of both stages in one, by VMID. Sets are replaced and not changed, so that whoever has one may keep it. */
    private BitSet[] byVmid = {};
    /** The same by regime. */
    private final BitSet[] byRegime = new BitSet[REGIMES];

    AddressSpaceTags() {
        Arrays.fill(byRegime, empty);
    }

    /** The tag of an address space, made if need be. */
    synchronized int of(Regime regime, int vmid, int asid) {
        int known = find(regime, vmid, asid);
        if (known != NONE) {
            return known;
        }
        int tag = spaces.count();
        if (tag >= NONE) {
            return NONE;
        }
        byRegime[regime.ordinal()] = with(byRegime[regime.ordinal()], tag);
        if (regime == Regime.EL1 || regime == Regime.NESTED) {
            if (vmid >= byVmid.length) {
                int old = byVmid.length;
                byVmid = Arrays.copyOf(byVmid, Math.min(VMIDS, Math.max(1, Integer.highestOneBit(vmid) * 2)));
                Arrays.fill(byVmid, old, byVmid.length, empty);
            }
            byVmid[vmid] = with(byVmid[vmid], tag);
        }
        spaces.add(space(regime, vmid, asid));
        return tag;
    }

    /** The tag of an address space, {@link #NONE} if it has none. Takes no lock. */
    int find(Regime regime, int vmid, int asid) {
        int known = spaces.find(space(regime, vmid, asid));
        return known == KeyNumbers.NONE ? NONE : known;
    }

    /** The tags of all that goes through a stage 1 of EL1 with a VMID. Not to be changed. */
    synchronized BitSet ofVmid(int vmid) {
        return vmid < byVmid.length ? byVmid[vmid] : empty;
    }

    /** The tags of a regime. Not to be changed. */
    synchronized BitSet of(Regime regime) {
        return byRegime[regime.ordinal()];
    }

    private static BitSet with(BitSet tags, int tag) {
        var more = (BitSet) tags.clone();
        more.set(tag);
        return more;
    }

    private static long space(Regime regime, int vmid, int asid) {
        return (long) regime.ordinal() << 32 | (long) vmid << 16 | asid;
    }
}
