package sluicegate.sim.smmuv3;

import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import sluicegate.sim.cache.TranslationCache;

/**
 * Numbers for what TLB entries belong to (3.17): a translation regime with its VMID and ASID as far as it has them. A number is
 * given when such a configuration is first decoded and never given to another, so a request under way cannot meet a
 * stranger's pages; when all are given away, translations of further address spaces are not cached.
 *
 * <p>Thread-safe.
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

    private record Space(Regime regime, int vmid, int asid) {}

    private final Map<Space, Integer> numbers = new HashMap<>();
    /** The tags of EL1 and of both stages in one, by VMID. */
    private final Map<Integer, BitSet> byVmid = new HashMap<>();
    private final Map<Regime, BitSet> byRegime = new HashMap<>();

    /** The tag of an address space, made if need be. */
    synchronized int of(Regime regime, int vmid, int asid) {
        var space = new Space(regime, vmid, asid);
        var known = numbers.get(space);
        if (known != null) {
            return known;
        }
        int tag = numbers.size();
        if (tag >= NONE) {
            return NONE;
        }
        numbers.put(space, tag);
        byRegime.computeIfAbsent(regime, key -> new BitSet()).set(tag);
        if (regime == Regime.EL1 || regime == Regime.NESTED) {
            byVmid.computeIfAbsent(vmid, key -> new BitSet()).set(tag);
        }
        return tag;
    }

    /** The tag of an address space that has one. */
    synchronized Optional<Integer> find(Regime regime, int vmid, int asid) {
        return Optional.ofNullable(numbers.get(new Space(regime, vmid, asid)));
    }

    /** The tags of all that goes through a stage 1 of EL1 with a VMID. */
    synchronized BitSet ofVmid(int vmid) {
        return copy(byVmid.get(vmid));
    }

    /** The tags of a regime. */
    synchronized BitSet of(Regime regime) {
        return copy(byRegime.get(regime));
    }

    private static BitSet copy(BitSet tags) {
        return tags == null ? new BitSet() : (BitSet) tags.clone();
    }
}
