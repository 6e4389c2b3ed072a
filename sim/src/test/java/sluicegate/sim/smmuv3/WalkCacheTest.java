package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Pasid;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** The unit knows which last table serves an address, until software invalidates more than leaves. */
class WalkCacheTest {
    private static final int READ = RequestAccess.READ;
    private static final int WRITE = RequestAccess.WRITE;
    private static final long PAGE = 0x70_0000;
    private static final int LEAF = 1;
    private static final int STREAMS = 6;
    private static final int STAGE2 = 4;
    private static final int EL2 = 5;
    private static final int NESTED = 6;

    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    private long request(int streamId, long iova, int access) {
        long answer = rig.unit.translate(streamId, Pasid.NONE, iova, access);
        rig.takeEvents();
        return answer;
    }

    private Space stage1() {
        var space = rig.stage1Space();
        rig.stage1(space);
        return space;
    }

    /** Maps three pages in one table, uses the first, and takes the table out. */
    private void stale(Space space, int streamId, long base, long flags) {
        for (int page = 1; page <= 3; page++) {
            space.page(base + page * 0x1000L, PAGE + page * 0x1000L | flags);
        }
        assertThat(request(streamId, base + 0x1000, READ)).isEqualTo(PAGE + 0x1000);
        space.set(base, 2, 0);
        assertThat(request(streamId, base + 0x3000, READ)).as("not in the TLB, but its table is known").isEqualTo(PAGE + 0x3000);
    }

    /** Pages in a table that is not there any more, of: two ASIDs of one VMID, one of another, stage 2, EL2, both stages. */
    private void sixSpaces() {
        stale(rig.stream(1, 7, 3), 1, 0, Rig.USER);
        stale(rig.stream(2, 8, 3), 2, 0, Rig.USER);
        stale(rig.stream(3, 7, 4), 3, 0, Rig.USER);
        var stage2 = rig.stage2Space();
        stage2.set(0, 1, Rig.S2_BLOCK);
        rig.put(Rig.steAddress(STAGE2), Rig.stage2Entry(stage2, 3));
        stale(stage2, STAGE2, base(STAGE2), Rig.S2_PAGE);
        var el2 = rig.stage1Space();
        long context = rig.table(64);
        rig.put(context, Rig.context(el2, 7));
        rig.put(Rig.steAddress(EL2), Rig.with(Rig.stage1Entry(context), StreamTableEntry.STRW, StreamTableEntry.STRW_EL2));
        stale(el2, EL2, 0, Rig.USER);
        var guest = rig.stage1Space();
        rig.put(Rig.CONTEXTS, Rig.context(guest, 9));
        rig.put(Rig.steAddress(NESTED), Rig.nestedEntry(Rig.CONTEXTS, stage2, 3));
        stale(guest, NESTED, 0, Rig.USER);
    }

    private static long base(int streamId) {
        return streamId == STAGE2 ? 0x4000_0000L : 0;
    }

    /** The streams whose table is still known: none of the pages that are asked for now is in the TLB. */
    private String left() {
        var left = new StringBuilder();
        for (int streamId = 1; streamId <= STREAMS; streamId++) {
            left.append(request(streamId, base(streamId) + 0x2000, READ) >= 0 ? Integer.toString(streamId) : ".");
        }
        return left.toString();
    }

