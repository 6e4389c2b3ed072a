package sluicegate.pgtable;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import sluicegate.api.types.Prot;

/** Tables of both stages, with all granules, against the contract and against entries that kernels wrote. */
class ArmLpaeTest {
    private static final long CONTIGUOUS_4K = ArmLpae.SIZES_4K | 1L << 16 | 1L << 25;
    private static final long CONTIGUOUS_16K = ArmLpae.SIZES_16K | 1L << 21;
    private static final long CONTIGUOUS_64K = ArmLpae.SIZES_64K | 1L << 21;

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class StageOne extends PageTableFormatContract {
        @Override
        Stream<PageTableFormat> formats() {
            return Stream.of(
                    ArmLpae.stage1(12, 48, 48, ArmLpae.SIZES_4K),
                    ArmLpae.stage1(12, 39, 40, ArmLpae.SIZES_4K),
                    ArmLpae.stage1(12, 32, 44, CONTIGUOUS_4K),
                    ArmLpae.stage1(14, 47, 48, CONTIGUOUS_16K),
                    ArmLpae.stage1(16, 48, 52, CONTIGUOUS_64K),
                    ArmLpae.stage1WithDirtyState(12, 48, 48, ArmLpae.SIZES_4K));
        }

        @Override
        int granted(int prot) {
            return prot | Prot.READ;
        }

        @Test
        void entriesAreThoseOfAKernel() {
            var table = table(ArmLpae.stage1(12, 48, 44, ArmLpae.SIZES_4K));
            table.map(0xffff_f000L, 0x809_0000L, 0x1000, 1, RW | Prot.MMIO | Prot.NOEXEC);
            long level0 = memory().get64(table.top());
            assertThat(level0 & 0xffff_0000_0000_0fffL).as("valid, table").isEqualTo(3);
            long level1 = memory().get64((level0 & -4096) + 3 * 8);
            long level2 = memory().get64((level1 & -4096) + 511 * 8);
            assertThat(memory().get64((level2 & -4096) + 511 * 8)).isEqualTo(0x60_0000_0809_0e4bL);
        }

        @Test
        void attributesAreThoseOfTheKernelsTableWriter() {
            var format = ArmLpae.stage1(12, 48, 48, CONTIGUOUS_4K);
            assertThat(format.leaf(1, 12, 0x1000, RW)).as("outer shareable, not cached").isEqualTo(0x1e43L);
            assertThat(format.leaf(1, 12, 0x1000, RW | Prot.CACHE)).as("inner shareable, write-back").isEqualTo(0x1f47L);
            assertThat(format.leaf(1, 12, 0x1000, Prot.READ | Prot.CACHE)).as("read-only").isEqualTo(0x1fc7L);
            assertThat(format.leaf(1, 12, 0x1000, RW | Prot.CACHE | Prot.PRIV)).as("privileged").isEqualTo(0x1f07L);
            assertThat(format.leaf(2, 21, 0x20_0000, RW | Prot.CACHE)).as("block").isEqualTo(0x20_0f45L);
            assertThat(format.leaf(1, 16, 0x1_0000, RW | Prot.CACHE)).as("contiguous").isEqualTo(0x0010_0000_0001_0f47L);
            assertThat(ArmLpae.MAIR).isEqualTo(0x04_ff44L);
        }

        @Test
        void aPageWithDirtyStateBeginsClean() {
            var format = ArmLpae.stage1WithDirtyState(12, 48, 48, ArmLpae.SIZES_4K);
            long clean = format.leaf(1, 12, 0x1000, RW | Prot.CACHE);
            assertThat(clean).isEqualTo(0x8_0000_0000_1fc7L);
            long dirty = clean & ~0x80L;
            assertThat(ArmLpae.isDirty(clean)).isFalse();
            assertThat(ArmLpae.isDirty(dirty)).isTrue();
            assertThat(ArmLpae.clean(dirty)).isEqualTo(clean);
            assertThat(format.leafProt(1, clean)).isEqualTo(format.leafProt(1, dirty)).isEqualTo(RW | Prot.CACHE);
            assertThat(ArmLpae.isDirty(format.leaf(1, 12, 0x1000, Prot.READ))).as("nobody may write it").isFalse();
        }

        @Test
        void protectionsAreReadBack() {
            var format = ArmLpae.stage1(14, 47, 48, ArmLpae.SIZES_16K);
            for (int prot : new int[] {RW, Prot.READ, RW | Prot.CACHE, RW | Prot.NOEXEC, Prot.READ | Prot.PRIV | Prot.CACHE,
                RW | Prot.MMIO | Prot.NOEXEC}) {
                assertThat(format.leafProt(1, format.leaf(1, 14, 0, prot))).isEqualTo(prot);
            }
        }

        @Test
        void depthFollowsFromTheWidth() {
            assertThat(ArmLpae.stage1(12, 48, 48, ArmLpae.SIZES_4K).startLevel()).isZero();
            assertThat(ArmLpae.stage1(12, 39, 48, ArmLpae.SIZES_4K).startLevel()).isEqualTo(1);
            assertThat(ArmLpae.stage1(14, 48, 48, ArmLpae.SIZES_16K).startLevel()).isZero();
            assertThat(ArmLpae.stage1(14, 47, 48, ArmLpae.SIZES_16K).startLevel()).isEqualTo(1);
            assertThat(ArmLpae.stage1(16, 42, 48, ArmLpae.SIZES_64K).startLevel()).isEqualTo(2);
            assertThatIllegalArgumentException().isThrownBy(() -> ArmLpae.stage1(13, 48, 48, 1 << 13));
            assertThatIllegalArgumentException().isThrownBy(() -> ArmLpae.stage1(16, 52, 52, ArmLpae.SIZES_64K));
        }
    }

