package sluicegate.hw.vtd;

import java.util.Optional;
import sluicegate.spec.vtd.AddressWidth;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.PasidTranslationType;

/**
 * The words of a PASID table entry that are not reserved as a whole (section 9.6). Immutable.
 *
 * <p>Walks snoop in all of them where that is a choice (ECAP.SMPWCS): page tables are written through processors' caches.
 *
 * @param word0 bits 63:0
 * @param word1 bits 127:64
 * @param word2 bits 191:128
 */
record PasidWords(long word0, long word1, long word2) {
    static final int WORDS = 3;
    /** Lets nothing pass. */
    static final PasidWords NONE = new PasidWords(0, 0, 0);
    /** Lets nothing pass, and what it refuses is not recorded. */
    static final PasidWords SILENT = new PasidWords(PasidEntry.FPD.mask(), 0, 0);

    private static PasidWords of(PasidTranslationType type, int domainId, VtdCapabilities capabilities) {
        long word1 = PasidEntry.DID.set(0, domainId);
        return new PasidWords(PasidEntry.P.mask() | PasidEntry.PGTT.set(0, type.code()),
                PasidEntry.PWSNP.set(word1, capabilities.snoopedWalks() ? 1 : 0), 0);
    }

    /**
     * The first stage translates. Hardware does not look at AW then, but QEMU 10 takes it for the width of a canonical address; the
     * kernel sets it to the largest supported one as well ({@code pasid_pte_config_first_level}).
     */
    static PasidWords firstStage(int domainId, long top, FirstStageMode mode, VtdCapabilities capabilities) {
        return of(PasidTranslationType.FIRST_STAGE, domainId, capabilities).withWidth(capabilities.maxWidth()).withFirstStage(top, mode);
    }

    /** The second stage translates. */
    static PasidWords secondStage(int domainId, long top, VtdCapabilities capabilities) {
        return of(PasidTranslationType.SECOND_STAGE, domainId, capabilities).withSecondStage(top, capabilities);
    }

    /** The first stage translates, and the second what comes out of it. */
    static PasidWords nested(int domainId, long first, FirstStageMode mode, long second, VtdCapabilities capabilities) {
        return of(PasidTranslationType.NESTED, domainId, capabilities).withFirstStage(first, mode)
                .withSecondStage(second, capabilities);
    }

    /** Addresses are physical ones. The manual wants the largest supported width, although no table is walked. */
    static PasidWords passThrough(VtdCapabilities capabilities) {
        return of(PasidTranslationType.PASS_THROUGH, DomainIds.PASS_THROUGH, capabilities).withWidth(capabilities.maxWidth());
    }

    private PasidWords withWidth(AddressWidth width) {
        return new PasidWords(PasidEntry.AW.set(word0, width.code()), word1, word2);
    }

    private PasidWords withFirstStage(long top, FirstStageMode mode) {
        return new PasidWords(word0, word1, PasidEntry.FSPM.set(PasidEntry.FSPTPTR.setInPlace(word2, top), mode.code()));
    }

    private PasidWords withSecondStage(long top, VtdCapabilities capabilities) {
        return withWidth(capabilities.width()).withSecondTop(top);
    }

    private PasidWords withSecondTop(long top) {
        return new PasidWords(PasidEntry.SSPTPTR.setInPlace(word0, top), word1, word2);
    }

    /** The same with accesses to pages that snoop (ECAP.SC). */
    PasidWords snooping(boolean on) {
        return new PasidWords(word0, PasidEntry.PGSNP.set(word1, on ? 1 : 0), word2);
    }

    /** The same with dirty bits in the second stage (ECAP.SSADS). */
    PasidWords trackingDirty(boolean on) {
        return new PasidWords(PasidEntry.SSADE.set(word0, on ? 1 : 0), word1, word2);
    }

    /** The same with more bits of the third word. */
    PasidWords with(long bitsOfWord2) {
        return new PasidWords(word0, word1, word2 | bitsOfWord2);
    }

    boolean isPresent() {
        return PasidEntry.P.isSet(word0);
    }

    int domainId() {
        return (int) PasidEntry.DID.get(word1);
    }

    /** Whether what it leads to is cached under its domain id alone; otherwise under domain id and PASID. */
    boolean cachedByDomain() {
        var type = type();
        return type.isEmpty() || type.get() == PasidTranslationType.SECOND_STAGE || type.get() == PasidTranslationType.NESTED;
    }

    Optional<PasidTranslationType> type() {
        return PasidTranslationType.of(PasidEntry.PGTT.get(word0));
    }

    /** In how many words two entries differ. */
    int differences(PasidWords other) {
        return (word0 == other.word0 ? 0 : 1) + (word1 == other.word1 ? 0 : 1) + (word2 == other.word2 ? 0 : 1);
    }
}