    static Stream<Arguments> commands() {
        long range = TlbiNhVaCommand.NUM.set(Rig.tlbi(3, 7), 1);
        long levelHint = TlbiNhVaCommand.TTL.set(TlbiNhVaCommand.TG.set(0, 1), 3);
        return Stream.of(
                Arguments.of(CommandOpcode.TLBI_NH_ALL, Rig.tlbi(3, 0), 0L, "..345."),
                Arguments.of(CommandOpcode.TLBI_NH_ASID, Rig.tlbi(3, 7), 0L, ".23456"),
                Arguments.of(CommandOpcode.TLBI_NH_ASID, Rig.tlbi(3, 9), 0L, "12345."),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x1000L, ".23456"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x1000L | LEAF, "123456"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x1f_f000L, ".23456"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x20_0000L, "123456"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 9), 0x1000L, "12345."),
                Arguments.of(CommandOpcode.TLBI_NH_VA, range, levelHint, ".23456"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, range, levelHint | LEAF, "123456"),
                Arguments.of(CommandOpcode.TLBI_NH_VAA, Rig.tlbi(3, 0), 0x1000L, "..345."),
                Arguments.of(CommandOpcode.TLBI_NH_VAA, Rig.tlbi(3, 0), 0x1000L | LEAF, "123456"),
                Arguments.of(CommandOpcode.TLBI_EL2_ALL, 0L, 0L, "1234.6"),
                Arguments.of(CommandOpcode.TLBI_EL2_VA, 0L, 0x1000L, "1234.6"),
                Arguments.of(CommandOpcode.TLBI_EL2_VA, 0L, 0x1000L | LEAF, "123456"),
                Arguments.of(CommandOpcode.TLBI_EL2_VAA, 0L, 0x1000L, "1234.6"),
                Arguments.of(CommandOpcode.TLBI_S2_IPA, Rig.tlbi(3, 0), 0x4000_1000L, "123.56"),
                Arguments.of(CommandOpcode.TLBI_S2_IPA, Rig.tlbi(3, 0), 0x4000_1000L | LEAF, "123456"),
                Arguments.of(CommandOpcode.TLBI_S12_VMALL, Rig.tlbi(3, 0), 0L, "..3.5."),
                Arguments.of(CommandOpcode.TLBI_NSNH_ALL, 0L, 0L, "....5."));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandForgetsTheTablesOfWhatItNamesUnlessItIsAboutLeaves(int opcode, long low, long high, String left) {
        sixSpaces();
        rig.command(opcode, low, high);
        assertThat(rig.commandError()).isZero();
        assertThat(left()).isEqualTo(left);
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 14, 16})
    void tablesOfEachGranuleAreKnown(int granule) {
        var space = rig.new Space(granule, 42);
        rig.stage1(space);
        long size = 1L << granule;
        for (int page = 0; page < 3; page++) {
            space.page(page * size, PAGE + page * size | Rig.USER);
        }
        assertThat(request(Rig.SID, 0, READ)).isEqualTo(PAGE);
        space.set(0, 2, 0);
        assertThat(request(Rig.SID, size, READ)).as("stale").isEqualTo(PAGE + size);
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, Rig.ASID), 0);
        assertThat(request(Rig.SID, 2 * size, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
    }

    @Test
    void highAndLowAddressesHaveTablesOfTheirOwn() {
        var low = rig.stage1Space();
        var high = rig.stage1Space();
        rig.put(Rig.CONTEXTS, Rig.withHigh(Rig.context(low, Rig.ASID), high));
        rig.put(Rig.steAddress(Rig.SID), Rig.stage1Entry(Rig.CONTEXTS));
        low.page(0xffff_ffff_f000L, PAGE | Rig.USER);
        high.page(-0x1000, PAGE + 0x1000 | Rig.USER);
        high.page(-0x2000, PAGE + 0x2000 | Rig.USER);
        assertThat(request(Rig.SID, 0xffff_ffff_f000L, READ)).isEqualTo(PAGE);
        assertThat(request(Rig.SID, -0x1000, READ)).isEqualTo(PAGE + 0x1000);
        assertThat(request(Rig.SID, -0x2000, READ)).isEqualTo(PAGE + 0x2000);
        assertThat(request(Rig.SID, 0xffff_ffff_e000L, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
    }

    /** Software may give a permission without an invalidation; what it takes away stays until one. */
    @Test
    void whatTablesForbidCountsAsItWasReadAndIsReadAgainBeforeItRefuses() {
        var space = stage1();
        for (int page = 1; page <= 4; page++) {
            space.page(page * 0x1000L, PAGE + page * 0x1000L | Rig.USER);
        }
        long place = space.place(0, 2);
        long table = rig.memory.get64(place);
        long readOnly = Stage1Descriptor.APTABLE.set(table, 0b10);
        rig.memory.set64(place, readOnly);
        assertThat(request(Rig.SID, 0x1000, READ)).isEqualTo(PAGE + 0x1000);
        assertThat(request(Rig.SID, 0x2000, READ)).isEqualTo(PAGE + 0x2000);
        assertThat(request(Rig.SID, 0x3000, WRITE)).isEqualTo(-EventType.F_PERMISSION.code());
        rig.memory.set64(place, table);
        assertThat(request(Rig.SID, 0x4000, WRITE)).as("given").isEqualTo(PAGE + 0x4000);
        rig.memory.set64(place, readOnly);
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, Rig.ASID), 0x3000 | LEAF);
        assertThat(request(Rig.SID, 0x3000, WRITE)).as("taken away").isEqualTo(PAGE + 0x3000);
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, Rig.ASID), 0x3000);
        assertThat(request(Rig.SID, 0x3000, WRITE)).isEqualTo(-EventType.F_PERMISSION.code());
    }

    @Test
    void flagsAreSetInTheTableThatIsKnown() {
        var space = stage1();
        enable(ContextDescriptor.HA, ContextDescriptor.HD);
        long readOnly = Stage1Descriptor.AP.set(PAGE | Stage1Descriptor.AF.clear(Rig.USER),
                Stage1Descriptor.AP_UNPRIVILEGED | Stage1Descriptor.AP_READ_ONLY);
        space.page(0x1000, PAGE | Rig.USER);
        long place = space.page(0x2000, Stage1Descriptor.DBM.set(readOnly, 1));
        assertThat(request(Rig.SID, 0x1000, READ)).isEqualTo(PAGE);
        space.set(0, 2, 0);
        assertThat(request(Rig.SID, 0x2000, WRITE)).isEqualTo(PAGE);
        long descriptor = rig.memory.get64(place);
        assertThat(Stage1Descriptor.AF.isSet(descriptor)).isTrue();
        assertThat(Stage1Descriptor.AP.get(descriptor)).as("writable, which is dirty").isEqualTo(Stage1Descriptor.AP_UNPRIVILEGED);
    }

    private void enable(Field... fields) {
        var context = new long[ContextDescriptor.WORDS];
        for (int i = 0; i < context.length; i++) {
            context[i] = rig.memory.get64(Rig.CONTEXTS + 8L * i);
        }
        for (var field : fields) {
            context = Rig.with(context, field, 1);
        }
        rig.put(Rig.CONTEXTS, context);
    }

    /** A guest with tables that its host lets it read only. */
    @Test
    void aFlagOfAGuestsDescriptorTakesItsHostsPermission() {
        var stage2 = rig.stage2Space();
        stage2.set(0, 1, Rig.S2_BLOCK & ~(0b10L << 6));
        var guest = rig.stage1Space();
        rig.put(Rig.CONTEXTS, Rig.context(guest, Rig.ASID));
        enable(ContextDescriptor.HA);
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(Rig.CONTEXTS, stage2, Rig.VMID));
        guest.page(0x1000, PAGE | Rig.USER);
        long place = guest.page(0x2000, PAGE | Stage1Descriptor.AF.clear(Rig.USER));
        assertThat(request(Rig.SID, 0x1000, READ)).isEqualTo(PAGE);
        assertThat(request(Rig.SID, 0x2000, READ)).isEqualTo(-EventType.F_PERMISSION.code());
        assertThat(Stage1Descriptor.AF.isSet(rig.memory.get64(place))).isFalse();
    }

    /** A guest's table of 64 KiB that is in several places of its host's memory. */
    @Test
    void aTableInSeveralPagesOfStage2IsFoundByEachOfThem() {
        var stage2 = rig.stage2Space();
        var guest = rig.new Space(16, 42);
        long near = guest.page(0x1_0000, PAGE | Rig.USER);
        long far = guest.page(0x200_0000, PAGE | Rig.USER);
        assertThat(far & -0x1000).as("in another page").isNotEqualTo(near & -0x1000);
        long elsewhere = rig.table(0x1000);
        rig.memory.set64(elsewhere | far & 0xfff, PAGE + 0x1_0000 | Rig.USER);
        for (long page = 0; page < Rig.MEMORY; page += 0x1000) {
            stage2.page(page, (page == (far & -0x1000) ? elsewhere : page) | Rig.S2_PAGE);
        }
        rig.put(Rig.CONTEXTS, Rig.context(guest, Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(Rig.CONTEXTS, stage2, Rig.VMID));
        assertThat(request(Rig.SID, 0x1_0000, READ)).isEqualTo(PAGE);
        assertThat(request(Rig.SID, 0x200_0000, READ)).isEqualTo(PAGE + 0x1_0000);
    }

    @Test
    void aProbeReadsNothingIntoIt() {
        var space = stage1();
        space.page(0x1000, PAGE | Rig.USER);
        assertThat(rig.unit.engine().probe(Rig.SID, Pasid.NONE, 0x1000, READ).fault()).isZero();
        space.set(0, 2, 0);
        assertThat(request(Rig.SID, 0x1000, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
    }
}
