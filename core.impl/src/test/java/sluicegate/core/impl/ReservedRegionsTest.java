package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.ReservedRegion;
import sluicegate.api.types.ReservedRegion.Type;

class ReservedRegionsTest {
    private static ReservedRegion region(long start, long end, Type type) {
        return new ReservedRegion(start, end - start + 1, 3, type);
    }

    @Test
    void regionsOfOneTypeThatOverlapOrTouchBecomeOne() {
        assertThat(ReservedRegions.merge(List.of(
                region(0x5000, 0x5fff, Type.DIRECT), region(0x1000, 0x1fff, Type.DIRECT), region(0x2000, 0x2fff, Type.DIRECT),
                region(0x2800, 0x3fff, Type.DIRECT), region(0x2000, 0x8fff, Type.RESERVED))))
                .containsExactly(region(0x1000, 0x3fff, Type.DIRECT), region(0x2000, 0x8fff, Type.RESERVED),
                        region(0x5000, 0x5fff, Type.DIRECT));
    }

    @Test
    void ofOneStartTheTypesKeepTheirOrderAndBothMsiKindsStayApart() {
        var sw = region(0xfee00000L, 0xfeefffffL, Type.SW_MSI);
        var hw = region(0xfee00000L, 0xfeefffffL, Type.MSI);
        assertThat(ReservedRegions.merge(List.of(sw, hw))).containsExactly(hw, sw);
    }

    @Test
    void theTopOfTheAddressSpaceTouchesNothingAtTheBottom() {
        var top = region(-0x1000L, -1L, Type.RESERVED);
        var bottom = region(0, 0xfff, Type.RESERVED);
        assertThat(ReservedRegions.merge(List.of(top, bottom))).containsExactly(bottom, top);
        var half = List.of(region(0, Long.MAX_VALUE, Type.RESERVED), region(Long.MIN_VALUE, -1L, Type.RESERVED));
        assertThat(ReservedRegions.merge(half)).isEqualTo(half);
    }

    @Test
    void aDirectRegionAllowsItsOwnMappingAndARelaxableOneAny() {
        var direct = List.of(region(0x5000, 0x5fff, Type.DIRECT));
        assertThat(ReservedRegions.conflict(direct, 0x4000, 0x4000, 0x4000)).isEmpty();
        assertThat(ReservedRegions.conflict(direct, 0x4000, 0x5000, 0x4000)).isPresent();
        assertThat(ReservedRegions.conflict(List.of(region(0x5000, 0x5fff, Type.DIRECT_RELAXABLE)), 0x5000, 0, 0x1000)).isEmpty();
    }
}
