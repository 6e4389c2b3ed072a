package sluicegate.api.driver;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class IotlbGatherTest {

    @Test
    void rangesGrowToTheSmallestOneThatHoldsThemAll() {
        var gather = new IotlbGather();
        assertThat(gather.isEmpty()).isTrue();
        gather.add(0x200000, 0x200000, 0x200000);
        gather.add(0x1000, 0x1000, 0x1000);
        assertThat(gather.start()).isEqualTo(0x1000);
        assertThat(gather.end()).isEqualTo(0x3fffff);
        assertThat(gather.pageSize()).isEqualTo(0x1000);
    }

    @Test
    void addressesAreUnsigned() {
        var gather = new IotlbGather();
        gather.add(-0x1000L, 0x1000, 0x1000);
        gather.add(0x1000, 0x1000, 0x1000);
        assertThat(gather.start()).isEqualTo(0x1000);
        assertThat(gather.end()).isEqualTo(-1L);
    }

    @Test
    void anyNumberOfTablesIsKept() {
        var gather = new IotlbGather();
        for (int i = 0; i < 100; i++) {
            gather.addTable(i * 4096L);
        }
        assertThat(gather.tableCount()).isEqualTo(100);
        assertThat(gather.table(99)).isEqualTo(99 * 4096L);
        assertThat(gather.hasTables()).isTrue();
        gather.reset();
        assertThat(gather.hasTables()).isFalse();
        assertThat(gather.isEmpty()).isTrue();
    }
}
