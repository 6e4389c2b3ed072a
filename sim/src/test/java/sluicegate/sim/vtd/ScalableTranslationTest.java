package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FirstStageMode;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.ScalableRootEntry;

/** Requests through tables of scalable mode that are written by hand: where they end, and every way of being refused. */
class ScalableTranslationTest {
    private static final long IOVA = 0x12_3456_7000L;
    private static final long HIGH = 0xffff_8000_0000_0000L;
    private static final int PASID = 0x77;
    private ScalableRig rig = new ScalableRig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(VtdCapabilities capabilities) {
        rig.close();
        rig = new ScalableRig(capabilities);
    }

    private void assertRefused(FaultReason reason, long answer) {
        assertThat(answer).as(reason.name()).isEqualTo(-reason.code());
        assertThat(rig.rig.takeRecord(0).reason()).isEqualTo(reason.code());
        rig.close();
        rig = new ScalableRig();
    }

    // Where requests end

    @Test
    void requestsWithoutPasidUseTheOneThatTheContextEntryNames() {
        rig.start();
        rig.context(ScalableRig.SID, 0, ScalableContextEntry.RID_PASID.set(0, 0x42));
        rig.secondStage(0x42, ScalableRig.DID, 0);
        rig.rig.entry(ScalableRig.DID, IOVA, 1, 0x7_1000 | Rig.RW);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(IOVA + 0x123, RequestAccess.WRITE)).isEqualTo(0x7_1123);
        }
    }

    @Test
    void bothHalvesOfARootEntryAreUsed() {
        rig.start();
        rig.passThrough(0, 1);
        rig.context(0x00ff, 0, 0);
        assertThat(rig.unit.translate(0x00ff, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        rig.memory.set64(ScalableRig.ROOT + 8, 0);
        assertThat(rig.unit.translate(0x00fe, Pasid.NONE, IOVA, RequestAccess.READ))
                .isEqualTo(-FaultReason.SM_ROOT_ENTRY_NOT_PRESENT.code());
        rig.rig.takeRecord(0);
        assertThat(rig.unit.translate(ScalableRig.SID, Pasid.NONE, IOVA, RequestAccess.READ)).isEqualTo(IOVA);
    }

    @Test
    void firstStagePagesOfEachSizeTranslate() {
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.firstStage(PASID, 6);
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        rig.first(ScalableRig.DID, 0x4020_0000L, 2, 0x2_0020_0000L | ScalableRig.PS | ScalableRig.USER | 1 << 12);
        rig.first(ScalableRig.DID, 0x1_0000_0000L, 3, 0x3_4000_0000L | ScalableRig.PS | ScalableRig.USER);
        rig.first(6, HIGH, 1, 0x7_2000 | ScalableRig.USER);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(IOVA + 0x123, RequestAccess.WRITE)).isEqualTo(0x7_1123);
            assertThat(rig.request(0x4023_4567L, RequestAccess.READ)).isEqualTo(0x2_0023_4567L);
            assertThat(rig.request(0x1_0123_4567L, RequestAccess.ATOMIC)).isEqualTo(0x3_4123_4567L);
            assertThat(rig.request(PASID, HIGH + 0x18, RequestAccess.READ)).isEqualTo(0x7_2018);
        }
        assertThat(rig.rig.hasRecord(0)).isFalse();
    }

    @Test
    void firstStageHasFiveLevelsWhereItIsSaid() {
        rig.start();
        rig.firstStage(0, ScalableRig.DID, PasidEntry.FSPM.set(0, FirstStageMode.LEVELS_5.code()));
        long iova = 0xff00_0000_0000_0000L | IOVA;
        rig.first(ScalableRig.DID, 5, iova, 1, 0x7_1000 | ScalableRig.USER, 0);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(iova + 8, RequestAccess.READ)).isEqualTo(0x7_1008);
        }
        assertRefused(FaultReason.SM_ADDRESS_NOT_CANONICAL, rig.request(iova & -1L >>> 7, RequestAccess.READ));
    }

    @Test
    void nestedTranslationGoesThroughBothStages() {
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.guest(ScalableRig.DID, IOVA, 1, 0x66_6000 | ScalableRig.USER);
        rig.guest(ScalableRig.DID, 0x4020_0000L, 2, 0x3000_0000L | ScalableRig.PS | ScalableRig.USER);
        rig.guestTables(ScalableRig.DID, Rig.RW);
        rig.rig.entry(ScalableRig.DID, 0x66_6000, 1, 0x9_9000 | Rig.RW);
        rig.rig.entry(ScalableRig.DID, 0x3000_0000L, 1, 0xa_a000 | Rig.R);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(PASID, IOVA + 0x123, RequestAccess.WRITE)).isEqualTo(0x9_9123);
            assertThat(rig.request(PASID, 0x4020_0004L, RequestAccess.READ)).isEqualTo(0xa_a004);
        }
        var page = (Translation.Mapped) rig.unit.probe(ScalableRig.SID, PASID, 0x4020_0000L, Access.READ);
        assertThat(page.size()).as("the smaller of both").isEqualTo(4096);
        assertThat(page.prot() & Prot.WRITE).isZero();
        assertRefused(FaultReason.SM_WRITE_NOT_PERMITTED, rig.request(PASID, 0x4020_0000L, RequestAccess.WRITE));
    }

    @Test
    void passThroughLeavesTheAddress() {
        rig.start();
        rig.passThrough(0, 1);
        rig.passThrough(PASID, 1);
        assertThat(rig.request(IOVA, RequestAccess.WRITE)).isEqualTo(IOVA);
        assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE)).isEqualTo(IOVA);
        assertThat(rig.request((1L << 39) - 1, RequestAccess.WRITE)).isEqualTo((1L << 39) - 1);
        assertRefused(FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH, rig.request(1L << 39, RequestAccess.WRITE));
        rig.start();
        rig.pasid(0, PasidEntry.AW.set(ScalableRig.kind(PasidContext.PASS_THROUGH), 7), 0, 0);
        assertThat(rig.request(IOVA, RequestAccess.WRITE)).as("AW does not matter").isEqualTo(IOVA);
    }

    @Test
    void pasidsOfOneDeviceAreSeparate() {
        rig.start();
        rig.firstStage(1, 1);
        rig.firstStage(2, 1);
        rig.memory.set64(ScalableRig.pasidAddress(2) + 16, ScalableRig.top(7));
        rig.first(1, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        rig.first(7, IOVA, 1, 0x7_2000 | ScalableRig.USER);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(1, IOVA, RequestAccess.READ)).isEqualTo(0x7_1000);
            assertThat(rig.request(2, IOVA, RequestAccess.READ)).as("same domain id").isEqualTo(0x7_2000);
        }
    }

    @Test
    void interruptsAreThoseWithoutPasid() {
        rig.start();
        rig.passThrough(PASID, 1);
        rig.firstStage(PASID + 1, ScalableRig.DID);
        rig.first(ScalableRig.DID, 0xfee0_1000L, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.request(0xfee0_1000L, RequestAccess.WRITE)).isEqualTo(0xfee0_1000L);
        assertThat(rig.request(PASID + 1, 0xfee0_1000L, RequestAccess.WRITE)).as("an address as any other").isEqualTo(0x7_1000);
        assertRefused(FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE, rig.request(PASID, 0xfee0_1000L, RequestAccess.WRITE));
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 1, 0xfee0_1000L | ScalableRig.USER);
        assertRefused(FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE, rig.request(PASID, IOVA, RequestAccess.WRITE));
        rig.start();
        assertRefused(FaultReason.INTERRUPT_REQUEST_INVALID, rig.request(0xfee0_1000L, RequestAccess.READ));
    }

    // What configuration tables refuse

    @Test
    void tableModesThatAreNotPossibleRefuseEverything() {
        rig.start();
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.ABORT_DMA_MODE);
        assertRefused(FaultReason.TABLE_MODE_ABORT, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.setRoot(ScalableRig.ROOT, 0b10);
        assertRefused(FaultReason.ROOT_TABLE_ADDRESS_INVALID, rig.request(PASID, IOVA, RequestAccess.READ));
        with(ScalableRig.without(ExtendedCapabilityRegister.SMTS, ExtendedCapabilityRegister.ADMS));
        rig.start();
        assertRefused(FaultReason.ROOT_TABLE_ADDRESS_INVALID, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.LEGACY_MODE);
        assertRefused(FaultReason.TABLE_MODE_NO_PASID, rig.request(PASID, IOVA, RequestAccess.READ));
    }

    @Test
    void rootAndContextEntriesAreChecked() {
        rig.start();
        rig.setRoot(Rig.MEMORY, RootTableAddressRegister.SCALABLE_MODE);
        assertRefused(FaultReason.SM_ROOT_ENTRY_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(ScalableRig.ROOT, 0);
        assertRefused(FaultReason.SM_ROOT_ENTRY_NOT_PRESENT, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(ScalableRig.ROOT, ScalableRig.CONTEXTS | ScalableRootEntry.LP.mask() | 2);
        assertRefused(FaultReason.SM_ROOT_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(ScalableRig.ROOT, Rig.MEMORY | ScalableRootEntry.LP.mask());
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(rig.contextAddress(ScalableRig.SID), 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT, rig.request(IOVA, RequestAccess.READ));
    }

    @ParameterizedTest
    @ValueSource(ints = {5, 8, 39, 63, 85, 127, 128, 200, 255})
    void reservedBitsOfAContextEntry(int bit) {
        rig.start();
        rig.passThrough(0, 1);
        flip(rig.contextAddress(ScalableRig.SID), bit);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
    }

    @Test
    void fieldsOfAContextEntryAreReservedWithoutTheFeature() {
        for (var capability : new sluicegate.spec.Field[] {ExtendedCapabilityRegister.DT, ExtendedCapabilityRegister.PASID,
            ExtendedCapabilityRegister.RPS, ExtendedCapabilityRegister.RPRIVS}) {
            with(ScalableRig.without(capability));
            rig.start();
            rig.passThrough(0, 1);
            rig.context(ScalableRig.SID, 0, 0);
            assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(IOVA);
            long low = capability == ExtendedCapabilityRegister.DT ? ScalableContextEntry.DTE.mask()
                    : capability == ExtendedCapabilityRegister.PASID ? ScalableContextEntry.PASIDE.mask() : 0;
            long high = capability == ExtendedCapabilityRegister.RPS ? 1
                    : capability == ExtendedCapabilityRegister.RPRIVS ? ScalableContextEntry.RID_PRIV.mask() : 0;
            rig.context(ScalableRig.SID + 1, low, high);
            assertThat(rig.unit.translate(ScalableRig.SID + 1, Pasid.NONE, IOVA, RequestAccess.READ)).as(capability.name())
                    .isEqualTo(-FaultReason.SM_CONTEXT_ENTRY_RESERVED.code());
        }
    }

    @Test
    void aContextEntrySaysWhichRequestsPass() {
        rig.start();
        rig.context(ScalableRig.SID, 0, 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        assertRefused(FaultReason.SM_PASID_TOO_LARGE, rig.request(1 << 13, IOVA, RequestAccess.READ));
        rig.start();
        rig.context(ScalableRig.SID, 0, ScalableContextEntry.RID_PASID.set(0, 1 << 13));
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_INVALID, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.context(ScalableRig.SID, ScalableContextEntry.PASIDE.mask(), ScalableContextEntry.RID_PASID.set(0, PASID));
        rig.passThrough(PASID, 1);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        assertRefused(FaultReason.SM_PASID_IS_RID_PASID, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.context(ScalableRig.SID, ScalableContextEntry.PRE.mask(), 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_INVALID, rig.request(IOVA, RequestAccess.READ));
        with(new VtdCapabilities(VtdCapabilities.of(ScalableRig.features().build(), 39).cap(), ExtendedCapabilityRegister.PSS
                .set(VtdCapabilities.of(ScalableRig.features().build(), 39).ecap(), 5), 39));
        rig.start();
        rig.passThrough(63, 1);
        assertThat(rig.request(63, IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        assertRefused(FaultReason.SM_PASID_BEYOND_WIDTH, rig.request(64, IOVA, RequestAccess.READ));
        rig.start();
        rig.context(ScalableRig.SID, ScalableContextEntry.PASIDE.mask() | ScalableContextEntry.PDTS.set(0, 1), 0);
        assertRefused(FaultReason.PASID_DIRECTORY_ENTRY_NOT_PRESENT, rig.request(1 << 13, IOVA, RequestAccess.READ));
    }

    @Test
    void directoryEntriesAreChecked() {
        long place = ScalableRig.DIRECTORY + 8L * PasidDirectoryEntry.index(PASID);
        rig.start();
        rig.memory.set64(rig.contextAddress(ScalableRig.SID), Rig.MEMORY | 1);
        assertRefused(FaultReason.PASID_DIRECTORY_ENTRY_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(place, ScalableRig.PASIDS | 1 | 4);
        assertRefused(FaultReason.PASID_DIRECTORY_ENTRY_RESERVED, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(place, Rig.MEMORY | 1);
        assertRefused(FaultReason.PASID_ENTRY_UNREADABLE, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.memory.set64(place, ScalableRig.PASIDS | 1);
        assertRefused(FaultReason.PASID_ENTRY_NOT_PRESENT, rig.request(PASID, IOVA, RequestAccess.READ));
    }

    @ParameterizedTest
    @ValueSource(ints = {10, 11, 80, 86, 89, 90, 91, 94, 95, 96, 127, 136, 139, 190, 192, 300, 400, 511})
    void reservedBitsOfAPasidEntry(int bit) {
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        flip(ScalableRig.pasidAddress(0), bit);
        assertRefused(FaultReason.PASID_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
    }

    @ParameterizedTest
    @CsvSource({"SSADS, 9", "ERS, 5", "SMPWCS, 87", "SC, 88", "SRS, 128", "ERS, 129", "SRS, 132", "ERS, 133", "SRS, 134",
        "EAFS, 135"})
    void fieldsOfAPasidEntryAreReservedWithoutTheFeature(String capability, int bit) {
        var field = ExtendedCapabilityRegister.LAYOUT.field(capability);
        rig.start();
        rig.passThrough(0, 1);
        flip(ScalableRig.pasidAddress(0), bit);
        assertThat(rig.request(IOVA, RequestAccess.READ)).as("with it").isEqualTo(IOVA);
        with(field == ExtendedCapabilityRegister.SRS ? ScalableRig.without(field, ExtendedCapabilityRegister.RPRIVS)
                : ScalableRig.without(field));
        rig.start();
        rig.passThrough(0, 1);
        flip(ScalableRig.pasidAddress(0), bit);
        assertRefused(FaultReason.PASID_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
    }

    @Test
    void pointersCountOnlyWhereTheyAreUsed() {
        rig.start();
        rig.passThrough(0, 1);
        flip(ScalableRig.pasidAddress(0), 50);
        flip(ScalableRig.pasidAddress(0), 128 + 50);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(IOVA);
        rig.secondStage(1, 1, 0);
        flip(ScalableRig.pasidAddress(1), 50);
        assertRefused(FaultReason.PASID_ENTRY_RESERVED, rig.request(1, IOVA, RequestAccess.READ));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 6, 7})
    void translationTypesThatDoNotExist(int type) {
        rig.start();
        rig.pasid(0, ScalableRig.kind(type), 0, 0);
        assertRefused(FaultReason.PASID_ENTRY_INVALID, rig.request(IOVA, RequestAccess.READ));
    }

    @ParameterizedTest
    @CsvSource({"FSTS, 1", "SSTS, 2", "NEST, 3", "PT, 4"})
    void translationTypesThatTheUnitLacks(String capability, int type) {
        with(ScalableRig.without(ExtendedCapabilityRegister.LAYOUT.field(capability)));
        rig.start();
        rig.pasid(0, ScalableRig.kind(type), 0, 0);
        assertRefused(FaultReason.PASID_ENTRY_INVALID, rig.request(IOVA, RequestAccess.READ));
    }

    @Test
    void depthsAndDomainsThatTheUnitLacks() {
        rig.start();
        rig.firstStage(0, ScalableRig.DID, PasidEntry.FSPM.set(0, 2));
        assertRefused(FaultReason.PASID_ENTRY_INVALID, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, PasidEntry.AW.mask());
        assertRefused(FaultReason.PASID_ENTRY_INVALID, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, 256);
        assertRefused(FaultReason.PASID_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
    }

    @Test
    void faultsAreNotRecordedWhereAnEntryOnTheWaySaysSo() {
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.memory.set64(ScalableRig.pasidAddress(0), ScalableRig.kind(1) | PasidEntry.FPD.mask());
        assertSilent(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT, rig.request(IOVA, RequestAccess.READ));
        rig.memory.set64(ScalableRig.pasidAddress(1), PasidEntry.FPD.mask());
        assertSilent(FaultReason.PASID_ENTRY_NOT_PRESENT, rig.request(1, IOVA, RequestAccess.READ));
        rig.memory.set64(ScalableRig.DIRECTORY, ScalableRig.PASIDS | 1 | PasidDirectoryEntry.FPD.mask());
        assertSilent(FaultReason.PASID_ENTRY_NOT_PRESENT, rig.request(2, IOVA, RequestAccess.READ));
        rig.context(ScalableRig.SID + 1, ScalableContextEntry.FPD.mask(), 0);
        rig.memory.set64(ScalableRig.DIRECTORY, 0);
        assertSilent(FaultReason.PASID_DIRECTORY_ENTRY_NOT_PRESENT,
                rig.unit.translate(ScalableRig.SID + 1, Pasid.NONE, IOVA, RequestAccess.READ));
        assertSilent(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE,
                rig.unit.translate(ScalableRig.SID + 1, 1, IOVA, RequestAccess.READ));
    }

    private void assertSilent(FaultReason reason, long answer) {
        assertThat(answer).isEqualTo(-reason.code());
        assertThat(rig.rig.hasRecord(0)).as(reason.name()).isFalse();
    }

    // Permissions

    @Test
    void firstStageEntriesAreChecked() {
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        assertRefused(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 2, Rig.MEMORY | ScalableRig.USER);
        assertRefused(FaultReason.FIRST_STAGE_ENTRY_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.memory.set64(ScalableRig.pasidAddress(0) + 16, Rig.MEMORY);
        assertRefused(FaultReason.FIRST_STAGE_ROOT_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 4, 0x7000 | ScalableRig.USER | ScalableRig.PS);
        assertRefused(FaultReason.FIRST_STAGE_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 2, 1 << 13 | ScalableRig.USER | ScalableRig.PS);
        assertRefused(FaultReason.FIRST_STAGE_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 1, 1L << 40 | ScalableRig.USER);
        assertRefused(FaultReason.FIRST_STAGE_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 1, ScalableRig.XD | ScalableRig.USER);
        assertRefused(FaultReason.FIRST_STAGE_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        assertRefused(FaultReason.SM_ADDRESS_NOT_CANONICAL, rig.request(1L << 47, RequestAccess.READ));
    }

    @Test
    void supervisorPagesAreForPrivilegedRequests() {
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID, PasidEntry.SRE.mask());
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.P);
        for (int again = 0; again < 2; again++) {
            assertThat(rig.request(PASID, IOVA, RequestAccess.READ | RequestAccess.PRIVILEGED)).isEqualTo(0x7_1000);
            assertThat(rig.request(PASID, IOVA, RequestAccess.WRITE | RequestAccess.PRIVILEGED)).as("no WPE").isEqualTo(0x7_1000);
        }
        assertRefused(FaultReason.SM_USER_NOT_PERMITTED, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID);
        assertRefused(FaultReason.PASID_ENTRY_NO_SRE, rig.request(PASID, IOVA, RequestAccess.READ | RequestAccess.PRIVILEGED));
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID, PasidEntry.SRE.mask() | PasidEntry.WPE.mask());
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.P);
        assertRefused(FaultReason.SM_WRITE_NOT_PERMITTED,
                rig.request(PASID, IOVA, RequestAccess.WRITE | RequestAccess.PRIVILEGED));
    }

    @Test
    void requestsWithoutPasidArePrivilegedWhereTheContextEntrySaysSo() {
        rig.start();
        rig.context(ScalableRig.SID, 0, ScalableContextEntry.RID_PRIV.mask());
        rig.firstStage(0, ScalableRig.DID, PasidEntry.SRE.mask());
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.P);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(0x7_1000);
    }

    @Test
    void aTableWithoutPermissionWithholdsIt() {
        rig.start();
        rig.firstStage(0, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        long top = ScalableRig.top(ScalableRig.DID);
        rig.memory.set64(top, rig.memory.get64(top) & ~ScalableRig.RW);
        assertThat(rig.request(IOVA, RequestAccess.READ)).isEqualTo(0x7_1000);
        assertRefused(FaultReason.SM_WRITE_NOT_PERMITTED, rig.request(IOVA, RequestAccess.WRITE));
    }

    @Test
    void executionIsAskedForApart() {
        int execute = RequestAccess.READ | RequestAccess.EXECUTE;
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID, PasidEntry.ERE.mask() | PasidEntry.NXE.mask());
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        rig.first(ScalableRig.DID, IOVA + 4096, 1, 0x7_2000 | ScalableRig.USER | ScalableRig.XD);
        assertThat(rig.request(PASID, IOVA, execute)).isEqualTo(0x7_1000);
        assertThat(rig.request(PASID, IOVA + 4096, RequestAccess.READ)).isEqualTo(0x7_2000);
        assertThat(((Translation.Mapped) rig.unit.probe(ScalableRig.SID, PASID, IOVA, Access.READ)).prot() & Prot.NOEXEC).isZero();
        assertRefused(FaultReason.SM_EXECUTE_NOT_PERMITTED, rig.request(PASID, IOVA + 4096, execute));
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID);
        assertRefused(FaultReason.PASID_ENTRY_NO_ERE, rig.request(PASID, IOVA, execute));
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(((Translation.Mapped) rig.unit.probe(ScalableRig.SID, PASID, IOVA, Access.READ)).prot() & Prot.NOEXEC)
                .as("nobody is granted what may not be asked for").isEqualTo(Prot.NOEXEC);
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID, PasidEntry.ERE.mask() | PasidEntry.SRE.mask() | PasidEntry.SMEP.mask());
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.request(PASID, IOVA, execute)).isEqualTo(0x7_1000);
        assertRefused(FaultReason.SM_EXECUTE_NOT_PERMITTED, rig.request(PASID, IOVA, execute | RequestAccess.PRIVILEGED));
        rig.start();
        rig.secondStage(PASID, ScalableRig.DID, PasidEntry.SSEE.mask());
        rig.memory.set64(ScalableRig.pasidAddress(PASID) + 16, PasidEntry.ERE.mask());
        rig.rig.entry(ScalableRig.DID, IOVA, 1, 0x7_1000 | Rig.RW);
        assertRefused(FaultReason.SM_EXECUTE_NOT_PERMITTED, rig.request(PASID, IOVA, execute));
    }

    @Test
    void secondStageEntriesAreChecked() {
        rig.start();
        rig.secondStage(0, ScalableRig.DID, 0);
        assertRefused(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, 0);
        rig.rig.entry(ScalableRig.DID, IOVA, 1, 0x7_1000 | Rig.R);
        assertRefused(FaultReason.SM_WRITE_NOT_PERMITTED, rig.request(IOVA, RequestAccess.WRITE));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, 0);
        rig.rig.entry(ScalableRig.DID, IOVA, 1, 0x7_1000 | Rig.W);
        assertThat(rig.request(IOVA, RequestAccess.ZERO_LENGTH_READ)).isEqualTo(0x7_1000);
        assertRefused(FaultReason.SM_READ_NOT_PERMITTED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, 0);
        rig.rig.entry(ScalableRig.DID, IOVA, 2, 0x1000 | Rig.PS | Rig.RW);
        assertRefused(FaultReason.SM_SECOND_STAGE_ENTRY_RESERVED, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, 0);
        rig.rig.entry(ScalableRig.DID, IOVA, 3, Rig.MEMORY | Rig.RW);
        assertRefused(FaultReason.SM_SECOND_STAGE_ENTRY_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, Rig.MEMORY);
        assertRefused(FaultReason.SM_SECOND_STAGE_ROOT_UNREADABLE, rig.request(IOVA, RequestAccess.READ));
        rig.start();
        rig.secondStage(0, ScalableRig.DID, 0);
        assertRefused(FaultReason.SM_SECOND_STAGE_ADDRESS_BEYOND_WIDTH, rig.request(1L << 48, RequestAccess.READ));
    }

    @Test
    void aGuestsTablesMustBeReachable() {
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        assertRefused(FaultReason.NESTED_FIRST_STAGE_ROOT_READ_NOT_PERMITTED, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.guest(ScalableRig.DID, IOVA, 1, 0x66_6000 | ScalableRig.USER);
        rig.guestTables(ScalableRig.DID, Rig.RW);
        rig.rig.entry(ScalableRig.DID, ScalableRig.top(ScalableRig.DID) - ScalableRig.GUEST + 0x1000, 1, 0);
        assertRefused(FaultReason.NESTED_FIRST_STAGE_READ_NOT_PERMITTED, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.guest(ScalableRig.DID, IOVA, 1, 0x66_6000 | ScalableRig.USER);
        rig.guestTables(ScalableRig.DID, Rig.R);
        assertRefused(FaultReason.NESTED_FIRST_STAGE_WRITE_NOT_PERMITTED, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.memory.set64(ScalableRig.pasidAddress(PASID) + 16, 1L << 48);
        assertRefused(FaultReason.PASID_ENTRY_INVALID, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.memory.set64(ScalableRig.top(ScalableRig.DID) + (IOVA >>> 39) * 8, 1L << 48 | ScalableRig.USER);
        rig.guestTables(ScalableRig.DID, Rig.RW);
        assertRefused(FaultReason.NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.guest(ScalableRig.DID, IOVA, 1, 1L << 50 | ScalableRig.USER);
        rig.guestTables(ScalableRig.DID, Rig.RW);
        assertRefused(FaultReason.NESTED_FIRST_STAGE_ADDRESS_TOO_LARGE, rig.request(PASID, IOVA, RequestAccess.READ));
        rig.start();
        rig.nested(PASID, ScalableRig.DID, 0);
        rig.guest(ScalableRig.DID, IOVA, 1, 0x66_6000 | ScalableRig.USER);
        rig.guestTables(ScalableRig.DID, Rig.RW);
        assertRefused(FaultReason.SM_SECOND_STAGE_NOT_PERMITTED, rig.request(PASID, IOVA, RequestAccess.READ));
    }

    // Records, translation requests, probes

    @Test
    void recordsNamePasidPrivilegeAndExecution() {
        rig.start();
        assertThat(rig.request(0x1abc, IOVA, RequestAccess.READ | RequestAccess.EXECUTE | RequestAccess.PRIVILEGED)).isNegative();
        long high = rig.rig.takeRecord(0).high();
        assertThat(FaultRecord.PP.isSet(high)).isTrue();
        assertThat(FaultRecord.PV.get(high)).isEqualTo(0x1abc);
        assertThat(FaultRecord.EXE.isSet(high)).isTrue();
        assertThat(FaultRecord.PRIV.isSet(high)).isTrue();
        assertThat(rig.request(IOVA, RequestAccess.WRITE)).isNegative();
        high = rig.rig.takeRecord(1).high();
        assertThat(high & (FaultRecord.PP.mask() | FaultRecord.PV.mask() | FaultRecord.EXE.mask() | FaultRecord.PRIV.mask()))
                .isZero();
    }

    @Test
    void translationRequestsNeedTheDeviceTlbBit() {
        rig.start();
        rig.context(ScalableRig.SID, ScalableContextEntry.PASIDE.mask(), 0);
        assertThat(rig.unit.engine().translationRequest(ScalableRig.SID, PASID, IOVA, false)).isEmpty();
        var record = rig.rig.takeRecord(0);
        assertThat(record.reason()).isEqualTo(FaultReason.SM_CONTEXT_ENTRY_NO_DTE.code());
        assertThat(FaultRecord.AT.get(record.high())).isEqualTo(FaultRecord.AT_TRANSLATION_REQUEST);
        assertThat(rig.unit.engine().translated(ScalableRig.SID, 0x5000, RequestAccess.READ))
                .isEqualTo(-FaultReason.SM_CONTEXT_ENTRY_NO_DTE.code());
        assertThat(FaultRecord.AT.get(rig.rig.takeRecord(1).high())).isEqualTo(FaultRecord.AT_TRANSLATED);
    }

    @Test
    void translationRequestsLearnWhatIsGranted() {
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID);
        rig.first(ScalableRig.DID, 0x4020_0000L, 2, 0x2_0020_0000L | ScalableRig.PS | ScalableRig.USER);
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.P | ScalableRig.US);
        var engine = rig.unit.engine();
        assertThat(engine.translationRequest(ScalableRig.SID, PASID, 0x4023_4000L, true))
                .contains(new TranslationEngine.Page(0x2_0020_0000L, RequestAccess.READ, 1 << 21));
        assertThat(engine.translationRequest(ScalableRig.SID, PASID, 0x4023_4000L, false))
                .contains(new TranslationEngine.Page(0x2_0020_0000L, RequestAccess.ATOMIC, 1 << 21));
        assertThat(engine.translationRequest(ScalableRig.SID, PASID, IOVA, false))
                .contains(new TranslationEngine.Page(0x7_1000, RequestAccess.READ, 4096));
        assertThat(engine.translationRequest(ScalableRig.SID, PASID, IOVA + 4096, false))
                .as("not present is for the operating system to mend").contains(TranslationEngine.Page.NOTHING);
        assertThat(engine.translated(ScalableRig.SID, 0x5000, RequestAccess.READ)).isEqualTo(0x5000);
        assertThat(rig.rig.hasRecord(0)).isFalse();
        assertThat(engine.translationRequest(ScalableRig.SID, PASID + 1, IOVA, false))
                .as("a PASID that is not there").contains(TranslationEngine.Page.NOTHING);
        assertThat(rig.rig.hasRecord(0)).isFalse();
    }

    @Test
    void aProbeLeavesNoTrace() {
        rig.start();
        rig.firstStage(PASID, ScalableRig.DID);
        long entry = rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.unit.probe(ScalableRig.SID, PASID, IOVA + 5, Access.WRITE))
                .isEqualTo(new Translation.Mapped(IOVA + 5, 0x7_1005, Prot.READ | Prot.WRITE | Prot.NOEXEC, 4096));
        assertThat(rig.memory.get64(entry)).isEqualTo(0x7_1000 | ScalableRig.USER);
        assertThat(rig.unit.probe(ScalableRig.SID, PASID, IOVA + 4096, Access.READ))
                .isInstanceOfSatisfying(Translation.Fault.class, fault -> assertThat(fault.code())
                        .isEqualTo(FaultReason.FIRST_STAGE_ENTRY_NOT_PRESENT.code()));
        assertThat(rig.rig.hasRecord(0)).isFalse();
        rig.memory.set64(entry, 0x7_3000 | ScalableRig.USER);
        assertThat(rig.request(PASID, IOVA, RequestAccess.READ)).as("nothing was cached").isEqualTo(0x7_3000);
    }

    private void flip(long structure, int bit) {
        long place = structure + bit / 64 * 8L;
        rig.memory.set64(place, rig.memory.get64(place) ^ 1L << bit % 64);
    }
}
