package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import org.junit.jupiter.api.Test;
import sluicegate.sim.smmuv3.AddressSpaceTags.Regime;

class AddressSpaceTagsTest {
    private final AddressSpaceTags tags = new AddressSpaceTags();

    @Test
    void everySpaceKeepsATagOfItsOwn() {
        var given = new HashMap<Integer, String>();
        for (var regime : Regime.values()) {
            for (int vmid : new int[] {0, 1, 0x8000, 0xffff}) {
                for (int asid = 0; asid < 0x10000; asid += 0x101) {
                    String space = regime + " " + vmid + " " + asid;
                    assertThat(given.put(tags.of(regime, vmid, asid), space)).as(space).isNull();
                }
            }
        }
        given.forEach((tag, space) -> {
            var parts = space.split(" ");
            var regime = Regime.valueOf(parts[0]);
            int vmid = Integer.parseInt(parts[1]);
            int asid = Integer.parseInt(parts[2]);
            assertThat(tags.find(regime, vmid, asid)).as(space).isEqualTo(tag);
            assertThat(tags.of(regime, vmid, asid)).as(space).isEqualTo(tag);
            assertThat(tags.of(regime).get(tag)).as(space).isTrue();
            assertThat(tags.ofVmid(vmid).get(tag)).as(space).isEqualTo(regime == Regime.EL1 || regime == Regime.NESTED);
        });
    }

    @Test
    void aSpaceThatWasNeverSeenHasNone() {
        tags.of(Regime.EL1, 3, 7);
        assertThat(tags.find(Regime.EL1, 3, 8)).isEqualTo(AddressSpaceTags.NONE);
        assertThat(tags.find(Regime.NESTED, 3, 7)).isEqualTo(AddressSpaceTags.NONE);
        assertThat(tags.ofVmid(4).isEmpty()).isTrue();
        assertThat(tags.ofVmid(0xffff).isEmpty()).isTrue();
    }

    @Test
    void aSetThatWasHandedOutDoesNotChange() {
        int one = tags.of(Regime.EL1, 3, 7);
        var before = tags.ofVmid(3);
        tags.of(Regime.EL1, 3, 8);
        assertThat(before.stream()).containsExactly(one);
        assertThat(tags.ofVmid(3).cardinality()).isEqualTo(2);
    }
}
