package sluicegate.pgtable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Prot;

class AmdHostTest extends PageTableFormatContract {
    private static final long THREE_SIZES = 0x1000L | 0x20_0000 | 0x4000_0000L;

    @Override
    Stream<PageTableFormat> formats() {
        // Without the largest sizes, of which too few fit beside each other.
        return Stream.concat(IntStream.rangeClosed(2, 6)
                        .mapToObj(levels -> new AmdHost(levels, AmdHost.ALL_SIZES & (1L << Math.min(10 + 9 * levels, 42)) - 1)),
                Stream.of(new AmdHost(4, THREE_SIZES)));
    }

    @Test
    void theLargestPageIsHalfOfWhatItsTableCovers() {
        for (int levels = 1; levels <= 6; levels++) {
            var table = table(new AmdHost(levels, AmdHost.ALL_SIZES));
            long size = Long.highestOneBit(table.format().pageSizes());
            assertThat(size).isEqualTo(levels >= 5 ? 1L << 51 : 1L << 11 + 9 * levels);
            assertThat(table.map(size, 0, size, 1, RW)).isEqualTo(size);
            assertThat(table.iovaToPhys(2 * size - 1)).isEqualTo(size - 1);
            assertThat(leaves(table)).hasSize(1);
            assertThat(unmap(table, size, size)).isEqualTo(size);
        }
    }

    @Test
    void entriesHaveTheBitsOfTheManual() {
        var table = table(new AmdHost(4, AmdHost.ALL_SIZES));
        long iova = 0xfeed_4000_0000L;
        table.map(iova, 0x1_2345_6000L, 0x1000, 1, Prot.READ);
        long level4 = memory().get64(table.top() + (iova >>> 39 << 3));
        assertThat(level4 & 0xfff0_0000_0000_0fffL).as("read, write, next level 3").isEqualTo(0x6000_0000_0000_0601L);
        long level3 = memory().get64((level4 & 0xf_ffff_ffff_f000L) + ((iova >>> 30 & 511) << 3));
        assertThat(level3 & 0xfff).isEqualTo(0x401);
        long level2 = memory().get64(level3 & 0xf_ffff_ffff_f000L);
        assertThat(memory().get64(level2 & 0xf_ffff_ffff_f000L)).isEqualTo(0x2000_0001_2345_6001L);
    }

    @Test
    void sizesBetweenThoseOfLevelsAreInTheAddress() {
        var format = new AmdHost(6, AmdHost.ALL_SIZES);
        assertThat(format.leaf(1, 13, 0x2000, RW)).as("8 KiB").isEqualTo(0x6000_0000_0000_2e01L);
        assertThat(format.leaf(1, 16, 0x3_0000, Prot.WRITE)).as("64 KiB").isEqualTo(0x4000_0000_0003_7e01L);
        assertThat(format.leaf(1, 20, 0x10_0000, RW)).as("1 MiB").isEqualTo(0x6000_0000_0017_fe01L);
        assertThat(format.leaf(2, 21, 0x20_0000, RW | Prot.CACHE)).as("2 MiB, next level 0").isEqualTo(0x7000_0000_0020_0001L);
        assertThat(format.leaf(2, 22, 0x40_0000, RW)).as("4 MiB").isEqualTo(0x6000_0000_005f_fe01L);
        assertThat(format.leaf(3, 38, 0, RW)).as("256 GiB").isEqualTo(0x6000_001f_ffff_fe01L);
        assertThat(format.leaf(5, 51, 0, RW)).as("2 PiB").isEqualTo(0x6003_ffff_ffff_fe01L);
        assertThat(format.isLeaf(3, format.tableEntry(3, 0x1000))).isFalse();
        assertThat(format.isLeaf(6, format.tableEntry(6, 0x1000))).isFalse();
    }

    @Test
    void aLargePageRepeatsItsEntry() {
        var table = table(new AmdHost(3, AmdHost.ALL_SIZES));
        table.map(0x1_0000, 0x5_0000, 0x1_0000, 1, RW);
        long level2 = memory().get64(table.top()) & 0xf_ffff_ffff_f000L;
        long level1 = memory().get64(level2) & 0xf_ffff_ffff_f000L;
        assertThat(LongStream.range(16, 32).map(i -> memory().get64(level1 + i * 8))).hasSize(16)
                .containsOnly(0x6000_0000_0005_7e01L);
        assertThat(memory().get64(level1 + 32 * 8)).isZero();
        assertThat(unmap(table, 0x1_4000, 0x1000)).as("a piece takes the whole page").isEqualTo(0x1_0000);
        assertThat(leaves(table)).isEmpty();
    }

    @Test
    void dirtyAndAccessedBitsOfHardwareChangeNothing() {
        var format = new AmdHost(3, AmdHost.ALL_SIZES);
        long leaf = format.leaf(1, 15, 0x8000, RW) | 0x60;
        assertThat(format.isLeaf(1, leaf)).isTrue();
        assertThat(format.leafAddress(1, leaf)).isEqualTo(0x8000);
        assertThat(format.leafShift(1, leaf)).isEqualTo(15);
    }

    @Test
    void sizesAreThoseThatTheLevelsHold() {
        assertThat(new AmdHost(3, AmdHost.ALL_SIZES).pageSizes()).isEqualTo((1L << 39) - 0x1000);
        assertThat(new AmdHost(6, AmdHost.ALL_SIZES).pageSizes()).isEqualTo(AmdHost.ALL_SIZES);
        assertThat(AmdHost.ALL_SIZES & 1L << 39).as("512 GiB is left out").isZero();
        assertThat(new AmdHost(6, AmdHost.ALL_SIZES).leafLevel(51)).as("no page in the sixth level").isEqualTo(5);
        assertThatIllegalArgumentException().isThrownBy(() -> new AmdHost(0, AmdHost.ALL_SIZES));
        assertThatIllegalArgumentException().isThrownBy(() -> new AmdHost(7, AmdHost.ALL_SIZES));
    }

    /** The kernel's test of sizes: 0x20000 bytes at a place where only the address of memory is odd. */
    @Test
    void theKernelsMisalignedRangeIsThirtyTwoSmallPages() {
        var table = table(new AmdHost(3, AmdHost.ALL_SIZES));
        assertThat(table.map(0xfef8_0000L, 0x20_8b95_d000L, 0x1000, 0x20, RW)).isEqualTo(0x2_0000);
        assertThat(table.iovaToPhys(0xfef9_f123L)).isEqualTo(0x20_8b97_c123L);
        assertThat(unmap(table, 0xfef8_0000L, 0x2_0000)).isEqualTo(0x2_0000);
    }
}
