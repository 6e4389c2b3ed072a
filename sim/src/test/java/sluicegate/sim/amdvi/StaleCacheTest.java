package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.HostPageEntry;
import sluicegate.spec.amdvi.PrefetchIommuPagesCommand;

/** What the unit keeps is used until software invalidates it, and no invalidation removes more than it says. */
class StaleCacheTest {
    private static final long IOVA = 0x4000_0000L;
    private static final long OLD = 0x70_0000;
    private static final long NEW = 0x71_0000;
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    private void map(long iova, long address) {
        rig.entry(Rig.DOMAIN, iova, 1, address | Rig.PR | Rig.RW);
    }

    private void mapAndUse(long iova, long address) {
        map(iova, address);
        assertThat(rig.read(iova)).isEqualTo(address);
    }

    @Test
    void aPageStaysUntilItsDomainIsInvalidated() {
        mapAndUse(IOVA, OLD);
        map(IOVA, NEW);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
        rig.invalidateDomain(Rig.DOMAIN + 1);
        assertThat(rig.read(IOVA)).as("another domain").isEqualTo(OLD);
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
    }

    @Test
    void aPageThatIsGoneIsStillReachedUntilThen() {
        mapAndUse(IOVA, OLD);
        rig.entry(Rig.DOMAIN, IOVA, 1, 0);
        assertThat(rig.write(IOVA)).isEqualTo(OLD);
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        assertThat(rig.write(IOVA)).isNegative();
    }

