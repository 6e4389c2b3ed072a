package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.HostPageEntry;

/** Host page tables (2.2.3): depths, sizes, levels that are skipped, permissions, and how each refusal is reported. */
class HostTranslationTest {
    private static final long IOVA = 0x1234_5678_9000L;
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    private static long next(long entry, int level) {
        return HostPageEntry.NEXT.set(entry, level);
    }

    @Test
    void aPageOf4KiBTranslates() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(IOVA + 0x123)).isEqualTo(0x70_0123);
        assertThat(rig.write(IOVA + 0xfff)).isEqualTo(0x70_0fff);
        assertThat(rig.request(Pasid.NONE, IOVA, RequestAccess.ATOMIC)).isEqualTo(0x70_0000);
        assertThat(rig.events()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6})
    void everyDepthReachesItsHighestAddressAndNotMore(int levels) {
        rig.host(Rig.DEVICE, Rig.DOMAIN, levels);
        long last = levels == 6 ? -0x1000L : (1L << 12 + 9 * levels) - 0x1000;
        rig.entry(Rig.DOMAIN, levels, last, 1, 0x70_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(last + 8)).isEqualTo(0x70_0008);
        assertThat(rig.read(last + 8)).as("again, perhaps from the IOTLB").isEqualTo(0x70_0008);
        if (levels < 6) {
            assertThat(rig.read(last + 0x1000)).isNegative();
            assertThat(rig.event().flags()).as("beyond the width: PR alone, as real units say").isEqualTo(0x10);
        }
    }

    @Test
    void withoutLevelsAddressesPassAsPermissionsSay() {
        rig.host(Rig.DEVICE, Rig.DOMAIN, 0);
        assertThat(rig.read(0x12_3456)).isEqualTo(0x12_3456);
        assertThat(rig.read(1L << 52)).as("no memory has it").isNegative();
        assertThat(rig.events()).isEmpty();
        rig.changeDte(Rig.DEVICE, 0, 0, DeviceTableEntry.IW.mask());
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.read(0x12_3456)).isEqualTo(0x12_3456);
        assertThat(rig.write(0x12_3456)).isNegative();
        assertThat(rig.event().flags()).as("write, present, permission").isEqualTo(0x70);
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 15, 16, 17, 18, 19, 20, 22, 25, 29, 31, 38, 40, 47})
    void pagesOfEncodedSizesTranslateEverywhereInThem(int shift) {
        long size = 1L << shift;
        int level = (shift - 12) / 9 + 1;
        long iova = shift == 47 ? size : size * 3;
        long address = size * 5 & (1L << 48) - 1;
        long entry = HostPageEntry.sizedPage(address, shift) | Rig.PR | Rig.RW;
        for (long at = iova; at < iova + size && shift < 22; at += HostPageEntry.coverShift(level) == 12 ? 4096 : size) {
            rig.entry(Rig.DOMAIN, at, level, entry);
        }
        rig.entry(Rig.DOMAIN, iova, level, entry);
        long last = iova + size - 4;
        rig.entry(Rig.DOMAIN, last, level, entry);
        assertThat(rig.read(iova + 0x10)).isEqualTo(address + 0x10);
        assertThat(rig.read(last)).isEqualTo(address + size - 4);
        assertThat(rig.unit.probe(Rig.DEVICE, Pasid.NONE, iova, Access.READ)).isInstanceOfSatisfying(Translation.Mapped.class,
                mapped -> assertThat(mapped.size()).isEqualTo(size));
    }

    @Test
    void pagesOfTheSizeOfTheirLevelNeedNoEncoding() {
        rig.entry(Rig.DOMAIN, 0x20_0000, 2, 0x60_0000 | Rig.PR | Rig.RW);
        rig.entry(Rig.DOMAIN, 1L << 30, 3, 2L << 30 | Rig.PR | Rig.RW);
        assertThat(rig.read(0x3f_ffff)).isEqualTo(0x7f_ffff);
        assertThat(rig.read((1L << 30) + 0x1234_5678)).isEqualTo((2L << 30) + 0x1234_5678);
    }

    @Test
    void levelsCanBeSkippedIfTheirBitsAreZero() {
        // From level 4 straight to level 1: bits 38:21 of the address have no index.
        long table = Rig.top(Rig.DOMAIN) + 0x8000;
        rig.memory.set64(Rig.top(Rig.DOMAIN) + 3 * 8, next(table | Rig.PR | Rig.RW, 1));
        rig.memory.set64(table + 7 * 8, 0x70_0000 | Rig.PR | Rig.RW);
        long iova = 3L << 39 | 7 << 12;
        assertThat(rig.read(iova)).isEqualTo(0x70_0000);
        assertThat(rig.read(iova | 1L << 21)).isNegative();
        assertThat(rig.read(iova | 1L << 38)).isNegative();
        assertThat(rig.events()).extracting(Rig.Event::flags).containsExactly(0x10, 0x10);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5, 6})
    void aTableOfNoLowerLevelIsIllegal(int level) {
        rig.entry(Rig.DOMAIN, IOVA, 3, next(Rig.top(Rig.DOMAIN) + 0x8000 | Rig.PR | Rig.RW, level));
        assertThat(rig.read(IOVA)).isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x10);
    }

    @Test
    void sizesThatDoNotBelongToTheirLevelAreIllegal() {
        rig.entry(Rig.DOMAIN, 0, 2, HostPageEntry.sizedPage(0, 13) | Rig.PR | Rig.RW);
        assertThat(rig.read(0)).as("8 KiB in level 2").isNegative();
        rig.entry(Rig.DOMAIN, 1L << 30, 2, HostPageEntry.sizedPage(0, 21) | Rig.PR | Rig.RW);
        assertThat(rig.read(1L << 30)).as("2 MiB needs no encoding").isNegative();
        rig.entry(Rig.DOMAIN, 2L << 30, 2, HostPageEntry.sizedPage(0, 30) | Rig.PR | Rig.RW);
        assertThat(rig.read(2L << 30)).as("as large as its table").isNegative();
        rig.entry(Rig.DOMAIN, 3L << 30, 2, HostPageEntry.sizedPage(0, 29) | Rig.PR | Rig.RW);
        assertThat(rig.read(3L << 30)).as("half its table").isZero();
        assertThat(rig.events()).hasSize(3).allMatch(event -> event.flags() == 0x10);
        rig.host(Rig.DEVICE, Rig.DOMAIN, 6);
        rig.invalidateEntry(Rig.DEVICE);
        rig.memory.set64(Rig.top(Rig.DOMAIN) + 8, Rig.PR | Rig.RW);
        assertThat(rig.read(1L << 57)).as("no page in level 6").isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x10);
    }

    @Test
    void whatIsNotPresentIsReportedWithDomainAndAddress() {
        assertThat(rig.read(IOVA + 0x40)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.IO_PAGE_FAULT);
        assertThat(event.device()).isEqualTo(Rig.DEVICE);
        assertThat(event.domain()).isEqualTo(Rig.DOMAIN);
        assertThat(event.high()).isEqualTo(IOVA + 0x40);
        assertThat(event.flags()).isZero();
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.RW);
        assertThat(rig.write(IOVA)).as("an entry that is not zero, but not present").isNegative();
        assertThat(rig.event().flags()).as("a write").isEqualTo(0x20);
    }

    @Test
    void permissionsAreIntersectedAlongTheWay() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        long upper = Rig.top(Rig.DOMAIN) + (IOVA >>> 39 & 511) * 8;
        rig.memory.set64(upper, rig.memory.get64(upper) & ~Rig.W);
        assertThat(rig.read(IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.write(IOVA)).isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x70);
        rig.invalidateAll();
        rig.changeDte(Rig.DEVICE, 0, 0, DeviceTableEntry.IR.mask());
        assertThat(rig.read(IOVA)).as("neither the tables nor the device table entry grant both").isNegative();
        assertThat(rig.event().flags()).as("present, permission").isEqualTo(0x50);
    }

    @Test
    void aPageOfAnotherDeviceOfTheDomainIsJudgedByTheOwnEntry() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.host(0x30, Rig.DOMAIN, 4);
        rig.changeDte(0x30, 0, 0, DeviceTableEntry.IW.mask());
        assertThat(rig.write(IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.unit.translate(0x30, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(0x70_0000);
        assertThat(rig.unit.translate(0x30, Pasid.NONE, IOVA, RequestAccess.WRITE)).isNegative();
    }

    @Test
    void everyReservedBitOfAnEntryIsRefused() {
        for (int bit = 52; bit <= 60; bit++) {
            rig.invalidateAll();
            rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW | 1L << bit);
            if (bit <= 58) {
                assertThat(rig.read(IOVA)).as("bit %d of a page", bit).isNegative();
                assertThat(rig.event().flags()).as("present, reserved").isEqualTo(0x90);
            } else {
                assertThat(rig.read(IOVA)).as("U and FC").isEqualTo(0x70_0000);
            }
            rig.invalidateAll();
            rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
            long upper = Rig.top(Rig.DOMAIN) + (IOVA >>> 39 & 511) * 8;
            long good = rig.memory.get64(upper);
            rig.memory.set64(upper, good | 1L << bit);
            assertThat(rig.read(IOVA)).as("bit %d of a table", bit).isNegative();
            assertThat(rig.event().flags()).isEqualTo(0x90);
            rig.memory.set64(upper, good | 1L << 63 | 0x1fe & 0x1e);
            assertThat(rig.read(IOVA)).as("ignored bits").isEqualTo(0x70_0000);
            rig.memory.set64(upper, good);
        }
    }

    @Test
    void aTableWhereNoMemoryIsIsAHardwareError() {
        rig.entry(Rig.DOMAIN, IOVA, 3, next(0x8000_0000L | Rig.PR | Rig.RW, 2));
        assertThat(rig.read(IOVA)).isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.PAGE_TAB_HARDWARE_ERROR);
        assertThat(event.high()).isEqualTo(0x8000_0000L + (IOVA >>> 21 & 511) * 8);
        assertThat(event.flags()).as("master abort").isEqualTo(0x200);
        assertThat(event.domain()).isEqualTo(Rig.DOMAIN);
    }

    @Test
    void accessedAndDirtyBitsAreWrittenAsTheEntryAsks() {
        long leaf = rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        long upper = Rig.top(Rig.DOMAIN) + (IOVA >>> 39 & 511) * 8;
        rig.write(IOVA);
        assertThat(rig.memory.get64(leaf) & 0x60).as("not asked for").isZero();
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.mask(), 0);
        rig.invalidateAll();
        rig.read(IOVA);
        assertThat(rig.memory.get64(leaf) & 0x60).as("accessed").isEqualTo(0x20);
        assertThat(rig.memory.get64(upper) & 0x60).isEqualTo(0x20);
        assertThat(rig.write(IOVA)).as("from the IOTLB, but by way of the tables").isEqualTo(0x70_0000);
        assertThat(rig.memory.get64(leaf) & 0x60).as("dirty").isEqualTo(0x60);
        assertThat(rig.memory.get64(upper) & 0x60).isEqualTo(0x20);
        rig.memory.set64(leaf, rig.memory.get64(leaf) & ~0x40);
        rig.write(IOVA);
        assertThat(rig.memory.get64(leaf) & 0x40).as("known to be dirty until it is invalidated").isZero();
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        rig.write(IOVA);
        assertThat(rig.memory.get64(leaf) & 0x40).isNotZero();
    }

    @Test
    void accessedBitsAloneLeaveDirtyBitsAlone() {
        long leaf = rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.R);
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.set(0, DeviceTableEntry.HAD_ACCESSED), 0);
        assertThat(rig.write(IOVA)).isNegative();
        assertThat(rig.read(IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.memory.get64(leaf) & 0x60).isEqualTo(0x20);
    }

    @Test
    void aWriteThatIsForbiddenDirtiesNothing() {
        long leaf = rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.R);
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.mask(), 0);
        assertThat(rig.write(IOVA)).isNegative();
        assertThat(rig.memory.get64(leaf) & 0x40).isZero();
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.changeDte(Rig.DEVICE, 0, 0, DeviceTableEntry.IW.mask());
        rig.invalidateAll();
        assertThat(rig.read(IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.write(IOVA)).as("by the device table entry").isNegative();
        assertThat(rig.memory.get64(leaf) & 0x60).isEqualTo(0x20);
    }

    @Test
    void aPageCannotLeadToTheInterruptController() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0xfee0_0000L | Rig.PR | Rig.RW);
        assertThat(rig.write(IOVA)).isEqualTo(TranslationEngine.NO_ADDRESS);
        assertThat(rig.write(IOVA)).isEqualTo(TranslationEngine.NO_ADDRESS);
    }

    @Test
    void aReadOfNothingNeedsEitherPermission() {
        rig.entry(Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.PR | Rig.W);
        rig.entry(Rig.DOMAIN, IOVA + 0x1000, 1, 0x70_0000 | Rig.PR);
        assertThat(rig.request(Pasid.NONE, IOVA, RequestAccess.ZERO_LENGTH_READ)).isEqualTo(0x70_0000);
        assertThat(rig.request(Pasid.NONE, IOVA + 0x1000, RequestAccess.ZERO_LENGTH_READ)).isNegative();
    }

    @Test
    void aUnitThatIsOffPassesEverything() {
        rig.clearControl(1);
        assertThat(rig.read(0x12_3456_7000L)).isEqualTo(0x12_3456_7000L);
        assertThat(rig.write(1L << 52)).isNegative();
        assertThat(rig.unit.engine().enabled()).isFalse();
    }
}
