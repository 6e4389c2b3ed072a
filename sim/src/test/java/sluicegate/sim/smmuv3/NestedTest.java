package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TranslationFaultEvent;
import sluicegate.spec.vmsa.Stage1Descriptor;
import sluicegate.spec.vmsa.Stage2Descriptor;

/** Stage 2, alone and under stage 1 whose tables and descriptors it maps. */
class NestedTest {
    private static final int READ = RequestAccess.READ;
    private static final int WRITE = RequestAccess.WRITE;
    private static final int EXECUTE = RequestAccess.READ | RequestAccess.EXECUTE;
    private static final int S2_SID = 8;
    /** How much higher than they are the guest sees its tables and descriptors. */
    private static final long SHIFT = 0x4_0000_0000L;
    private static final long GUEST_CONTEXTS = Rig.CONTEXTS + SHIFT;
    private static final long PAGE = 0x70_0000;
    private Rig rig;
    private Space stage1;
    private Space stage2;

    @BeforeEach
    void tables() {
        rig = new Rig().start();
        stage1 = rig.stage1Space();
        stage1.offset = SHIFT;
        stage2 = rig.stage2Space();
        stage2.page(GUEST_CONTEXTS, Rig.CONTEXTS | Rig.S2_PAGE);
        rig.put(Rig.steAddress(S2_SID), Rig.stage2Entry(stage2, Rig.VMID));
        nested(guestContext());
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private long[] guestContext() {
        return Rig.withAddress(Rig.context(stage1, Rig.ASID), ContextDescriptor.TTB0, stage1.top + SHIFT);
    }

    private void nested(long[] context) {
        rig.put(Rig.CONTEXTS, context);
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(GUEST_CONTEXTS, stage2, Rig.VMID));
    }

    /** Maps a page of the guest; its tables are found through stage 2. */
    private long guestPage(long iova, long descriptor) {
        long place = stage1.page(iova, descriptor);
        for (int level = 0; level <= 3; level++) {
            long table = stage1.place(iova, level) & -0x1000;
            stage2.page(table + SHIFT, table | Rig.S2_PAGE);
        }
        return place;
    }

    private long stage2Request(long ipa, int access) {
        return rig.unit.translate(S2_SID, Pasid.NONE, ipa, access);
    }

    private long[] assertFault(long answer, EventType expected) {
        assertThat(answer).isEqualTo(-expected.code());
        var event = rig.takeEvent();
        assertThat(Rig.event(event)).isEqualTo(expected.code());
        return event;
    }

    private static void assertStage2(long[] event, int faultClass, long ipa) {
        assertThat(TranslationFaultEvent.S2.isSet(event[1])).as("at stage 2").isTrue();
        assertThat(TranslationFaultEvent.CLASS.get(event[1])).as("class").isEqualTo(faultClass);
        assertThat(TranslationFaultEvent.IPA.inPlace(event[3])).as("IPA").isEqualTo(ipa & -0x1000);
    }

    // Stage 2 alone

    @ParameterizedTest
    @CsvSource({"12, 48, 0, 3, 12", "12, 40, 1, 3, 12", "12, 40, 1, 2, 21", "12, 40, 1, 1, 30", "12, 34, 2, 3, 12", "12, 42, 1, 3, 12",
        "12, 21, 3, 3, 12", "14, 40, 2, 3, 14", "14, 47, 1, 2, 25", "14, 40, 2, 2, 25", "16, 42, 2, 3, 16", "16, 46, 1, 2, 29", "16, 30, 3, 3, 16"})
    void granulesLevelsAndConcatenatedTables(int granule, int bits, int start, int level, int shift) {
        var space = rig.new Space(granule, bits, start);
        rig.put(Rig.steAddress(9), Rig.stage2Entry(space, Rig.VMID + 1));
        long ipa = (1L << bits) - (1L << shift);
        long address = (1L << 40) + (3L << shift);
        space.set(ipa, level, address | (level == 3 ? Rig.S2_PAGE : Rig.S2_BLOCK));
        assertThat(rig.unit.translate(9, Pasid.NONE, ipa + 0x10, WRITE)).isEqualTo(address + 0x10);
        assertThat(rig.unit.translate(9, Pasid.NONE, ipa + 0x20, READ)).as("from the TLB").isEqualTo(address + 0x20);
        assertThat(rig.unit.translate(9, Pasid.NONE, 1L << bits, READ)).as("out of range")
                .isEqualTo(-(bits == 48 ? EventType.F_ADDR_SIZE : EventType.F_TRANSLATION).code());
    }

