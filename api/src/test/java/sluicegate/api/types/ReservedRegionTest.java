package sluicegate.api.types;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ReservedRegionTest {
    private static final ReservedRegion MSI =
            new ReservedRegion(0xfee00000L, 0x100000, Prot.WRITE, ReservedRegion.Type.MSI);

    @Test
    void itPrintsAsTheKernelDoes() {
        assertThat(MSI).hasToString("0x00000000fee00000 0x00000000feefffff msi");
    }

    @Test
    void neighboursDoNotOverlap() {
        assertThat(MSI.overlaps(0xfedff000L, 0x1000)).isFalse();
        assertThat(MSI.overlaps(0xfedff000L, 0x1001)).isTrue();
        assertThat(MSI.overlaps(0xfeefffffL, 1)).isTrue();
        assertThat(MSI.overlaps(0xfef00000L, 0x1000)).isFalse();
        assertThat(MSI.overlaps(0xfee00000L, 0)).isFalse();
    }

    @Test
    void itMayEndAtTheTopOfTheAddressSpaceButNotPassIt() {
        var top = new ReservedRegion(-0x1000L, 0x1000, 0, ReservedRegion.Type.RESERVED);
        assertThat(top.end()).isEqualTo(-1L);
        assertThat(top.overlaps(-1L, 1)).isTrue();
        assertThatThrownBy(() -> new ReservedRegion(-0x1000L, 0x1001, 0, ReservedRegion.Type.RESERVED))
                .isInstanceOf(IommuException.class);
        assertThatThrownBy(() -> new ReservedRegion(0, 0, 0, ReservedRegion.Type.RESERVED))
                .isInstanceOf(IommuException.class);
    }
}
