package sluicegate.pgtable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.api.driver.DriverDomain.NOT_MAPPED;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.IotlbGather;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** A table that gets levels as it needs them, on AMD's host format. */
class GrowingPageTableTest {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final long MEMORY = 64L << 20;

    private final ArrayMemory memory = new ArrayMemory(MEMORY, MEMORY);
    private final TestArena arena = new TestArena(memory, MEMORY, MEMORY);
    private final List<PageTable> grown = new ArrayList<>();
    private RuntimeException refusal;
    private final GrowingPageTable table = new GrowingPageTable(levels -> new AmdHost(levels, AmdHost.ALL_SIZES), 3, 6,
            memory, arena, gather -> this.table().freeTables(gather), this::changed);

    private GrowingPageTable table() {
        return table;
    }

    private void changed(PageTable now) {
        grown.add(now);
        if (refusal != null) {
            throw refusal;
        }
    }

    @AfterEach
    void everyTableIsGivenBack() {
        table.free();
        assertThat(arena.allocatedBytes()).isZero();
    }

    @Test
    void mappingAboveTheWidthAddsLevelsOneByOne() {
        table.map(0x7f_ffff_f000L, 0x1000, 0x1000, 1, RW);
        assertThat(grown).as("39 bits are enough").isEmpty();
        table.map(0x80_0000_0000L, 0x2000, 0x1000, 1, RW);
        assertThat(grown).hasSize(1).first().isSameAs(table.current());
        table.map(1L << 60, 0x3000, 0x1000, 1, RW);
        assertThat(table.current().format().levels()).isEqualTo(6);
        assertThat(grown).extracting(t -> t.format().levels()).containsExactly(4, 5, 6);
        assertThat(table.iovaToPhys(0x7f_ffff_f000L)).isEqualTo(0x1000);
        assertThat(table.iovaToPhys(0x80_0000_0000L)).isEqualTo(0x2000);
        assertThat(table.iovaToPhys(1L << 60)).isEqualTo(0x3000);
    }

    @Test
    void theOldTopIsTheFirstTableOfTheNew() {
        table.map(0x1000, 0x1000, 0x1000, 1, RW);
        PageTable old = table.current();
        table.map(0x80_0000_0000L, 0x2000, 0x1000, 1, RW);
        assertThat(memory.get64(table.current().top()) & 0xf_ffff_ffff_f000L).isEqualTo(old.top());
        assertThat(old.iovaToPhys(0x1000)).as("hardware that still walks the old top").isEqualTo(0x1000);
        table.map(0x2000, 0x5000, 0x1000, 1, RW);
        assertThat(old.iovaToPhys(0x2000)).as("and what is mapped after that below").isEqualTo(0x5000);
    }

    @Test
    void aRangeThatOnlyEndsAboveTheWidthGrowsToo() {
        assertThat(table.map(0x7f_ffff_f000L, 0x1000, 0x1000, 2, RW)).isEqualTo(0x2000);
        assertThat(grown).hasSize(1);
        assertThat(table.iovaToPhys(0x80_0000_0000L)).isEqualTo(0x2000);
    }

    @Test
    void aPageThatIsLargerThanTheTableGrows() {
        assertThat(table.map(0, 0, 1L << 40, 1, RW)).isEqualTo(1L << 40);
        assertThat(table.current().format().levels()).isEqualTo(4);
        assertThat(table.iovaToPhys(0x8f_1234_5678L)).isEqualTo(0x8f_1234_5678L);
    }

    @Test
    void nothingIsMappedBeyondTheWidth() {
        var gather = new IotlbGather();
        assertThat(table.iovaToPhys(1L << 45)).isEqualTo(NOT_MAPPED);
        assertThat(table.unmap(1L << 45, 0x1000, gather)).isZero();
        table.map(0x7f_ffff_f000L, 0x1000, 0x1000, 1, RW);
        assertThat(table.unmap(0x7f_ffff_f000L, 0x2000, gather)).as("up to the width").isEqualTo(0x1000);
        assertThat(grown).isEmpty();
        table.freeTables(gather);
    }

    @Test
    void whatCanNeverBeMappedDoesNotGrow() {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> table.map(1L << 63, 0, 0x1000, 1, RW))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> table.map(1L << 45, 0, 0x1800, 1, RW))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL));
        assertThat(grown).isEmpty();
    }

    @Test
    void aMapWhoseNewTopIsRefusedFailsAndTheNextTriesTheSameTable() {
        refusal = new IllegalStateException("device table can't be written");
        assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> table.map(1L << 40, 0, 0x1000, 1, RW));
        assertThat(table.current().format().levels()).isEqualTo(3);
        refusal = null;
        table.map(1L << 40, 0, 0x1000, 1, RW);
        assertThat(grown).hasSize(2);
        assertThat(grown.get(0)).isSameAs(grown.get(1));
    }

    @Test
    void anUnmapOfAllTakesTheOldTopOut() {
        table.map(0x1000, 0x1000, 0x1000, 1, RW);
        table.map(0x80_0000_0000L, 0x2000, 0x1000, 1, RW);
        var gather = new IotlbGather();
        assertThat(table.unmap(0x1000, 0x1000, gather)).isEqualTo(0x1000);
        assertThat(table.unmap(0x80_0000_0000L, 0x1000, gather)).isEqualTo(0x1000);
        table.map(0, 0, 0x4000_0000, 512, RW);
        assertThat(table.unmap(0, 1L << 39, gather)).isEqualTo(1L << 39);
        assertThat(memory.get64(table.current().top())).as("the first table of the new top").isZero();
        table.freeTables(gather);
        table.map(0x1000, 0x3000, 0x1000, 1, RW);
        assertThat(table.iovaToPhys(0x1000)).isEqualTo(0x3000);
    }
}