    /** S2AP and XN against unprivileged and privileged requests, where the unit tells levels apart (XNX). */
    @ParameterizedTest
    @CsvSource({"0, 0, ..x, ..x", "1, 0, r.x, r.x", "2, 0, .wx, .wx", "3, 0, rwx, rwx", "3, 1, rwx, rw.", "3, 2, rw., rw.",
        "3, 3, rw., rwx"})
    void permissionsOfStage2(int ap, int xn, String user, String privileged) {
        long descriptor = Stage2Descriptor.S2AP.set(PAGE | Rig.S2_PAGE, ap);
        stage2.page(0x1000, Stage2Descriptor.XN.set(descriptor, xn));
        assertThat(rights(0)).isEqualTo(user);
        assertThat(rights(RequestAccess.PRIVILEGED)).isEqualTo(privileged);
    }

    private String rights(int privilege) {
        String granted = "";
        for (int access : new int[] {READ, WRITE, EXECUTE}) {
            boolean may = stage2Request(0x1000, access | privilege) >= 0;
            granted += !may ? "." : access == READ ? "r" : access == WRITE ? "w" : "x";
        }
        rig.takeEvents();
        return granted;
    }

    @Test
    void aFaultOfStage2NamesItsIpa() {
        var event = assertFault(stage2Request(0x12_3456_7008L, WRITE), EventType.F_TRANSLATION);
        assertStage2(event, TranslationFaultEvent.CLASS_IN, 0x12_3456_7008L);
        assertThat(event[2]).as("input address").isEqualTo(0x12_3456_7008L);
        assertThat(TranslationFaultEvent.RNW.isSet(event[1])).isFalse();
        stage2.page(0x1000, PAGE | Stage2Descriptor.AF.clear(Rig.S2_PAGE));
        assertStage2(assertFault(stage2Request(0x1000, READ), EventType.F_ACCESS), TranslationFaultEvent.CLASS_IN, 0x1000);
        assertStage2(assertFault(rig.request(0x1000, READ), EventType.F_TRANSLATION), TranslationFaultEvent.CLASS_TT,
                stage1.top + SHIFT);
    }

    @Test
    void faultsOfStage2AreRecordedOnlyWhereTheEntrySaysSo() {
        rig.put(Rig.steAddress(9), Rig.with(Rig.stage2Entry(stage2, Rig.VMID), StreamTableEntry.S2R, 0));
        assertThat(rig.unit.translate(9, Pasid.NONE, 0x1000, READ)).isEqualTo(TranslationEngine.ABORTED);
        assertThat(rig.waitingEvents()).isZero();
    }

    @Test
    void hardwareUpdatesStage2Too() {
        var entry = Rig.with(Rig.stage2Entry(stage2, Rig.VMID), StreamTableEntry.S2HA, 1);
        rig.put(Rig.steAddress(9), Rig.with(entry, StreamTableEntry.S2HD, 1));
        long clean = Stage2Descriptor.S2AP.set(PAGE | Stage2Descriptor.AF.clear(Rig.S2_PAGE), 1) | Stage2Descriptor.DBM.mask();
        long place = stage2.page(0x1000, clean);
        assertThat(rig.unit.translate(9, Pasid.NONE, 0x1000, READ)).isEqualTo(PAGE);
        assertThat(rig.memory.get64(place)).isEqualTo(clean | Stage2Descriptor.AF.mask());
        assertThat(rig.unit.translate(9, Pasid.NONE, 0x1000, WRITE)).isEqualTo(PAGE);
        assertThat(Stage2Descriptor.S2AP.get(rig.memory.get64(place))).isEqualTo(3);
    }

