package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.vtd.TranslationEngine.Page;
import sluicegate.spec.vtd.ContextEntry;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FirstStageEntry;
import sluicegate.spec.vtd.PasidDirectoryEntry;
import sluicegate.spec.vtd.PasidEntry;
import sluicegate.spec.vtd.ScalableContextEntry;
import sluicegate.spec.vtd.TranslationType;

/** Translation requests and translated requests, by table 30 of the manual: granted, granted nothing, or refused. */
class ScalableAtsTest {
    private static final long IOVA = 0x12_3456_7000L;
    private static final int PASID = 0x77;
    private ScalableRig rig;

    @BeforeEach
    void start() {
        rig = new ScalableRig().start();
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Optional<Page> ask(int pasid, long iova) {
        return rig.unit.engine().translationRequest(ScalableRig.SID, pasid, iova, false);
    }

    private void assertNothing(int pasid, long iova) {
        assertThat(ask(pasid, iova)).contains(Page.NOTHING);
        assertThat(rig.rig.hasRecord(0)).as("a fault that the device can mend").isFalse();
    }

    private void assertRefused(FaultReason reason, int pasid, long iova) {
        assertThat(ask(pasid, iova)).isEmpty();
        assertRecord(reason, FaultRecord.AT_TRANSLATION_REQUEST);
    }

    private void assertRecord(FaultReason reason, int addressType) {
        var record = rig.rig.takeRecord(0);
        assertThat(FaultReason.of(record.reason())).contains(reason);
        assertThat(FaultRecord.AT.get(record.high())).isEqualTo(addressType);
    }

    // Configuration tables

    @Test
    void aPasidThatIsNotThereGrantsNothing() {
        assertNothing(PASID, IOVA);
        rig.memory.set64(ScalableRig.DIRECTORY + 8L * PasidDirectoryEntry.index(PASID), ScalableRig.PASIDS | 1);
        assertNothing(PASID, IOVA);
        rig.firstStage(PASID, ScalableRig.DID);
        rig.context(ScalableRig.SID, ScalableContextEntry.DTE.mask() | ScalableContextEntry.PASIDE.mask(),
                ScalableContextEntry.RID_PRIV.mask());
        rig.firstStage(0, ScalableRig.DID);
        assertNothing(Pasid.NONE, IOVA);
    }

    @Test
    void aPasidEntryThatIsMalformedRefuses() {
        rig.pasid(PASID, ScalableRig.kind(7), 0, 0);
        assertRefused(FaultReason.PASID_ENTRY_INVALID, PASID, IOVA);
    }

    @Test
    void aPasidThatTheContextEntryDoesNotAdmitIsRefused() {
        assertRefused(FaultReason.SM_PASID_TOO_LARGE, 1 << 13, IOVA);
    }

    @Test
    void theDeviceTlbBitComesFirst() {
        rig.context(ScalableRig.SID, 0, 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_NO_DTE, PASID, IOVA);
    }

    // Stages

    @ParameterizedTest
    @CsvSource({"1, 0", "1, 0x10003", "2, 0x4000006"})
    void whateverIsWrongWithTheFirstStageGrantsNothing(int level, String entry) {
        rig.firstStage(PASID, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, level, Long.decode(entry) | (level == 2 ? ScalableRig.P : 0));
        assertNothing(PASID, IOVA);
    }

    @Test
    void reservedBitsOfTheFirstStageGrantNothing() {
        rig.firstStage(PASID, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 1, 1L << 40 | ScalableRig.USER);
        assertNothing(PASID, IOVA);
        rig.memory.set64(ScalableRig.pasidAddress(PASID + 1) + 16, Rig.MEMORY);
        rig.pasid(PASID + 1, ScalableRig.kind(PasidContext.FIRST_STAGE), PasidEntry.DID.set(0, 1), Rig.MEMORY);
        assertNothing(PASID + 1, IOVA);
    }

    @Test
    void anAddressThatDoesNotFitGrantsNothing() {
        rig.firstStage(1, ScalableRig.DID);
        rig.secondStage(2, ScalableRig.DID, 0);
        rig.passThrough(3, 1);
        assertNothing(1, 1L << 47);
        assertNothing(2, 1L << 48);
        assertNothing(3, 1L << 39);
    }

    @Test
    void secondStageEntriesThatAreMalformedRefuse() {
        rig.secondStage(PASID, ScalableRig.DID, 0);
        assertNothing(PASID, IOVA);
        rig.rig.entry(ScalableRig.DID, IOVA, 2, 0x1000 | Rig.PS | Rig.RW);
        assertRefused(FaultReason.SM_SECOND_STAGE_ENTRY_RESERVED, PASID, IOVA);
    }

    @Test
    void aPageInTheInterruptRangeIsRefused() {
        rig.secondStage(PASID, ScalableRig.DID, 0);
        rig.rig.entry(ScalableRig.DID, IOVA, 1, 0xfee0_1000L | Rig.RW);
        assertRefused(FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE, PASID, IOVA);
    }

    @Test
    void aPageForMessagesCanBeWrittenAndNothingElse() {
        rig.passThrough(0, 1);
        var engine = rig.unit.engine();
        assertThat(engine.translationRequest(ScalableRig.SID, Pasid.NONE, 0xfee0_1004L, false))
                .contains(new Page(0xfee0_1000L, RequestAccess.WRITE, 4096));
        assertThat(engine.translationRequest(ScalableRig.SID, Pasid.NONE, 0xfee0_1004L, true)).contains(Page.NOTHING);
        assertThat(rig.rig.hasRecord(0)).isFalse();
    }

    // Flags

    @Test
    void aRequestThatMayWriteSetsTheDirtyFlag() {
        rig.firstStage(PASID, ScalableRig.DID);
        long entry = rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.unit.engine().translationRequest(ScalableRig.SID, PASID, IOVA, true))
                .contains(new Page(0x7_1000, RequestAccess.READ, 4096));
        assertThat(FirstStageEntry.A.isSet(rig.memory.get64(entry))).isTrue();
        assertThat(FirstStageEntry.D.isSet(rig.memory.get64(entry))).isFalse();
        assertThat(ask(PASID, IOVA)).contains(new Page(0x7_1000, RequestAccess.ATOMIC, 4096));
        assertThat(FirstStageEntry.D.isSet(rig.memory.get64(entry))).isTrue();
    }