    @Nested
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    class StageTwo extends PageTableFormatContract {
        @Override
        Stream<PageTableFormat> formats() {
            return Stream.of(
                    ArmLpae.stage2(12, 44, 44, ArmLpae.SIZES_4K, false),
                    ArmLpae.stage2(12, 40, 40, CONTIGUOUS_4K, true),
                    ArmLpae.stage2(12, 43, 48, ArmLpae.SIZES_4K, false),
                    ArmLpae.stage2(14, 40, 40, CONTIGUOUS_16K, false),
                    ArmLpae.stage2(16, 44, 44, CONTIGUOUS_64K, false));
        }

        @Test
        void entriesAreThoseOfAKernel() {
            var table = table(ArmLpae.stage2(12, 44, 44, ArmLpae.SIZES_4K, false));
            table.map(0xfff0_0000L, 0x1_03af_3000L, 0x1000, 4, Prot.READ | Prot.CACHE);
            long level1 = memory().get64(table.top()) & -4096;
            long level2 = memory().get64(level1 + 3 * 8) & -4096;
            long level3 = memory().get64(level2 + 511 * 8) & -4096;
            assertThat(memory().get64(level3 + 256 * 8)).isEqualTo(0x1_03af_377fL);
            assertThat(memory().get64(level3 + 259 * 8)).isEqualTo(0x1_03af_677fL);
        }

        @Test
        void attributesAreThoseOfTheKernelsTableWriter() {
            var format = ArmLpae.stage2(12, 48, 48, ArmLpae.SIZES_4K, false);
            assertThat(format.leaf(1, 12, 0x1000, RW)).as("outer shareable, not cached").isEqualTo(0x16d7L);
            assertThat(format.leaf(1, 12, 0x1000, Prot.WRITE | Prot.CACHE)).as("write-only").isEqualTo(0x17bfL);
            assertThat(format.leaf(1, 12, 0x1000, RW | Prot.MMIO | Prot.NOEXEC)).isEqualTo(0x0060_0000_0000_16c7L);
            assertThat(format.leaf(3, 30, 0x4000_0000, RW | Prot.CACHE)).as("block").isEqualTo(0x4000_07fdL);
            assertThat(ArmLpae.stage2(12, 48, 48, ArmLpae.SIZES_4K, true).leaf(1, 12, 0x1000, RW | Prot.CACHE))
                    .as("forced write-back").isEqualTo(0x17dbL);
        }

        @Test
        void topTablesStandSideBySideWhereTheManualWantsThat() {
            var bits40 = ArmLpae.stage2(12, 40, 40, ArmLpae.SIZES_4K, false);
            assertThat(bits40.startLevel()).isEqualTo(1);
            assertThat(bits40.startLevelCode()).isEqualTo(1);
            assertThat(bits40.tableBytes(bits40.levels())).as("two tables").isEqualTo(0x2000);
            var bits43 = ArmLpae.stage2(12, 43, 44, ArmLpae.SIZES_4K, false);
            assertThat(bits43.tableBytes(bits43.levels())).as("sixteen tables").isEqualTo(0x1_0000);
            var bits44 = ArmLpae.stage2(12, 44, 44, ArmLpae.SIZES_4K, false);
            assertThat(bits44.startLevel()).as("32 would be too many").isZero();
            assertThat(bits44.startLevelCode()).isEqualTo(2);
            assertThat(ArmLpae.stage2(14, 40, 40, ArmLpae.SIZES_16K, false).startLevelCode()).isEqualTo(1);
            assertThat(ArmLpae.stage2(14, 48, 48, ArmLpae.SIZES_16K, false).startLevelCode()).isEqualTo(2);
            assertThat(ArmLpae.stage2(16, 44, 44, ArmLpae.SIZES_64K, false).startLevel()).isEqualTo(2);
        }
    }
}
