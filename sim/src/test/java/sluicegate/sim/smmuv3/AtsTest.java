package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.platform.DmaMaster.AtsCompletion;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.smmuv3.TranslationEngine.AtsAnswer;
import sluicegate.sim.smmuv3.TranslationEngine.AtsAnswer.Status;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.BadAtsRequestEvent;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TranslationForbiddenEvent;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/** Translation requests and translated requests of devices (3.9.1). */
class AtsTest {
    private static final int RW = StreamAccess.READ | StreamAccess.WRITE;
    private static final long PAGE = 0x70_0000;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private AtsAnswer ask(int substream, long iova, boolean noWrite) {
        return rig.unit.engine().translationRequest(Rig.SID, substream, iova, noWrite);
    }

    private Space allowed() {
        return allowed(Cr0Register.SMMUEN.mask());
    }

    private Space allowed(long control) {
        var space = rig.stage1Space();
        rig.put(Rig.CONTEXTS, Rig.context(space, Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.EATS,
                StreamTableEntry.EATS_FULL));
        rig.start(control);
        return space;
    }

    // Translation requests

    @Test
    void aDeviceLearnsThePageAndWhatItMayDo() {
        var space = allowed();
        space.page(0x1000, PAGE | Rig.USER);
        space.page(0x2000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 3));
        space.page(0x3000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 0));
        space.set(0x4000_0000L, 1, 0x8000_0000L | Rig.USER_BLOCK);
        assertThat(ask(Pasid.NONE, 0x1008, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, PAGE, 0x1000, RW));
        assertThat(ask(Pasid.NONE, 0x2008, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, PAGE, 0x1000, StreamAccess.READ));
        assertThat(ask(Pasid.NONE, 0x3008, false).permissions()).as("for privileged accesses only").isZero();
        assertThat(ask(Pasid.NONE, 0x4012_3456L, true)).isEqualTo(new AtsAnswer(Status.SUCCESS, 0x8000_0000L, 1L << 30, RW));
        assertThat(rig.unit.translationRequest(Rig.SID, Pasid.NONE, 0x2008, false))
                .isEqualTo(new AtsCompletion(DmaStatus.OK, PAGE, 0x1000, Prot.READ));
    }

    @Test
    void whatIsNotThereIsNoErrorAndNoEvent() {
        var space = allowed();
        assertThat(ask(Pasid.NONE, 0x1000, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, 0, 0x1000, 0));
        space.page(0x1000, PAGE | Stage1Descriptor.AF.clear(Rig.USER));
        assertThat(ask(Pasid.NONE, 0x1000, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, 0, 0x1000, 0));
        assertThat(ask(Pasid.NONE, 1L << 48, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, 0, 0x1000, 0));
        assertThat(rig.waitingEvents()).isZero();
    }

    @Test
    void anErrorOfConfigurationIsACompleterAbortWithoutEvent() {
        allowed();
        rig.put(Rig.CONTEXTS, new long[ContextDescriptor.WORDS]);
        assertThat(ask(Pasid.NONE, 0x1000, false).status()).isEqualTo(Status.COMPLETER_ABORT);
        assertThat(ask(9, 0x1000, false).status()).as("no substreams").isEqualTo(Status.COMPLETER_ABORT);
        assertThat(rig.unit.engine().translationRequest(3, Pasid.NONE, 0, false).status()).as("invalid entry")
                .isEqualTo(Status.COMPLETER_ABORT);
        assertThat(rig.unit.engine().translationRequest(1 << Rig.STREAM_BITS, Pasid.NONE, 0, false).status())
                .as("no such stream").isEqualTo(Status.COMPLETER_ABORT);
        assertThat(rig.unit.translationRequest(3, Pasid.NONE, 0, false).status()).isEqualTo(DmaStatus.FAULT);
        assertThat(rig.waitingEvents()).isZero();
    }

    @Test
    void aWalkThatAbortsIsACompleterAbort() {
        var space = allowed();
        space.set(0, 1, Rig.MEMORY | 3);
        assertThat(ask(Pasid.NONE, 0x1000, false).status()).isEqualTo(Status.COMPLETER_ABORT);
    }

    @ParameterizedTest
    @CsvSource({"4, true", "0, false", "5, true"})
    void aStreamThatMayNotAskIsRefused(int config, boolean recorded) {
        rig.put(Rig.CONTEXTS, Rig.context(rig.stage1Space(), Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.withAddress(Rig.ste(config), StreamTableEntry.S1CONTEXTPTR, Rig.CONTEXTS));
        rig.start();
        assertThat(ask(Pasid.NONE, 0x1234, false).status()).isEqualTo(Status.UNSUPPORTED_REQUEST);
        assertThat(rig.waitingEvents()).isEqualTo(recorded ? 1 : 0);
        if (recorded) {
            var event = rig.takeEvent();
            assertThat(Rig.event(event)).isEqualTo(EventType.F_BAD_ATS_TREQ.code());
            assertThat(EventRecord.STREAMID.get(event[0])).isEqualTo(Rig.SID);
            assertThat(BadAtsRequestEvent.INPUTADDR.inPlace(event[2])).isEqualTo(0x1000);
        }
    }

    @Test
    void withoutTranslationNobodyMayAskOrSend() {
        rig.start(0);
        assertThat(ask(Pasid.NONE, 0x1000, false).status()).isEqualTo(Status.UNSUPPORTED_REQUEST);
        assertThat(Rig.event(rig.takeEvent())).isEqualTo(EventType.F_BAD_ATS_TREQ.code());
        assertThat(rig.unit.translated(Rig.SID, Pasid.NONE, PAGE, RequestAccess.READ))
                .isEqualTo(-EventType.F_TRANSL_FORBIDDEN.code());
    }

    @Test
    void aUnitWithoutAtsKnowsNobodyWhoMayAskOrSend() {
        rig.close();
        rig = new Rig(Rig.without(Idr0Register.ATS, Idr0Register.PRI));
        allowed().page(0x1000, PAGE | Rig.USER);
        assertThat(ask(Pasid.NONE, 0x1000, false)).isEqualTo(new AtsAnswer(Status.UNSUPPORTED_REQUEST, 0, 0, 0));
        assertThat(Rig.event(rig.takeEvent())).isEqualTo(EventType.F_BAD_ATS_TREQ.code());
        assertThat(rig.unit.translated(Rig.SID, Pasid.NONE, PAGE, RequestAccess.WRITE))
                .isEqualTo(-EventType.F_TRANSL_FORBIDDEN.code());
        assertThat(rig.request(0x1000, RequestAccess.WRITE)).as("untranslated").isEqualTo(PAGE);
    }

    @Test
    void arequestMarksThePageAsTheWriteWould() {
        var space = allowed();
        var words = Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.HA, 1);
        rig.put(Rig.CONTEXTS, Rig.with(words, ContextDescriptor.HD, 1));
        long clean = PAGE | Stage1Descriptor.AP.set(Stage1Descriptor.AF.clear(Rig.USER), 3) | Stage1Descriptor.DBM.mask();
        long place = space.page(0x1000, clean);
        assertThat(ask(Pasid.NONE, 0x1000, true).permissions()).isEqualTo(StreamAccess.READ);
        assertThat(rig.memory.get64(place)).as("no write is meant").isEqualTo(clean | Stage1Descriptor.AF.mask());
        assertThat(ask(Pasid.NONE, 0x1000, false).permissions()).isEqualTo(RW);
        assertThat(Stage1Descriptor.AP.get(rig.memory.get64(place))).isEqualTo(1);
    }

    @Test
    void anEntryMayMakeRequestsPrivilegedOrInstructions() {
        var space = allowed();
        space.page(0x3000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 0));
        var entry = Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.EATS, StreamTableEntry.EATS_FULL);
        rig.put(Rig.steAddress(Rig.SID), Rig.with(entry, StreamTableEntry.PRIVCFG, 3));
        assertThat(ask(Pasid.NONE, 0x3000, false).permissions()).isEqualTo(RW);
        rig.put(Rig.steAddress(Rig.SID + 1), Rig.with(entry, StreamTableEntry.INSTCFG, 3));
        assertThat(rig.unit.engine().translationRequest(Rig.SID + 1, Pasid.NONE, 0x3000, false).permissions())
                .as("execute-only, and reads are instructions").isEqualTo(StreamAccess.READ);
    }

    @Test
    void stage1SkippedIsIdentity() {
        allowed();
        var entry = Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.EATS, StreamTableEntry.EATS_FULL);
        entry = Rig.with(Rig.with(entry, StreamTableEntry.S1CDMAX, 2), StreamTableEntry.S1DSS, StreamTableEntry.S1DSS_BYPASS);
        rig.put(Rig.steAddress(Rig.SID), entry);
        assertThat(ask(Pasid.NONE, 0x12_3456, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, 0x12_3000, 0x1000, RW));
    }

    @Test
    void theSmallestUnitIsTheSmallestGranule() {
        rig.close();
        var full = Smmuv3Capabilities.FULL;
        rig = new Rig(new Smmuv3Capabilities(full.idr0(), full.idr1(), full.idr3(),
                Idr5Register.GRAN4K.clear(Idr5Register.GRAN16K.clear(full.idr5())), full.aidr()));
        rig.put(Rig.CONTEXTS, Rig.context(rig.new Space(16, 48), Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.EATS,
                StreamTableEntry.EATS_FULL));
        rig.start();
        assertThat(ask(Pasid.NONE, 0x1000, false).size()).isEqualTo(0x1_0000);
    }

    // Split stage

    private Space split(boolean check) {
        var stage1 = rig.stage1Space();
        var stage2 = rig.stage2Space();
        stage2.set(0, 1, Rig.S2_BLOCK);
        rig.put(Rig.CONTEXTS, Rig.context(stage1, Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.nestedEntry(Rig.CONTEXTS, stage2, Rig.VMID), StreamTableEntry.EATS,
                StreamTableEntry.EATS_SPLIT));
        rig.start(Cr0Register.SMMUEN.mask() | (check ? Cr0Register.ATSCHK.mask() : 0));
        stage1.page(0x1000, 0x4000_0000L | Rig.USER);
        stage1.page(0x2000, 0x4000_1000L | Rig.USER);
        stage2.page(0x4000_0000L, PAGE | Stage2Descriptor.S2AP.set(Rig.S2_PAGE, 1));
        return stage2;
    }

    @Test
    void withSplitStagesADeviceLearnsIntermediateAddresses() {
        split(true);
        assertThat(ask(Pasid.NONE, 0x1000, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, 0x4000_0000L, 0x1000, RW));
        assertThat(rig.unit.translated(Rig.SID, Pasid.NONE, 0x4000_0008L, RequestAccess.READ)).isEqualTo(PAGE + 8);
        assertThat(rig.unit.translated(Rig.SID, Pasid.NONE, 0x4000_0008L, RequestAccess.WRITE))
                .isEqualTo(-EventType.F_PERMISSION.code());
        assertThat(rig.unit.translated(Rig.SID, Pasid.NONE, 0x4000_1008L, RequestAccess.READ))
                .isEqualTo(-EventType.F_TRANSLATION.code());
        assertThat(rig.takeEvents()).as("as of ordinary requests").hasSize(2);
    }

    @Test
    void splitStagesNeedTheCheck() {
        split(false);
        assertThat(ask(Pasid.NONE, 0x1000, false).status()).isEqualTo(Status.UNSUPPORTED_REQUEST);
    }

    @Test
    void bothStagesAtOnceGiveWhatBothPermit() {
        var stage2 = split(true);
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.nestedEntry(Rig.CONTEXTS, stage2, Rig.VMID), StreamTableEntry.EATS,
                StreamTableEntry.EATS_FULL));
        assertThat(ask(Pasid.NONE, 0x1000, false)).isEqualTo(new AtsAnswer(Status.SUCCESS, PAGE, 0x1000, StreamAccess.READ));
        assertThat(ask(Pasid.NONE, 0x2000, false).permissions()).as("stage 2 has it not").isZero();
    }

    // Translated requests

    @Test
    void translatedRequestsPassUncheckedUnlessSoftwareWantsThemChecked() {
        rig.start();
        assertThat(rig.unit.translated(3, Pasid.NONE, PAGE, RequestAccess.WRITE)).isEqualTo(PAGE);
        assertThat(rig.unit.translated(3, Pasid.NONE, 1L << 48, RequestAccess.WRITE)).isEqualTo(TranslationEngine.ABORTED);
        rig.write(Cr0Register.OFFSET, rig.read(Cr0Register.OFFSET) | Cr0Register.ATSCHK.mask());
        assertThat(rig.unit.translated(3, Pasid.NONE, PAGE, RequestAccess.WRITE)).as("invalid entry")
                .isEqualTo(TranslationEngine.ABORTED);
        assertThat(rig.waitingEvents()).isZero();
        rig.put(Rig.steAddress(4), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(rig.unit.translated(4, Pasid.NONE, PAGE + 8, RequestAccess.READ))
                .isEqualTo(-EventType.F_TRANSL_FORBIDDEN.code());
        var event = rig.takeEvent();
        assertThat(event[0]).isEqualTo(4L << 32 | EventType.F_TRANSL_FORBIDDEN.code());
        assertThat(event[1]).isEqualTo(TranslationForbiddenEvent.RNW.mask());
        assertThat(event[2]).isEqualTo(PAGE + 8);
        rig.put(Rig.steAddress(6), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        assertThat(rig.unit.translated(6, Pasid.NONE, PAGE, RequestAccess.READ)).isEqualTo(TranslationEngine.ABORTED);
        rig.put(Rig.CONTEXTS, Rig.context(rig.stage1Space(), Rig.ASID));
        rig.put(Rig.steAddress(7), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.EATS, StreamTableEntry.EATS_FULL));
        assertThat(rig.unit.translated(7, Pasid.NONE, PAGE, RequestAccess.WRITE)).isEqualTo(PAGE);
        assertThat(rig.waitingEvents()).isZero();
    }
}
