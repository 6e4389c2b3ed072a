package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.sim.cache.CacheEpoch;
import sluicegate.sim.cache.TranslationCache;
import sluicegate.sim.smmuv3.AddressSpaceTags.Regime;

/** A request that is under way while a command is carried out brings nothing back. */
class TlbInvalidationsTest {
    private static final long IOVA = 0x1000;

    private final CacheEpoch epoch = new CacheEpoch();
    private final AddressSpaceTags tags = new AddressSpaceTags();
    private final Tlb tlb = new Tlb(epoch, Smmuv3Capabilities.FULL);
    private final TlbInvalidations invalidations = new TlbInvalidations(tlb, tags, Smmuv3Capabilities.FULL);

    static Stream<Arguments> commands() {
        return Stream.of(
                command("TLBI_NH_ALL", tlb -> tlb.allOfVmid(3)),
                command("TLBI_NH_ASID", tlb -> tlb.asid(3, 7)),
                command("TLBI_NH_VA", tlb -> tlb.addresses(3, 7, IOVA, IOVA, Tlb.ALL_SIZES, true)),
                command("TLBI_NH_VAA", tlb -> tlb.addressesOfAllAsids(3, IOVA, IOVA, Tlb.ALL_SIZES, true)),
                command("TLBI_EL2_ALL", TlbInvalidations::allOfEl2),
                command("TLBI_EL2_ASID", tlb -> tlb.asidOfEl2(7)),
                command("TLBI_EL2_VA", tlb -> tlb.addressesOfEl2(7, true, IOVA, IOVA, Tlb.ALL_SIZES, true)),
                command("TLBI_EL2_VAA", tlb -> tlb.addressesOfEl2AllAsids(true, IOVA, IOVA, Tlb.ALL_SIZES, true)),
                command("TLBI_S2_IPA", tlb -> tlb.intermediateAddresses(3, IOVA, IOVA, Tlb.ALL_SIZES, true)),
                command("TLBI_S12_VMALL", tlb -> tlb.allStagesOfVmid(3)),
                command("TLBI_NSNH_ALL", TlbInvalidations::allButEl2));
    }

    private static Arguments command(String name, Consumer<TlbInvalidations> command) {
        return Arguments.of(name, command);
    }

    /** Also if nothing was known of its address space when the command came; global pages belong to those of others. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("commands")
    void whatWasReadBeforeACommandIsNotKeptAfterIt(String name, Consumer<TlbInvalidations> command) {
        long since = epoch.current();
        command.accept(invalidations);
        int tag = tags.of(Regime.EL1, 3, 8);
        tlb.fill(tag, IOVA, LeafWord.page(0x70_0000, Granule.SHIFT_4K, StreamAccess.ALL | LeafWord.GLOBAL), since);
        tlb.walks().fill(tag, Granule.SHIFT_4K, IOVA, 0x20_0000, 0, since);
        assertThat(tlb.find(tag, 0, IOVA)).isEqualTo(TranslationCache.NONE);
        assertThat(tlb.walks().find(tag, Granule.SHIFT_4K, IOVA)).isEqualTo(WalkCache.NONE);
    }
}
