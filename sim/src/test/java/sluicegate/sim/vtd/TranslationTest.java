package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.SecondStageEntry;

/** Requests through tables that are written by hand: where they end, and every way in which they are refused. */
class TranslationTest {
    private static final long IOVA = 0x12_3456_7000L;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Rig.Features features) {
        rig.close();
        rig = new Rig(features.build());
    }

    private void assertRefused(FaultReason reason, long answer) {
        assertThat(answer).isEqualTo(-reason.code());
        assertThat(rig.takeRecord(0).reason()).isEqualTo(reason.code());
    }

    @Test
    void addressesPassWhileTranslationIsOff() {
        assertThat(rig.request(IOVA, RequestAccess.WRITE)).isEqualTo(IOVA);
        assertThat(rig.request(-4096, RequestAccess.READ)).isEqualTo(TranslationEngine.NO_ADDRESS);
    }

    @Test
    void pagesOfEachSizeTranslate() {
        rig.start();
        rig.entry(Rig.DID, IOVA, 1, 0x7_1000 | Rig.RW);
        rig.entry(Rig.DID, 0x4020_0000L, 2, 0x2_0020_0000L | Rig.PS | Rig.RW);
        rig.entry(Rig.DID, 0x1_0000_0000L, 3, 0x3_4000_0000L | Rig.PS | Rig.RW);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(IOVA + 0x123, RequestAccess.WRITE)).isEqualTo(0x7_1123);
            assertThat(rig.request(0x4023_4567L, RequestAccess.READ)).isEqualTo(0x2_0023_4567L);
            assertThat(rig.request(0x1_0123_4567L, RequestAccess.ATOMIC)).isEqualTo(0x3_4123_4567L);
        }
        assertThat(rig.hasRecord(0)).isFalse();
    }

    @Test
    void threeAndFiveLevelsTranslate() {
        var features = new Rig.Features();
        features.levels = Set.of(3, 4, 5);
        features.width = 57;
        with(features);
        rig.start();
        rig.entry(Rig.DID, 0x1234_5000L, 1, 0x9000 | Rig.RW);
        long level3 = SecondStageEntry.ADDR.inPlace(rig.memory.get64(Rig.top(Rig.DID)));
        rig.contextEntry(0x30, 1 | level3, ContextEntry.AW.set(0, 1));
        assertThat(rig.unit.translate(0x30, Pasid.NONE, 0x1234_5678L, RequestAccess.READ)).isEqualTo(0x9678);
        long level5 = 0x11_0000;
        rig.memory.set64(level5 + 8 * 0xff, Rig.top(Rig.DID) | Rig.RW);
        rig.contextEntry(0x38, 1 | level5, ContextEntry.AW.set(0, 3));
        assertThat(rig.unit.translate(0x38, Pasid.NONE, 0xffL << 48 | 0x1234_5678L, RequestAccess.READ)).isEqualTo(0x9678);
    }

    @Test
    void passThroughLeavesTheAddress() {
        rig.start();
        rig.context(Rig.SID, Rig.DID, 0b10, 0);
        assertThat(rig.request(IOVA, RequestAccess.WRITE)).isEqualTo(IOVA);
        assertRefused(FaultReason.ADDRESS_BEYOND_WIDTH, rig.request(1L << 48, RequestAccess.WRITE));
    }

    @Test
    void permissionsAreThoseOfAllLevelsTogether() {
        rig.start();
        rig.entry(Rig.DID, IOVA, 1, 0x7_1000 | Rig.RW);
        long upper = rig.memory.get64(Rig.top(Rig.DID));
        rig.memory.set64(Rig.top(Rig.DID), upper & ~Rig.W);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(0x7_1000);
        assertRefused(FaultReason.WRITE_NOT_PERMITTED, rig.request(IOVA, RequestAccess.WRITE));
    }

    @Test
    void missingPermissionsAreToldApart() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, 1, 0x7_1000 | Rig.R);
        rig.entry(Rig.DID, 0x2000, 1, 0x7_2000 | Rig.W);
        assertThat(rig.request(0x1000, RequestAccess.WRITE)).isEqualTo(-0x05);
        assertThat(rig.request(0x1000, RequestAccess.ATOMIC)).isEqualTo(-0x05);
        assertThat(rig.request(0x2000, RequestAccess.READ)).isEqualTo(-0x06);
        assertThat(rig.request(0x2000, RequestAccess.WRITE)).isEqualTo(0x7_2000);
        assertThat(rig.request(0x3000, RequestAccess.READ)).isEqualTo(-0x06);
        assertThat(FaultRecord.T1.isSet(rig.takeRecord(0).high())).isFalse();
        assertThat(FaultRecord.T2.isSet(rig.takeRecord(1).high())).as("atomic").isTrue();
        assertThat(FaultRecord.T1.isSet(rig.takeRecord(2).high())).as("read").isTrue();
    }

    @Test
    void zeroLengthReadNeedsEitherPermissionWhereTheUnitAllowsIt() {
        rig.start();
        rig.entry(Rig.DID, 0x2000, 1, 0x7_2000 | Rig.W);
        assertThat(rig.request(0x2000, RequestAccess.ZERO_LENGTH_READ)).isEqualTo(0x7_2000);
        assertThat(rig.request(0x2000, RequestAccess.ZERO_LENGTH_READ)).as("from the IOTLB").isEqualTo(0x7_2000);
        assertThat(rig.request(0x3000, RequestAccess.ZERO_LENGTH_READ)).isEqualTo(-0x06);
        var features = new Rig.Features();
        features.zeroLengthRead = false;
        with(features);
        rig.start();
        rig.entry(Rig.DID, 0x2000, 1, 0x7_2000 | Rig.W);
        assertThat(rig.request(0x2000, RequestAccess.ZERO_LENGTH_READ)).isEqualTo(-0x06);
    }

    @Test
    void rootTableFaults() {
        rig.command(GlobalCommandRegister.TE.mask());
        assertRefused(FaultReason.ROOT_TABLE_ADDRESS_INVALID, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.rootEntry(0, 0);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x01);
        rig.rootEntry(Rig.CONTEXTS | 1 | 0x10, 0);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x0a);
        rig.rootEntry(Rig.CONTEXTS | 1, 1);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x0a);
        rig.rootEntry(1L << 39 | 1, 0);
        assertThat(rig.request(IOVA, RequestAccess.READ)).as("beyond the host address width").isEqualTo(-0x0a);
        rig.setRoot(Rig.MEMORY);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x08);
    }

    @Test
    void onlyLegacyModeIsThere() {
        rig.start();
        rig.commandOff(GlobalCommandRegister.TE.mask());
        rig.setRoot(RootTableAddressRegister.TTM.set(Rig.ROOT, RootTableAddressRegister.SCALABLE_MODE));
        rig.command(GlobalCommandRegister.TE.mask());
        assertRefused(FaultReason.ROOT_TABLE_ADDRESS_INVALID, rig.request(IOVA, RequestAccess.READ));
    }

    @Test
    void contextTableFaults() {
        rig.start();
        rig.contextEntry(Rig.SID, 0, 0);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x02);
        rig.contextEntry(Rig.SID, Rig.top(Rig.DID) | 1 | 0x10, 2);
        assertThat(rig.request(IOVA, RequestAccess.READ)).as("reserved low").isEqualTo(-0x0b);
        rig.contextEntry(Rig.SID, Rig.top(Rig.DID) | 1, 2 | 1L << 24);
        assertThat(rig.request(IOVA, RequestAccess.READ)).as("reserved high").isEqualTo(-0x0b);
        rig.contextEntry(Rig.SID, 1L << 39 | 1, 2);
        assertThat(rig.request(IOVA, RequestAccess.READ)).as("pointer beyond host address width").isEqualTo(-0x0b);
        for (int i = 0; i < 4; i++) {
            rig.takeRecord(i);
        }
        rig.rootEntry(Rig.MEMORY | 1, 0);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x09);
    }

    @Test
    void contextEntriesThatTheUnitCantServeAreInvalid() {
        var features = new Rig.Features();
        features.passThrough = false;
        with(features);
        rig.start();
        long top = Rig.top(Rig.DID) | 1;
        long[][] entries = {{top, 3}, {top, 0}, {top, 7}, {ContextEntry.TT.set(top, 0b10), 2}, {ContextEntry.TT.set(top, 0b01), 2},
            {ContextEntry.TT.set(top, 0b11), 2}, {top, ContextEntry.DID.set(2, 256)}};
        for (var entry : entries) {
            rig.contextEntry(Rig.SID, entry[0], entry[1]);
            assertThat(rig.request(IOVA, RequestAccess.READ)).as("%x %x", entry[0], entry[1]).isEqualTo(-0x03);
        }
        rig.contextEntry(Rig.SID, top, ContextEntry.DID.set(2, 255));
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x06);
    }

    @Test
    void addressesBeyondTheContextOrTheUnitAreRefused() {
        rig.start();
        assertRefused(FaultReason.ADDRESS_BEYOND_WIDTH, rig.request(1L << 48, RequestAccess.READ));
        var features = new Rig.Features();
        features.width = 39;
        with(features);
        rig.start();
        assertRefused(FaultReason.ADDRESS_BEYOND_WIDTH, rig.request(1L << 39, RequestAccess.READ));
    }

    @Test
    void whatPassesThroughIsAsWideAsAPhysicalAddress() {
        rig.close();
        rig = new Rig(VtdCapabilities.of(new Rig.Features().build(), 46));
        rig.start();
        rig.contextEntry(Rig.SID, ContextEntry.TT.set(1, 0b10), 1);
        assertThat(rig.request(1L << 39, RequestAccess.READ)).as("beyond AW").isEqualTo(1L << 39);
        assertThat(rig.request((1L << 46) - 1, RequestAccess.READ)).isEqualTo((1L << 46) - 1);
        assertRefused(FaultReason.ADDRESS_BEYOND_WIDTH, rig.request(1L << 46, RequestAccess.READ));
    }

    @Test
    void pagingEntryFaults() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, 1, 0x80_0000_0000L | Rig.RW);
        assertThat(rig.request(0x1000, RequestAccess.READ)).as("page beyond host address width").isEqualTo(-0x0c);
        rig.entry(Rig.DID, 0x1000, 1, 0x7000 | Rig.RW | SecondStageEntry.SNP.mask());
        assertThat(rig.request(0x1000, RequestAccess.READ)).as("SNP without snoop control").isEqualTo(-0x0c);
        rig.entry(Rig.DID, 0x1000, 1, 0x7000 | Rig.RW | SecondStageEntry.TM.mask());
        assertThat(rig.request(0x1000, RequestAccess.READ)).as("TM without device TLBs").isEqualTo(-0x0c);
        rig.entry(Rig.DID, 0x4000_0000L, 2, 0x7000 | Rig.RW | Rig.PS);
        assertThat(rig.request(0x4000_0000L, RequestAccess.READ)).as("misaligned large page").isEqualTo(-0x0c);
        for (int i = 0; i < 4; i++) {
            assertThat(rig.takeRecord(i).reason()).isEqualTo(0x0c);
        }
        rig.entry(Rig.DID, 0x4000_0000L, 2, Rig.MEMORY | Rig.RW);
        assertThat(rig.request(0x4000_0000L, RequestAccess.READ)).as("table outside memory").isEqualTo(-0x07);
        rig.contextEntry(0x30, Rig.MEMORY | 1, 2);
        assertThat(rig.unit.translate(0x30, Pasid.NONE, IOVA, RequestAccess.READ)).as("topmost table outside memory")
                .isEqualTo(-0x03);
        rig.entry(Rig.DID, 0x80_0000_0000L, 4, 0x10_0000 | Rig.RW | Rig.PS);
        assertThat(rig.request(0x80_0000_0000L, RequestAccess.READ)).as("page size at level 4").isEqualTo(-0x0c);
    }

    @Test
    void largePagesThatTheUnitLacksAreReservedBits() {
        var features = new Rig.Features();
        features.pages2M = false;
        features.pages1G = false;
        with(features);
        rig.start();
        rig.entry(Rig.DID, 0x20_0000, 2, Rig.PS | Rig.RW);
        rig.entry(Rig.DID, 0x4000_0000L, 3, Rig.PS | Rig.RW);
        assertThat(rig.request(0x20_0000, RequestAccess.READ)).isEqualTo(-0x0c);
        assertThat(rig.request(0x4000_0000L, RequestAccess.READ)).isEqualTo(-0x0c);
    }

    @Test
    void theInterruptRangeIsNeverTranslated() {
        rig.start();
        rig.entry(Rig.DID, 0xfee0_0000L, 2, 0x20_0000 | Rig.PS | Rig.RW);
        assertThat(rig.request(0xfee0_1004L, RequestAccess.WRITE)).isEqualTo(0xfee0_1004L);
        assertRefused(FaultReason.INTERRUPT_REQUEST_INVALID, rig.request(0xfee0_1004L, RequestAccess.READ));
    }

    @Test
    void noPageMayLeadToTheInterruptRange() {
        rig.start();
        rig.entry(Rig.DID, 0x1000, 1, 0xfee0_0000L | Rig.RW);
        rig.entry(Rig.DID, 0x4000_0000L, 3, 0xc000_0000L | Rig.PS | Rig.RW);
        assertThat(rig.request(0x1000, RequestAccess.WRITE)).isEqualTo(-0x0e);
        assertThat(rig.request(0x4000_0000L, RequestAccess.WRITE)).isEqualTo(0xc000_0000L);
        assertThat(rig.request(0x7ee0_0000L, RequestAccess.WRITE)).as("in a cached page of 1 GiB").isEqualTo(-0x0e);
    }

    @Test
    void requestsWithPasidAreRefusedInLegacyMode() {
        rig.start();
        assertThat(rig.unit.translate(Rig.SID, 7, IOVA, RequestAccess.READ)).isEqualTo(-0x31);
        var record = rig.takeRecord(0);
        assertThat(FaultRecord.PP.isSet(record.high())).isTrue();
        assertThat(FaultRecord.PV.get(record.high())).isEqualTo(7);
    }

    @Test
    void translatedRequestsNeedTheRightTranslationType() {
        var features = new Rig.Features();
        features.deviceTlb = true;
        with(features);
        rig.start();
        assertThat(rig.unit.engine().translated(Rig.SID, 0x5000, RequestAccess.WRITE)).isEqualTo(-0x0d);
        assertThat(FaultRecord.AT.get(rig.takeRecord(0).high())).isEqualTo(FaultRecord.AT_TRANSLATED);
        assertThat(rig.unit.engine().translationRequest(Rig.SID, Pasid.NONE, 0x5000, false)).isEmpty();
        assertThat(FaultRecord.AT.get(rig.takeRecord(1).high())).isEqualTo(FaultRecord.AT_TRANSLATION_REQUEST);
        rig.context(0x30, Rig.DID, 0b01, 0);
        rig.entry(Rig.DID, 0x20_0000, 2, 0x40_0000 | Rig.PS | Rig.R);
        assertThat(rig.unit.engine().translated(0x30, 0x5000, RequestAccess.WRITE)).isEqualTo(0x5000);
        assertThat(rig.unit.engine().translationRequest(0x30, Pasid.NONE, 0x23_4000, false))
                .contains(new TranslationEngine.Page(0x40_0000, RequestAccess.READ, 0x20_0000));
        assertThat(rig.unit.engine().translationRequest(0x30, Pasid.NONE, 0x80_0000, false).orElseThrow().permissions()).isZero();
        assertThat(rig.hasRecord(2)).as("a translation that is not there is no fault of a translation request").isFalse();
    }

    @Test
    void aFaultRecordSaysWhoWhatAndWhere() {
        rig.start();
        assertThat(rig.request(IOVA + 0x123, RequestAccess.READ)).isEqualTo(-0x06);
        var record = rig.takeRecord(0);
        assertThat(record.sid()).isEqualTo(Rig.SID);
        assertThat(record.address()).isEqualTo(IOVA);
        assertThat(FaultRecord.T1.isSet(record.high())).isTrue();
        assertThat(FaultRecord.PP.isSet(record.high())).isFalse();
    }

    @Test
    void faultProcessingDisableHidesQualifiedFaultsOnly() {
        rig.start();
        rig.context(Rig.SID, Rig.DID, 0, (int) ContextEntry.FPD.mask());
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(-0x06);
        rig.contextEntry(0x30, ContextEntry.FPD.mask(), 0);
        assertThat(rig.unit.translate(0x30, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(-0x02);
        assertThat(rig.faultStatus()).isZero();
        rig.rootEntry(0, 0);
        assertThat(rig.unit.translate(0x38, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(-0x01);
        assertThat(rig.hasRecord(0)).as("a root entry has no FPD").isTrue();
    }

    @Test
    void aProbeSeesWhatHardwareWouldDoAndLeavesNoTrace() {
        rig.start();
        rig.entry(Rig.DID, 0x20_0000, 2, 0x40_0000 | Rig.PS | Rig.R);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x20_1234, Access.READ))
                .isEqualTo(new Translation.Mapped(0x20_1234, 0x40_1234, Prot.READ | Prot.NOEXEC, 0x20_0000));
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x20_1234, Access.WRITE)).isInstanceOfSatisfying(
                Translation.Fault.class, fault -> {
                    assertThat(fault.code()).isEqualTo(5);
                    assertThat(fault.name()).isEqualTo("WRITE_NOT_PERMITTED");
                });
        assertThat(rig.faultStatus()).isZero();
        rig.entry(Rig.DID, 0x20_0000, 2, 0);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x20_1234, Access.READ)).as("nothing was cached")
                .isInstanceOf(Translation.Fault.class);
        rig.entry(Rig.DID, 0x20_0000, 2, 0x40_0000 | Rig.PS | Rig.R);
        rig.request(0x20_0000, RequestAccess.READ);
        rig.entry(Rig.DID, 0x20_0000, 2, 0);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x20_1234, Access.READ)).as("a stale entry is what hardware uses")
                .isInstanceOf(Translation.Mapped.class);
    }
}