    @Test
    void anInvalidationRemovesExactlyItsRange() {
        for (int page = 0; page < 8; page++) {
            mapAndUse(IOVA + page * 0x1000L, OLD + page * 0x1000L);
            map(IOVA + page * 0x1000L, NEW + page * 0x1000L);
        }
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x1000, false);
        assertThat(fresh(8)).as("one page").containsExactly(1);
        // 16 KiB from page 4 on: bit 12 is one, bit 13 zero.
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x4000 | 0x1000, true);
        assertThat(fresh(8)).containsExactly(1, 4, 5, 6, 7);
        // 8 KiB from page 2 on.
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x2000, true);
        assertThat(fresh(8)).containsExactly(1, 2, 3, 4, 5, 6, 7);
        assertThat(rig.done()).isTrue();
    }

    private int[] fresh(int pages) {
        return java.util.stream.IntStream.range(0, pages)
                .filter(page -> rig.read(IOVA + page * 0x1000L) == NEW + page * 0x1000L).toArray();
    }

    @Test
    void aLargePageGoesWithAnyOfItsAddresses() {
        rig.entry(Rig.DOMAIN, IOVA, 2, 0x60_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(IOVA + 0x1_2345)).isEqualTo(0x61_2345);
        rig.entry(Rig.DOMAIN, IOVA, 2, 0x80_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(IOVA + 0x1_2345)).isEqualTo(0x61_2345);
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x1f_f000, false);
        assertThat(rig.read(IOVA + 0x1_2345)).isEqualTo(0x81_2345);
    }

    @Test
    void ofAPageOfAnEncodedSizeThePiecesGoThatAreNamed() {
        long page = HostPageEntry.sizedPage(0x60_0000, 14) | Rig.PR | Rig.RW;
        for (int i = 0; i < 4; i++) {
            rig.entry(Rig.DOMAIN, IOVA + i * 0x1000L, 1, page);
            assertThat(rig.read(IOVA + i * 0x1000L)).isEqualTo(0x60_0000 + i * 0x1000L);
        }
        for (int i = 0; i < 4; i++) {
            rig.entry(Rig.DOMAIN, IOVA + i * 0x1000L, 1, 0);
        }
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).isNegative();
        assertThat(rig.read(IOVA + 0x3000)).isEqualTo(0x60_3000);
        rig.invalidatePages(Rig.DOMAIN, IOVA | 0x1000, true);
        assertThat(rig.read(IOVA + 0x3000)).isNegative();
    }

    /** The entry of level 2 that holds an address leads to another table, where a page is {@link #NEW}. */
    private void replaceTable(long iova) {
        long table = Rig.top(Rig.DOMAIN) + 0x7_0000;
        rig.memory.set64(table + (iova >>> 12 & 511) * 8, NEW | Rig.PR | Rig.RW);
        rig.entry(Rig.DOMAIN, iova, 2, HostPageEntry.NEXT.set(table | Rig.PR | Rig.RW, 1));
    }

    /** What a driver that forgets PDE when it takes a table away makes of the memory that was the table. */
    @Test
    void anEntryThatPointsToATableStaysUntilItIsInvalidatedWithPde() {
        mapAndUse(IOVA, OLD);
        replaceTable(IOVA);
        rig.invalidateLeaves(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).as("by the old table").isEqualTo(OLD);
        rig.invalidateLeaves(Rig.DOMAIN, 0x7fff_ffff_ffff_f000L, true);
        assertThat(rig.read(IOVA)).as("all addresses, and no tables").isEqualTo(OLD);
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x20_0000, false);
        rig.invalidateLeaves(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).as("another table").isEqualTo(OLD);
        rig.invalidatePages(Rig.DOMAIN + 1, IOVA, false);
        rig.invalidateLeaves(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).as("another domain").isEqualTo(OLD);
        // Any page that the table translates.
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x1f_f000, false);
        rig.invalidateLeaves(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
    }

    @Test
    void whatEntriesAboveATablePermitStaysWithIt() {
        mapAndUse(IOVA, OLD);
        long place = rig.entry(Rig.DOMAIN, IOVA, 3, 0);
        assertThat(rig.write(IOVA + 0x1000)).as("a page that nobody used").isNegative();
        rig.entry(Rig.DOMAIN, IOVA + 0x1000, 1, NEW | Rig.PR | Rig.RW);
        rig.memory.set64(place, 0);
        rig.memory.set64(place, HostPageEntry.NEXT.set(Rig.top(Rig.DOMAIN) | Rig.PR, 2));
        rig.invalidateLeaves(Rig.DOMAIN, IOVA, false);
        assertThat(rig.write(IOVA)).isEqualTo(OLD);
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(rig.write(IOVA)).isNegative();
    }

    @Test
    void whatAnEntryAboveATableForbidsIsForbiddenWhereTheTableIsKnown() {
        map(IOVA, OLD);
        map(IOVA + 0x1000, OLD + 0x1000);
        for (int level = 2; level <= 4; level++) {
            long place = rig.entry(Rig.DOMAIN, IOVA, level);
            rig.memory.set64(place, rig.memory.get64(place) & ~Rig.W);
            rig.invalidateDomain(Rig.DOMAIN);
            assertThat(rig.read(IOVA)).isEqualTo(OLD);
            assertThat(rig.write(IOVA + 0x1000)).as("level %d", level).isNegative();
            rig.memory.set64(place, rig.memory.get64(place) | Rig.W);
        }
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
        assertThat(rig.write(IOVA + 0x1000)).isEqualTo(OLD + 0x1000);
    }

    @Test
    void invalidateAllForgetsTablesToo() {
        mapAndUse(IOVA, OLD);
        replaceTable(IOVA);
        rig.invalidateAll();
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
    }

    @Test
    void tablesOfADomainThatWritesAccessedBitsGoToo() {
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.mask(), 0);
        mapAndUse(IOVA, OLD);
        replaceTable(IOVA);
        rig.invalidateLeaves(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
        rig.memory.set64(Rig.top(Rig.DOMAIN) + 0x7_0000 + (IOVA >>> 12 & 511) * 8, OLD | Rig.PR | Rig.RW);
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
    }

    @Test
    void aDeviceTableEntryStaysUntilItIsInvalidated() {
        mapAndUse(IOVA, OLD);
        rig.entry(7, IOVA, 1, NEW | Rig.PR | Rig.RW);
        rig.host(Rig.DEVICE, 7, 4);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
        rig.invalidateEntry(Rig.DEVICE + 1);
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(rig.read(IOVA)).as("by the old entry, through the old tables").isEqualTo(OLD);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
    }

    @Test
    void anEntryThatIsNotValidIsKeptToo() {
        rig.dte(Rig.DEVICE, 0, 0, 0, 0);
        assertThat(rig.read(0x1000)).as("passes").isEqualTo(0x1000);
        rig.host(Rig.DEVICE, Rig.DOMAIN, 4);
        assertThat(rig.read(0x1000)).as("still").isEqualTo(0x1000);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.read(0x1000)).isNegative();
    }

    @Test
    void anIllegalEntryIsNotKept() {
        rig.changeDte(Rig.DEVICE, 0, 1L << 63, 0);
        assertThat(rig.read(IOVA)).isNegative();
        rig.host(Rig.DEVICE, Rig.DOMAIN, 4);
        map(IOVA, OLD);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
    }

    @Test
    void pagesOfAnEntryThatIsGoneStayForTheNextOfItsDomain() {
        mapAndUse(IOVA, OLD);
        map(IOVA, NEW);
        rig.host(0x30, Rig.DOMAIN, 4);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(rig.unit.translate(0x30, Pasid.NONE, IOVA, RequestAccess.READ)).as("the domain's page").isEqualTo(OLD);
    }

    @Test
    void invalidateAllForgetsEverything() {
        mapAndUse(IOVA, OLD);
        map(IOVA, NEW);
        rig.invalidateAll();
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
        rig.dte(Rig.DEVICE, 1, 0, 0, 0);
        rig.invalidateAll();
        assertThat(rig.read(IOVA)).as("valid, but nothing for translation is").isNegative();
    }

    @Test
    void pagesWithAccessedAndDirtyBitsBelongToTheirDomainToo() {
        rig.changeDte(Rig.DEVICE, 0, DeviceTableEntry.HAD.mask(), 0);
        mapAndUse(IOVA, OLD);
        rig.write(IOVA);
        map(IOVA, NEW);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
        rig.invalidatePages(Rig.DOMAIN, IOVA + 0x1000, false);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
        map(IOVA, OLD);
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(rig.read(IOVA)).isEqualTo(OLD);
    }

    @Test
    void onlyAUnitThatSaysSoKeepsWhatIsNotPresent() {
        assertThat(rig.read(IOVA)).isNegative();
        map(IOVA, NEW);
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
        try (var keeping = new Rig(Rig.features(EnumSet.allOf(AmdviFlag.class), 3)).start()) {
            assertThat(keeping.read(IOVA)).isNegative();
            keeping.entry(Rig.DOMAIN, IOVA, 1, NEW | Rig.PR | Rig.RW);
            assertThat(keeping.read(IOVA)).as("kept").isNegative();
            keeping.invalidatePages(Rig.DOMAIN, IOVA, false);
            assertThat(keeping.read(IOVA)).isEqualTo(NEW);
        }
    }

    @Test
    void addressesAbove57BitsAreWalkedEachTime() {
        rig.host(Rig.DEVICE, Rig.DOMAIN, 6);
        long iova = 0xFE00_0000_0000_0000L;
        long leaf = rig.entry(Rig.DOMAIN, 6, iova, 1, OLD | Rig.PR | Rig.RW);
        assertThat(rig.read(iova)).isEqualTo(OLD);
        rig.memory.set64(leaf, NEW | Rig.PR | Rig.RW);
        assertThat(rig.read(iova)).isEqualTo(NEW);
    }

    @Test
    void aPrefetchFillsAndCanForgetFirst() {
        map(IOVA, OLD);
        long low = PrefetchIommuPagesCommand.DEVICEID.set(Rig.command(CommandCode.PREFETCH_IOMMU_PAGES), Rig.DEVICE);
        rig.submit(PrefetchIommuPagesCommand.PFCOUNT.set(low, 1), IOVA);
        map(IOVA, NEW);
        assertThat(rig.read(IOVA)).as("as it was when it was fetched").isEqualTo(OLD);
        rig.submit(low, IOVA | PrefetchIommuPagesCommand.INVAL.mask());
        assertThat(rig.read(IOVA)).isEqualTo(NEW);
        rig.submit(low, 0x7777_7000L);
        assertThat(rig.events()).as("what is not there is no fault").isEmpty();
        assertThat(rig.done()).isTrue();
    }

    /** With S pages count by their own size, else by 4 KiB. */
    @Test
    void aPrefetchOfSeveralPagesGoesFromOneToTheNext() {
        long second = IOVA + 0x20_0000;
        rig.entry(Rig.DOMAIN, IOVA, 2, 0x60_0000 | Rig.PR | Rig.RW);
        rig.entry(Rig.DOMAIN, second, 2, 0x80_0000 | Rig.PR | Rig.RW);
        long low = PrefetchIommuPagesCommand.DEVICEID.set(Rig.command(CommandCode.PREFETCH_IOMMU_PAGES), Rig.DEVICE);
        low = PrefetchIommuPagesCommand.PFCOUNT.set(low, 1);
        rig.submit(low, IOVA + 0x3000);
        rig.entry(Rig.DOMAIN, second, 2, 0xa0_0000 | Rig.PR | Rig.RW);
        assertThat(rig.read(second)).as("not fetched").isEqualTo(0xa0_0000);
        rig.invalidateAll();
        rig.submit(low, IOVA + 0x3000 | PrefetchIommuPagesCommand.S.mask());
        rig.entry(Rig.DOMAIN, IOVA, 2, 0);
        rig.entry(Rig.DOMAIN, second, 2, 0);
        assertThat(rig.read(IOVA)).isEqualTo(0x60_0000);
        assertThat(rig.read(second)).as("fetched").isEqualTo(0xa0_0000);
    }

    @Test
    void aPrefetchWithAPasidGoesThroughGuestTables() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, 3, IOVA, 1, OLD | Rig.USER);
        long low = PrefetchIommuPagesCommand.DEVICEID.set(Rig.command(CommandCode.PREFETCH_IOMMU_PAGES), Rig.DEVICE);
        low = PrefetchIommuPagesCommand.PASID.set(low, 3);
        rig.submit(low, IOVA | PrefetchIommuPagesCommand.GN.mask());
        rig.guestEntry(Rig.DOMAIN, 3, IOVA, 1, NEW | Rig.USER);
        assertThat(rig.request(3, IOVA, RequestAccess.READ)).isEqualTo(OLD);
        rig.submit(low, IOVA | PrefetchIommuPagesCommand.GN.mask() | PrefetchIommuPagesCommand.INVAL.mask());
        assertThat(rig.request(3, IOVA, RequestAccess.READ)).isEqualTo(NEW);
    }
}
