package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableEntry;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.EventLogRecord;
import sluicegate.spec.amdvi.Gcr3Entry;
import sluicegate.spec.amdvi.GuestPageEntry;

/** Guest page tables behind a GCR3 table, alone and over host tables (2.2.6). */
class GuestTranslationTest {
    private static final long IOVA = 0x7f12_3456_7000L;
    private static final int PASID = 3;
    private static final long GIOV = DeviceTableEntry.GIOV.mask();
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    private long read(int pasid, long iova) {
        return rig.request(pasid, iova, RequestAccess.READ);
    }

    private long write(int pasid, long iova) {
        return rig.request(pasid, iova, RequestAccess.WRITE);
    }

    @Test
    void aPasidLeadsToItsOwnTables() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        rig.guestEntry(Rig.DOMAIN, 4, IOVA, 1, 0x71_0000 | Rig.USER);
        assertThat(read(PASID, IOVA + 0x44)).isEqualTo(0x70_0044);
        assertThat(read(4, IOVA + 0x44)).isEqualTo(0x71_0044);
        assertThat(read(PASID, IOVA + 0x44)).as("from the IOTLB").isEqualTo(0x70_0044);
        assertThat(write(PASID, IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.events()).isEmpty();
        assertThat(read(5, IOVA)).as("no GCR3 entry").isNegative();
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.IO_PAGE_FAULT);
        assertThat(EventLogRecord.pasid(event.low())).isEqualTo(5);
        assertThat(event.flags()).as("guest, user").isEqualTo(0x5);
    }

    @Test
    void requestsWithoutPasidUseTheTablesOfPasid0IfTheEntrySaysSo() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, GIOV);
        rig.guestEntry(Rig.DOMAIN, 0, IOVA, 1, 0x70_0000 | Rig.USER);
        assertThat(read(Pasid.NONE, IOVA)).isEqualTo(0x70_0000);
        assertThat(write(Pasid.NONE, IOVA)).isEqualTo(0x70_0000);
        assertThat(read(Pasid.NONE, IOVA + 0x1000)).isNegative();
        assertThat(rig.event().domain()).as("without PASID the domain is reported").isEqualTo(Rig.DOMAIN);
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.invalidateEntry(Rig.DEVICE);
        assertThat(read(Pasid.NONE, 0x9000)).as("otherwise they pass, as MODE 0 says").isEqualTo(0x9000);
    }

    @Test
    void largePagesOfGuestTables() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, 0x20_0000, 2, 0x60_0000 | Rig.USER | GuestPageEntry.PS.mask() | 1 << 12);
        rig.guestEntry(Rig.DOMAIN, PASID, 1L << 30, 3, 2L << 30 | Rig.USER | GuestPageEntry.PS.mask());
        assertThat(read(PASID, 0x3f_f123)).isEqualTo(0x7f_f123);
        assertThat(read(PASID, (1L << 30) + 0x1234_5678)).isEqualTo((2L << 30) + 0x1234_5678);
    }

    @Test
    void addressesHaveToBeCanonical() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, -0x1000L, 1, 0x70_0000 | Rig.USER);
        assertThat(read(PASID, -0x1000L)).as("upper half").isEqualTo(0x70_0000);
        assertThat(read(PASID, -0x1000L)).isEqualTo(0x70_0000);
        assertThat(read(PASID, 0xffff_ffff_f000L)).as("not canonical").isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x15);
    }

    @Test
    void fiveLevels() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.changeDte(Rig.DEVICE, 2, DeviceTableEntry.GPTMODE.set(0, 1), 0);
        long iova = 0x00ab_cdef_0123_4000L;
        rig.memory.set64(Rig.gcr3(Rig.DOMAIN) + PASID * 8L, Rig.guestTop(Rig.DOMAIN, PASID) | 1);
        rig.guestEntryFrom(Rig.guestTop(Rig.DOMAIN, PASID), 5, Rig.DOMAIN, iova, 1, 0x70_0000 | Rig.USER);
        assertThat(read(PASID, iova)).isEqualTo(0x70_0000);
        assertThat(read(PASID, 1L << 56)).isNegative();
    }

    @Test
    void gcr3TablesOfThreeLevels() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, DeviceTableEntry.GLX.set(0, 2));
        int pasid = 0xABCDE;
        long second = Rig.GCR3 + 0x10_000;
        long third = Rig.GCR3 + 0x11_000;
        rig.memory.set64(Rig.gcr3(Rig.DOMAIN) + Gcr3Entry.index(pasid, 2) * 8L, second | 1);
        rig.memory.set64(second + Gcr3Entry.index(pasid, 1) * 8L, third | 1);
        rig.memory.set64(third + Gcr3Entry.index(pasid, 0) * 8L, Rig.guestTop(Rig.DOMAIN, 1) | 1);
        rig.guestEntryFrom(Rig.guestTop(Rig.DOMAIN, 1), 4, Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.USER);
        assertThat(read(pasid, IOVA)).isEqualTo(0x70_0000);
        assertThat(read(pasid, IOVA)).isEqualTo(0x70_0000);
        assertThat(read(pasid - 1, IOVA)).isNegative();
        assertThat(EventLogRecord.pasid(rig.event().low())).isEqualTo(pasid - 1);
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, DeviceTableEntry.GLX.set(0, 1));
        rig.invalidateAll();
        assertThat(read(pasid, IOVA)).as("two levels don't reach that PASID").isNegative();
    }

    @Test
    void pasidsOfADeviceWithoutGuestTablesAreRefused() {
        assertThat(read(PASID, IOVA)).isNegative();
        assertThat(rig.event().flags() & 1).isOne();
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        rig.invalidateAll();
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        rig.clearControl(ControlRegister.GTEN.mask());
        assertThat(read(PASID, IOVA)).as("guest translation is off").isNegative();
    }

    @Test
    void userWriteAndExecutePermissions() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        long p = GuestPageEntry.P.mask();
        rig.guestEntry(Rig.DOMAIN, PASID, 0x1000, 1, 0x70_0000 | p | GuestPageEntry.US.mask());
        assertThat(write(PASID, 0x1000)).isNegative();
        assertThat(rig.event().flags()).as("guest, user, present, write, permission").isEqualTo(0x75);
        rig.guestEntry(Rig.DOMAIN, PASID, 0x2000, 1, 0x71_0000 | p | GuestPageEntry.RW.mask());
        assertThat(read(PASID, 0x2000)).as("a supervisor's page").isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x55);
        assertThat(rig.request(PASID, 0x2000, RequestAccess.WRITE | RequestAccess.PRIVILEGED)).isEqualTo(0x71_0000);
        assertThat(rig.request(PASID, 0x1000, RequestAccess.WRITE | RequestAccess.PRIVILEGED)).as("not even a supervisor")
                .isNegative();
        assertThat(rig.event().flags()).as("no user").isEqualTo(0x71);
        assertThat(rig.request(PASID, 0x1000, RequestAccess.READ | RequestAccess.EXECUTE)).isEqualTo(0x70_0000);
        rig.guestEntry(Rig.DOMAIN, PASID, 0x3000, 1, 0x72_0000 | Rig.USER | GuestPageEntry.NX.mask());
        assertThat(read(PASID, 0x3000)).isEqualTo(0x72_0000);
        assertThat(rig.request(PASID, 0x3000, RequestAccess.READ | RequestAccess.EXECUTE)).isNegative();
        assertThat(rig.event().flags()).as("execution was asked for").isEqualTo(0x57);
    }

    @Test
    void withoutTheFeaturesPrivilegeAndExecutionMeanNothing() {
        try (var plain = new Rig(Rig.without(AmdviFlag.USER_SUPERVISOR, AmdviFlag.NO_EXECUTE)).start()) {
            plain.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
            plain.guestEntry(Rig.DOMAIN, PASID, 0x2000, 1, 0x71_0000 | 3);
            assertThat(plain.request(PASID, 0x2000, RequestAccess.READ | RequestAccess.PRIVILEGED)).isNegative();
            plain.guestEntry(Rig.DOMAIN, PASID, 0x3000, 1, 0x72_0000 | Rig.USER);
            assertThat(plain.request(PASID, 0x3000, RequestAccess.READ | RequestAccess.EXECUTE)).isEqualTo(0x72_0000);
            plain.events();
            plain.guestEntry(Rig.DOMAIN, PASID, 0x4000, 1, 0x72_0000 | Rig.USER | GuestPageEntry.NX.mask());
            assertThat(plain.request(PASID, 0x4000, RequestAccess.READ)).as("the bit is reserved").isNegative();
            assertThat(plain.event().flags()).isEqualTo(0x95);
        }
    }

    @Test
    void reservedBitsOfGuestEntriesAndGcr3Entries() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, 0x20_0000, 2, 0x60_0000 | Rig.USER | GuestPageEntry.PS.mask() | 1 << 13);
        assertThat(read(PASID, 0x20_0000)).isNegative();
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 4, 0x60_0000 | Rig.USER | GuestPageEntry.PS.mask());
        assertThat(read(PASID, IOVA)).as("no page in level 4").isNegative();
        rig.memory.set64(Rig.gcr3(Rig.DOMAIN) + 7 * 8, Rig.guestTop(Rig.DOMAIN, 7) | 3);
        assertThat(read(7, IOVA)).isNegative();
        assertThat(rig.events()).hasSize(3).allMatch(event -> event.flags() == 0x95);
    }

    @Test
    void accessedAndDirtyBitsAreAlwaysWritten() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        long leaf = rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        long top = Rig.guestTop(Rig.DOMAIN, PASID) + (IOVA >>> 39 & 511) * 8;
        read(PASID, IOVA);
        assertThat(rig.memory.get64(leaf) & 0x60).isEqualTo(0x20);
        assertThat(rig.memory.get64(top) & 0x60).isEqualTo(0x20);
        write(PASID, IOVA);
        assertThat(rig.memory.get64(leaf) & 0x60).isEqualTo(0x60);
        rig.unit.probe(Rig.DEVICE, 9, IOVA, sluicegate.api.types.Access.WRITE);
        long other = rig.guestEntry(Rig.DOMAIN, 4, IOVA, 1, 0x70_0000 | Rig.USER);
        rig.unit.probe(Rig.DEVICE, 4, IOVA, sluicegate.api.types.Access.WRITE);
        assertThat(rig.memory.get64(other) & 0x60).as("a probe leaves no trace").isZero();
    }

    @Test
    void nestedTranslationGoesThroughHostTablesAtEveryStep() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        long leaf = rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        assertThat(read(PASID, IOVA + 0x10)).isEqualTo(0x70_0010);
        assertThat(read(PASID, IOVA + 0x10)).isEqualTo(0x70_0010);
        assertThat(write(PASID, IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.memory.get64(leaf) & 0x60).isEqualTo(0x60);
        assertThat(read(Pasid.NONE, 0x9010)).as("without PASID: a guest address").isEqualTo(0x70_0010);
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void hostTablesLimitWhatGuestTablesGrant() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.R);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        assertThat(write(PASID, IOVA)).isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x75);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA + 0x1000, 1, 0xa000 | Rig.USER);
        assertThat(read(PASID, IOVA + 0x1000)).as("the host has no such page").isNegative();
        assertThat(rig.event().flags()).isEqualTo(0x5);
    }

    @Test
    void tablesThatTheHostDoesNotLetBeWrittenCannotBeMarked() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.R);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        assertThat(read(PASID, IOVA)).isNegative();
        assertThat(rig.event().flags() & 0x70).as("a permission is missing").isEqualTo(0x50);
    }

    @Test
    void theSmallerPageOfBothCounts() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x20_0000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.entry(Rig.DOMAIN, 0x20_1000, 1, 0x75_0000 | Rig.PR | Rig.RW);
        rig.guestEntry(Rig.DOMAIN, PASID, 0x40_0000, 2, 0x20_0000 | Rig.USER | GuestPageEntry.PS.mask());
        assertThat(read(PASID, 0x40_0008)).isEqualTo(0x70_0008);
        assertThat(read(PASID, 0x40_1008)).isEqualTo(0x75_0008);
    }

    @Test
    void theGcr3RootIsASystemAddressUnlessTheControlRegisterSaysOtherwise() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        assertThat(read(PASID, IOVA)).as("the GCR3 table is not mapped").isEqualTo(0x70_0000);
        try (var mapped = new Rig().start()) {
            mapped.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
            mapped.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
            mapped.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
            mapped.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
            mapped.control(ControlRegister.GCR3TRPMODE.mask());
            assertThat(mapped.request(PASID, IOVA, RequestAccess.READ)).isNegative();
            mapped.entry(Rig.DOMAIN, Rig.gcr3(Rig.DOMAIN), 1, Rig.gcr3(Rig.DOMAIN) | Rig.PR | Rig.RW);
            assertThat(mapped.request(PASID, IOVA, RequestAccess.READ)).isEqualTo(0x70_0000);
        }
    }

    @Test
    void guestTranslationsStayUntilTheirPasidIsInvalidated() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        rig.guestEntry(Rig.DOMAIN, 4, IOVA, 1, 0x71_0000 | Rig.USER);
        read(PASID, IOVA);
        read(4, IOVA);
        rig.memory.set64(Rig.gcr3(Rig.DOMAIN) + PASID * 8L, 0);
        rig.guestEntry(Rig.DOMAIN, 4, IOVA, 1, 0);
        rig.invalidatePages(Rig.DOMAIN, PASID, IOVA + 0x1000, false);
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        rig.invalidatePages(Rig.DOMAIN, 9, 0x7fff_ffff_ffff_f000L, true);
        assertThat(read(PASID, IOVA)).as("neither another page, nor a host page, nor another PASID").isEqualTo(0x70_0000);
        rig.invalidatePages(Rig.DOMAIN, PASID, IOVA, false);
        assertThat(read(PASID, IOVA)).isNegative();
        assertThat(read(4, IOVA)).isEqualTo(0x71_0000);
        rig.invalidatePages(Rig.DOMAIN, 4, 0x7fff_ffff_ffff_f000L, true);
        assertThat(read(4, IOVA)).isNegative();
    }

    @Test
    void entriesOfGuestTablesStayUntilTheirPasidIsInvalidatedWithPde() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        rig.memory.set64(Rig.gcr3(Rig.DOMAIN) + PASID * 8L, Rig.guestTop(Rig.DOMAIN, 9) | Gcr3Entry.V.mask());
        rig.guestEntryFrom(Rig.guestTop(Rig.DOMAIN, 9), 4, Rig.DOMAIN, IOVA, 1, 0x71_0000 | Rig.USER);
        rig.invalidateLeaves(Rig.DOMAIN, PASID, IOVA, false);
        assertThat(read(PASID, IOVA)).as("by the old tables").isEqualTo(0x70_0000);
        rig.invalidatePages(Rig.DOMAIN, 4, IOVA, false);
        rig.invalidatePages(Rig.DOMAIN, IOVA, false);
        rig.invalidateLeaves(Rig.DOMAIN, PASID, 0x7fff_ffff_ffff_f000L, true);
        assertThat(read(PASID, IOVA)).as("neither another PASID nor host tables").isEqualTo(0x70_0000);
        rig.invalidatePages(Rig.DOMAIN, PASID, 0x7fff_ffff_ffff_f000L, true);
        assertThat(read(PASID, IOVA)).isEqualTo(0x71_0000);
    }

    @Test
    void whatAnEntryAboveAGuestTableForbidsIsForbiddenWhereTheTableIsKnown() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA + 0x1000, 1, 0x71_0000 | Rig.USER);
        long top = Rig.guestTop(Rig.DOMAIN, PASID) + (IOVA >>> 39 & 511) * 8;
        rig.memory.set64(top, rig.memory.get64(top) & ~GuestPageEntry.RW.mask());
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        assertThat(rig.request(PASID, IOVA + 0x1000, RequestAccess.WRITE)).isNegative();
        rig.memory.set64(top, rig.memory.get64(top) & ~GuestPageEntry.US.mask() | GuestPageEntry.RW.mask());
        rig.invalidatePages(Rig.DOMAIN, PASID, 0x7fff_ffff_ffff_f000L, true);
        assertThat(read(PASID, IOVA)).isNegative();
        assertThat(read(PASID, IOVA + 0x1000)).as("of a supervisor").isNegative();
        rig.memory.set64(top, rig.memory.get64(top) | Rig.USER);
        rig.invalidatePages(Rig.DOMAIN, PASID, 0x7fff_ffff_ffff_f000L, true);
        assertThat(rig.request(PASID, IOVA + 0x1000, RequestAccess.WRITE)).isEqualTo(0x71_0000);
    }

    /** A guest's pointer is a guest address: what host tables make of it is another matter. */
    @Test
    void aGuestTableThatItsHostMovesIsFoundInItsNewPlace() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.entry(Rig.DOMAIN, 0xa000, 1, 0x71_0000 | Rig.PR | Rig.RW);
        long place = rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        long table = place & -4096;
        long moved = Rig.top(Rig.DOMAIN) + 0x7_0000;
        rig.memory.set64(moved + (place & 4095), 0xa000 | Rig.USER);
        rig.entry(Rig.DOMAIN, table, 1, moved | Rig.PR | Rig.RW);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        rig.invalidateLeaves(Rig.DOMAIN, table, false);
        assertThat(read(PASID, IOVA)).isEqualTo(0x71_0000);
    }

    @Test
    void aHostPageTakesEveryNestedTranslationOfItsDomainWithIt() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        read(PASID, IOVA);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x71_0000 | Rig.PR | Rig.RW);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        rig.invalidatePages(Rig.DOMAIN, PASID, IOVA, false);
        assertThat(read(PASID, IOVA)).as("the host page is kept by itself").isEqualTo(0x70_0000);
        rig.invalidatePages(Rig.DOMAIN, 0x9000, false);
        assertThat(read(PASID, IOVA)).isEqualTo(0x71_0000);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0xb000 | Rig.USER);
        rig.entry(Rig.DOMAIN, 0xb000, 1, 0x72_0000 | Rig.PR | Rig.RW);
        assertThat(read(PASID, IOVA)).isEqualTo(0x71_0000);
        rig.invalidatePages(Rig.DOMAIN, 0x8_8000, false);
        assertThat(read(PASID, IOVA)).as("any host page of the domain").isEqualTo(0x72_0000);
    }

    @Test
    void whereAGuestTableIsStaysKnownUntilTheHostPageIsInvalidated() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
        rig.hostOfGuestTables(Rig.DOMAIN, Rig.RW);
        rig.entry(Rig.DOMAIN, 0x9000, 1, 0x70_0000 | Rig.PR | Rig.RW);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x9000 | Rig.USER);
        long top = Rig.guestTop(Rig.DOMAIN, PASID);
        read(PASID, IOVA);
        rig.entry(Rig.DOMAIN, top, 1, 0);
        rig.invalidatePages(Rig.DOMAIN, PASID, IOVA, false);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        rig.invalidatePages(Rig.DOMAIN, top, false);
        assertThat(read(PASID, IOVA)).isNegative();
    }

    @Test
    void allPagesOfADomainAreThoseOfItsPasidsToo() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x70_0000 | Rig.USER);
        read(PASID, IOVA);
        rig.guestEntry(Rig.DOMAIN, PASID, IOVA, 1, 0x71_0000 | Rig.USER);
        rig.invalidateDomain(Rig.DOMAIN + 1);
        assertThat(read(PASID, IOVA)).isEqualTo(0x70_0000);
        rig.invalidateDomain(Rig.DOMAIN);
        assertThat(read(PASID, IOVA)).isEqualTo(0x71_0000);
    }

    @Test
    void manyPasidsOfOneDeviceKeepTheirTranslations() {
        rig.guest(Rig.DEVICE, Rig.DOMAIN, 0, 0);
        for (int pasid = 0; pasid < 100; pasid++) {
            rig.memory.set64(Rig.gcr3(Rig.DOMAIN) + pasid * 8L, Rig.guestTop(Rig.DOMAIN, PASID) | 1);
        }
        rig.guestEntryFrom(Rig.guestTop(Rig.DOMAIN, PASID), 4, Rig.DOMAIN, IOVA, 1, 0x70_0000 | Rig.USER);
        for (int round = 0; round < 2; round++) {
            for (int pasid = 0; pasid < 100; pasid++) {
                assertThat(read(pasid, IOVA)).as("PASID %d", pasid).isEqualTo(0x70_0000);
            }
        }
    }

    @Test
    void aUnitWithoutGuestTranslationRefusesSuchEntries() {
        try (var plain = new Rig(Rig.features(EnumSet.of(AmdviFlag.IOTLB), 1)).start()) {
            plain.guest(Rig.DEVICE, Rig.DOMAIN, 4, 0);
            assertThat(plain.read(IOVA)).isNegative();
            assertThat(plain.event().code()).isEqualTo(EventCode.ILLEGAL_DEV_TABLE_ENTRY);
        }
    }
}