    @Test
    void aUnitThatDoesNotKnowTheNoWriteFlagDoesNotLookAtIt() {
        close();
        rig = new ScalableRig(ScalableRig.without(ExtendedCapabilityRegister.NWFS)).start();
        rig.firstStage(PASID, ScalableRig.DID);
        rig.first(ScalableRig.DID, IOVA, 1, 0x7_1000 | ScalableRig.USER);
        assertThat(rig.unit.engine().translationRequest(ScalableRig.SID, PASID, IOVA, true))
                .contains(new Page(0x7_1000, RequestAccess.ATOMIC, 4096));
    }

    // Translated requests

    private long translated(long address) {
        return rig.unit.translated(ScalableRig.SID, Pasid.NONE, address, RequestAccess.WRITE);
    }

    @Test
    void translatedRequestsPassWithinPhysicalAddresses() {
        assertThat(translated((1L << 39) - 8)).isEqualTo((1L << 39) - 8);
        assertThat(translated(1L << 39)).isEqualTo(-FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH.code());
        assertRecord(FaultReason.SM_HOST_ADDRESS_BEYOND_WIDTH, FaultRecord.AT_TRANSLATED);
    }

    @Test
    void translatedRequestsSendNoMessages() {
        assertThat(translated(0xfee0_0000L)).isEqualTo(-FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE.code());
        assertRecord(FaultReason.SM_ADDRESS_IN_INTERRUPT_RANGE, FaultRecord.AT_TRANSLATED);
    }

    // Legacy mode

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void legacyModeIsNotSoDifferent(boolean interrupt) {
        var features = new Rig.Features();
        features.deviceTlb = true;
        try (var legacy = new Rig(features.build())) {
            legacy.start();
            legacy.context(Rig.SID, Rig.DID, TranslationType.DEVICE_TLB.code(), (int) ContextEntry.P.mask());
            legacy.entry(Rig.DID, 0x5000, 1, 0xfee0_1000L | Rig.RW);
            var engine = legacy.unit.engine();
            assertThat(engine.translationRequest(Rig.SID, Pasid.NONE, 1L << 48, false)).contains(Page.NOTHING);
            assertThat(engine.translationRequest(Rig.SID, Pasid.NONE, 0xfee0_1000L, false))
                    .contains(new Page(0xfee0_1000L, RequestAccess.WRITE, 4096));
            assertThat(legacy.hasRecord(0)).isFalse();
            assertThat(engine.translationRequest(Rig.SID, Pasid.NONE, 0x5000, false)).isEmpty();
            assertThat(legacy.takeRecord(0).reason()).isEqualTo(FaultReason.ADDRESS_IN_INTERRUPT_RANGE.code());
            var reason = interrupt ? FaultReason.ADDRESS_IN_INTERRUPT_RANGE : FaultReason.ADDRESS_BEYOND_WIDTH;
            assertThat(engine.translated(Rig.SID, interrupt ? 0xfee0_0000L : 1L << 39, RequestAccess.READ))
                    .isEqualTo(-reason.code());
            assertThat(legacy.takeRecord(1).reason()).isEqualTo(reason.code());
        }
    }
}
