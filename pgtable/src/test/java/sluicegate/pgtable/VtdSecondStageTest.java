package sluicegate.pgtable;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Prot;
import sluicegate.spec.vtd.AddressWidth;

class VtdSecondStageTest extends PageTableFormatContract {
    private static final long ALL = 0x1000L | 0x20_0000L | 0x4000_0000L;

    @Override
    Stream<PageTableFormat> formats() {
        return Stream.concat(
                Stream.of(AddressWidth.values()).map(width -> new VtdSecondStage(width, ALL)),
                Stream.of(new VtdSecondStage(AddressWidth.BITS_48, 0x1000)));
    }

    @Test
    void entriesHaveTheBitsOfTheManual() {
        var table = table(new VtdSecondStage(AddressWidth.BITS_48, ALL));
        long iova = 0x7eed_4000_0000L;
        table.map(iova, 0x1_2345_6000L, 0x1000, 1, Prot.READ);
        long level4 = memory().get64(table.top() + (iova >>> 39 << 3));
        assertThat(level4 & 0xfff).as("read and write, no page").isEqualTo(3);
        long level3 = memory().get64((level4 & -4096) + ((iova >>> 30 & 511) << 3));
        assertThat(level3 & 0xfff).isEqualTo(3);
        long level2 = memory().get64(level3 & -4096);
        assertThat(memory().get64(level2 & -4096)).isEqualTo(0x1_2345_6001L);
        table.map(0x20_0000, 0x40_0000, 0x20_0000, 1, Prot.WRITE);
        table.map(0x4000_0000, 0x8000_0000L, 0x4000_0000, 1, RW | Prot.CACHE);
        long first3 = memory().get64(table.top()) & -4096;
        assertThat(memory().get64(first3 + 8)).as("1 GiB: SNP, PS, W, R").isEqualTo(0x8000_0883L);
        assertThat(memory().get64((memory().get64(first3) & -4096) + 8)).as("2 MiB: PS, W").isEqualTo(0x40_0082L);
    }

    /** The range of the kernel's test for the choice of page sizes, mapped with the largest that fit. */
    @Test
    void anIdentityRangeOfTwoGigabytesTakesTwentyLeaves() {
        var table = table(new VtdSecondStage(AddressWidth.BITS_48, ALL));
        long start = 0x3_fe40_0000L;
        long end = 0x4_c060_0000L;
        for (long at = start; at < end;) {
            long size = 0x4000_0000;
            while ((at & size - 1) != 0 || end - at < size) {
                size >>>= 9;
            }
            table.map(at, at, size, 1, RW);
            at += size;
        }
        assertThat(leaves(table)).hasSize(20).allMatch(leaf -> leaf.iova() == leaf.address());
        assertThat(unmap(table, start, end - start)).isEqualTo(end - start);
        assertThat(leaves(table)).isEmpty();
    }

    @Test
    void theKernelsMisalignedRangeIsThirtyTwoSmallPages() {
        var table = table(new VtdSecondStage(AddressWidth.BITS_39, ALL));
        assertThat(table.map(0xfef8_0000L, 0x20_8b95_d000L, 0x1000, 0x20, RW)).isEqualTo(0x2_0000);
        assertThat(leaves(table)).hasSize(32);
        assertThat(table.iovaToPhys(0xfef9_f123L)).isEqualTo(0x20_8b97_c123L);
        assertThat(unmap(table, 0xfef8_0000L, 0x2_0000)).isEqualTo(0x2_0000);
    }
}