    // Nested

    @Test
    void aPageOfAGuest() {
        guestPage(0x1234_5000L, 0x9_0000_0000L | Rig.USER);
        stage2.page(0x9_0000_0000L, PAGE | Rig.S2_PAGE);
        assertThat(rig.request(0x1234_5678L, WRITE)).isEqualTo(PAGE + 0x678);
        assertThat(rig.request(0x1234_5678L, WRITE)).as("from the TLB").isEqualTo(PAGE + 0x678);
    }

    @Test
    void aPageIsAsLargeAsTheSmallerOfBothStages() {
        guestPage(0x1000, 0x9_0000_0000L | Rig.USER);
        stage2.set(0x9_0000_0000L, 2, 0x80_0000 | Rig.S2_BLOCK);
        assertThat(rig.unit.probe(Rig.SID, Pasid.NONE, 0x1008, Access.READ))
                .isEqualTo(new Translation.Mapped(0x1008, 0x80_0008, Prot.READ | Prot.WRITE, 0x1000));
    }

    @Test
    void bothStagesHaveToPermit() {
        guestPage(0x1000, 0x9_0000_0000L | Stage1Descriptor.AP.set(Rig.USER, 3));
        guestPage(0x4000_0000L, 0x9_0000_1000L | Rig.USER);
        stage2.page(0x9_0000_0000L, PAGE | Rig.S2_PAGE);
        stage2.page(0x9_0000_1000L, PAGE | Stage2Descriptor.S2AP.set(Rig.S2_PAGE, 1));
        var event = assertFault(rig.request(0x1000, WRITE), EventType.F_PERMISSION);
        assertThat(TranslationFaultEvent.S2.isSet(event[1])).as("stage 1").isFalse();
        event = assertFault(rig.request(0x4000_0008L, WRITE), EventType.F_PERMISSION);
        assertStage2(event, TranslationFaultEvent.CLASS_IN, 0x9_0000_1000L);
        assertThat(event[2]).isEqualTo(0x4000_0008L);
        assertThat(rig.request(0x4000_0008L, READ)).isEqualTo(PAGE + 8);
    }

    @Test
    void aTableThatStage2DoesNotMapIsAFaultAtADescriptor() {
        guestPage(0x1000, PAGE | Rig.USER);
        long table = rig.memory.get64(stage1.top) & -0x1000 & (1L << 48) - 1;
        stage2.page(table, 0);
        var event = assertFault(rig.request(0x1000, WRITE), EventType.F_TRANSLATION);
        assertStage2(event, TranslationFaultEvent.CLASS_TT, table);
        assertThat(event[2]).isEqualTo(0x1000);
        stage2.page(table, table - SHIFT | Stage2Descriptor.S2AP.set(Rig.S2_PAGE, 2));
        event = assertFault(rig.request(0x1000, WRITE), EventType.F_PERMISSION);
        assertStage2(event, TranslationFaultEvent.CLASS_TT, table);
        assertThat(TranslationFaultEvent.TTRNW.isSet(event[1])).as("a read of the descriptor").isTrue();
    }

    @Test
    void anAccessFlagThatCannotBeWrittenIsAFaultOfStage2() {
        var context = Rig.with(guestContext(), ContextDescriptor.HA, 1);
        nested(context);
        long place = guestPage(0x1000, 0x9_0000_0000L | Stage1Descriptor.AF.clear(Rig.USER));
        stage2.page(0x9_0000_0000L, PAGE | Rig.S2_PAGE);
        long table = place & -0x1000;
        stage2.page(table + SHIFT, table | Stage2Descriptor.S2AP.set(Rig.S2_PAGE, 1));
        var event = assertFault(rig.request(0x1000, READ), EventType.F_PERMISSION);
        assertStage2(event, TranslationFaultEvent.CLASS_TT, table + SHIFT);
        assertThat(TranslationFaultEvent.TTRNW.isSet(event[1])).as("a write of the descriptor").isFalse();
        assertThat(Stage1Descriptor.AF.isSet(rig.memory.get64(place))).isFalse();
    }

