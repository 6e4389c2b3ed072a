package sluicegate.sim.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import org.junit.jupiter.api.Test;

class DomainTagsTest {
    private final DomainTags tags = new DomainTags();

    @Test
    void eachPairKeepsATagOfItsOwnThatIsNoDomain() {
        var seen = new HashSet<Integer>();
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 1000; i++) {
                seen.add(tags.of(i % 7 * 0x2492, i * 0x419));
            }
        }
        assertThat(seen).hasSize(1000).allMatch(tag -> tag > 0xffff && tag < DomainTags.NONE);
        assertThat(tags.find(3 * 0x2492, 10 * 0x419)).isEqualTo(tags.of(3 * 0x2492, 10 * 0x419));
        assertThat(tags.ofDomain(3 * 0x2492).get(tags.find(3 * 0x2492, 10 * 0x419))).isTrue();
        assertThat(tags.find(3 * 0x2492, 11 * 0x419)).as("a pair that was never met").isEqualTo(DomainTags.NONE);
    }
}
