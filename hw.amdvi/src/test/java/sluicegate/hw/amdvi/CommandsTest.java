package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.InvalidateIommuPagesCommand;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;

/** Words written by hand after sections 2.4.1 to 2.4.8, and the size encoding against the manual's rule. */
class CommandsTest {

    @Test
    void commandsAreAsTheManualLaysThemOut() {
        assertThat(Commands.waitAndStore(0x12_3456_7008L)).isEqualTo(0x1000_0012_3456_7009L);
        assertThat(Commands.barrier()).isEqualTo(0x1000_0000_0000_0004L);
        assertThat(Commands.deviceEntry(0x0118)).isEqualTo(0x2000_0000_0000_0118L);
        assertThat(Commands.interruptTable(0x0118)).isEqualTo(0x5000_0000_0000_0118L);
        assertThat(Commands.everything()).isEqualTo(0x8000_0000_0000_0000L);
        assertThat(Commands.pages(0xabcd, Pasid.NONE)).isEqualTo(0x3000_abcd_0000_0000L);
        assertThat(Commands.pages(0xabcd, 0x12345)).isEqualTo(0x3000_abcd_0001_2345L);
        assertThat(Commands.allPagesHigh(Pasid.NONE)).isEqualTo(0x7fff_ffff_ffff_f003L);
        assertThat(Commands.allPagesHigh(0)).isEqualTo(0x7fff_ffff_ffff_f007L);
        assertThat(Commands.deviceTlb(0x0118, 0x20, Pasid.NONE)).isEqualTo(0x4000_0118_2000_0118L);
        assertThat(Commands.deviceTlb(0x0118, 0x20, 0x12345)).isEqualTo(0x4145_0118_2023_0118L);
        assertThat(Commands.wholeDeviceTlbHigh(5)).isEqualTo(0x7fff_ffff_ffff_f005L);
        assertThat(Commands.pageResponse(0x0118, 0x12345)).isEqualTo(0x7001_2345_0000_0118L);
        assertThat(Commands.pageResponseHigh(0x12345, 0x1ff, 0xf)).isEqualTo(0x0000_f1ff_0000_0004L);
        assertThat(Commands.pageResponseHigh(Pasid.NONE, 3, 0)).isEqualTo(0x0000_0003_0000_0000L);
    }

    @Test
    void onePageHasNoSize() {
        assertThat(Commands.pagesHigh(0x1234_5000L, 0x1234_5fffL, Pasid.NONE, false)).isEqualTo(0x1234_5000L);
        assertThat(Commands.pagesHigh(0x1234_5008L, 0x1234_5010L, 7, true)).isEqualTo(0x1234_5006L);
    }

    @Test
    void theLowestZeroBitTellsTheSize() {
        assertThat(Commands.pagesHigh(0x2000, 0x3fff, Pasid.NONE, false)).as("8 KiB").isEqualTo(0x2001);
        assertThat(Commands.pagesHigh(0x4000, 0x7fff, Pasid.NONE, false)).as("16 KiB").isEqualTo(0x5001);
        assertThat(Commands.pagesHigh(0x20_0000, 0x3f_ffff, Pasid.NONE, false)).as("2 MiB").isEqualTo(0x2f_f001L);
        assertThat(Commands.pagesHigh(0x1000, 0x2fff, Pasid.NONE, false)).as("two pages that are not aligned").isEqualTo(0x1001);
        assertThat(Commands.deviceTlbHigh(0x4000, 0x7fff, 3)).isEqualTo(0x5005);
        assertThat(Commands.pagesHigh(0, -1L, Pasid.NONE, true)).as("everything").isEqualTo(Commands.allPagesHigh(Pasid.NONE));
        assertThat(Commands.pagesHigh(0, 1L << 52, Pasid.NONE, true)).isEqualTo(Commands.allPagesHigh(Pasid.NONE));
    }

    @Test
    void whateverTheRangeItIsCoveredByTheSmallestBlockThatCan() {
        var random = new Random(6);
        for (int i = 0; i < 10_000; i++) {
            long first = random.nextLong() >>> 12 + random.nextInt(40) & -4096L;
            long last = first + (random.nextLong() >>> 16 + random.nextInt(40) & (1L << 50) - 1);
            long high = Commands.pagesHigh(first, last, Pasid.NONE, false);
            long start;
            long size;
            if (InvalidateIommuPagesCommand.S.isSet(high)) {
                long address = InvalidateIommuPagesCommand.ADDRESS.inPlace(high);
                size = 1L << Long.numberOfTrailingZeros(~(address | 0xfff)) + 1;
                start = address & -size;
            } else {
                size = 4096;
                start = InvalidateIommuPagesCommand.ADDRESS.inPlace(high);
            }
            if (high != Commands.allPagesHigh(Pasid.NONE) - 2) {
                assertThat(start).isLessThanOrEqualTo(first);
                assertThat(start + size - 1).isGreaterThanOrEqualTo(last);
                assertThat(size == 4096 || (first & size / 2) != (last & size / 2)).as("no smaller one does").isTrue();
            }
        }
    }

    @Test
    void thePasidOfADeviceTlbCommandIsReadBackWhole() {
        for (int pasid : new int[] {0, 1, 0xff, 0x100, 0xffff, 0xfffff}) {
            long low = Commands.deviceTlb(0xffff, 32, pasid);
            assertThat(InvalidateIotlbPagesCommand.pasid(low)).isEqualTo(pasid);
            assertThat(CommandCode.of(low)).isEqualTo(CommandCode.INVALIDATE_IOTLB_PAGES);
        }
    }
}