    @Test
    void aContextDescriptorThatStage2DoesNotMap() {
        stage2.page(GUEST_CONTEXTS, 0);
        var event = assertFault(rig.request(0x1000, READ), EventType.F_TRANSLATION);
        assertStage2(event, TranslationFaultEvent.CLASS_CD, GUEST_CONTEXTS);
        stage2.page(GUEST_CONTEXTS, Rig.MEMORY | Rig.S2_PAGE);
        event = assertFault(rig.request(0x1000, READ), EventType.F_CD_FETCH);
        assertThat(event[3]).as("physical address").isEqualTo(Rig.MEMORY);
    }

    @Test
    void tablesOfAGuestInDeviceMemoryAreAFaultIfTheEntryForbidsThem() {
        guestPage(0x1000, 0x9_0000_0000L | Rig.USER);
        stage2.page(0x9_0000_0000L, PAGE | Rig.S2_PAGE);
        stage2.page(stage1.top + SHIFT, stage1.top | Stage2Descriptor.MEMATTR.set(Rig.S2_PAGE, 1));
        rig.put(Rig.steAddress(9), Rig.with(Rig.nestedEntry(GUEST_CONTEXTS, stage2, Rig.VMID), StreamTableEntry.S2PTW, 1));
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE);
        rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
        var event = assertFault(rig.unit.translate(9, Pasid.NONE, 0x1000, READ), EventType.F_PERMISSION);
        assertStage2(event, TranslationFaultEvent.CLASS_TT, stage1.top + SHIFT);
    }

    @Test
    void anAbortOfAWalkNamesItsStage() {
        stage2.page(stage1.top + SHIFT, stage1.top | Rig.S2_PAGE);
        rig.memory.set64(stage1.top, 0x20_0000_0000L | 3);
        stage2.page(0x20_0000_0000L, Rig.MEMORY | Rig.S2_PAGE);
        var event = assertFault(rig.request(0x1000, READ), EventType.F_WALK_EABT);
        assertThat(TranslationFaultEvent.S2.isSet(event[1])).as("a descriptor of stage 1").isFalse();
        assertThat(TranslationFaultEvent.CLASS.get(event[1])).isEqualTo(TranslationFaultEvent.CLASS_TT);
        assertThat(event[3]).isEqualTo(Rig.MEMORY);
        stage2.set(0x20_0000_0000L, 2, Rig.MEMORY | 3);
        rig.command(CommandOpcode.TLBI_NSNH_ALL, 0, 0);
        event = assertFault(rig.request(0x1000, READ), EventType.F_WALK_EABT);
        assertThat(TranslationFaultEvent.S2.isSet(event[1])).as("a descriptor of stage 2").isTrue();
        assertThat(TranslationFaultEvent.CLASS.get(event[1])).as("on the way to one of stage 1")
                .isEqualTo(TranslationFaultEvent.CLASS_TT);
    }

    @Test
    void stage1MayBeSkippedForRequestsWithoutSubstream() {
        var entry = Rig.with(Rig.nestedEntry(GUEST_CONTEXTS, stage2, Rig.VMID), StreamTableEntry.S1CDMAX, 2);
        rig.put(Rig.steAddress(Rig.SID), Rig.with(entry, StreamTableEntry.S1DSS, StreamTableEntry.S1DSS_BYPASS));
        stage2.page(0x1000, PAGE | Rig.S2_PAGE);
        assertThat(rig.request(0x1008, READ)).isEqualTo(PAGE + 8);
    }

    @Test
    void anOutputOfStage1BeyondStage2IsAFaultOfStage2() {
        guestPage(0x1000, 1L << 40 | Rig.USER);
        var event = assertFault(rig.request(0x1000, READ), EventType.F_TRANSLATION);
        assertStage2(event, TranslationFaultEvent.CLASS_IN, 1L << 40);
    }
}
