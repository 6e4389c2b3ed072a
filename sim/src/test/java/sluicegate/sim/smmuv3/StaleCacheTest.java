package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.api.types.Pasid;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CfgiCdCommand;
import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CfgiSteRangeCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;
import sluicegate.spec.vmsa.Stage1Descriptor;

/** Caches hold what memory no longer says, until exactly that is invalidated. */
class StaleCacheTest {
    private static final int READ = RequestAccess.READ;
    private static final int WRITE = RequestAccess.WRITE;
    private static final long PAGE = 0x70_0000;
    private static final long GLOBAL = Stage1Descriptor.NG.clear(Rig.USER);
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private boolean translates(int streamId, long iova) {
        boolean found = rig.unit.translate(streamId, Pasid.NONE, iova, READ) >= 0;
        rig.takeEvents();
        return found;
    }

    /** Maps a page, uses it and takes it out of memory: only the TLB still has it. */
    private void stale(Space space, int streamId, int level, long iova, long descriptor) {
        space.set(iova, level, descriptor);
        assertThat(translates(streamId, iova)).isTrue();
        space.set(iova, level, 0);
        assertThat(translates(streamId, iova)).as("stale").isTrue();
    }

    // TLB by address space

    /** Four streams: two ASIDs of one VMID, one of another, stage 2 alone, one of EL2; each with a page, one with a global one. */
    private void fourSpaces() {
        rig.start();
        var one = rig.stream(1, 7, 3);
        stale(one, 1, 3, 0x1000, PAGE | Rig.USER);
        stale(one, 1, 3, 0x9000, PAGE | GLOBAL);
        stale(rig.stream(2, 8, 3), 2, 3, 0x1000, PAGE | Rig.USER);
        stale(rig.stream(3, 7, 4), 3, 3, 0x1000, PAGE | Rig.USER);
        var stage2 = rig.stage2Space();
        rig.put(Rig.steAddress(4), Rig.stage2Entry(stage2, 3));
        stale(stage2, 4, 3, 0x1000, PAGE | Rig.S2_PAGE);
        var el2 = rig.stream(5, 7, 3);
        rig.put(Rig.steAddress(5), Rig.with(entry(5), StreamTableEntry.STRW, StreamTableEntry.STRW_EL2));
        rig.command(CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, 5), 1);
        stale(el2, 5, 3, 0x1000, PAGE | Rig.USER);
    }

    private long[] entry(int streamId) {
        var words = new long[StreamTableEntry.WORDS];
        for (int i = 0; i < words.length; i++) {
            words[i] = rig.memory.get64(Rig.steAddress(streamId) + 8L * i);
        }
        return words;
    }

    /** Which of the pages are left: of stream 1, its global one, and of streams 2 to 5. */
    private String left() {
        return "" + (translates(1, 0x1000) ? '1' : '.') + (translates(1, 0x9000) ? 'g' : '.') + (translates(2, 0x1000) ? '2' : '.')
                + (translates(3, 0x1000) ? '3' : '.') + (translates(4, 0x1000) ? '4' : '.') + (translates(5, 0x1000) ? '5' : '.');
    }

    static Stream<Arguments> commands() {
        return Stream.of(
                Arguments.of(CommandOpcode.TLBI_NH_ALL, Rig.tlbi(3, 0), 0L, "...345"),
                Arguments.of(CommandOpcode.TLBI_NH_ASID, Rig.tlbi(3, 7), 0L, ".g2345"),
                Arguments.of(CommandOpcode.TLBI_NH_ASID, Rig.tlbi(3, 9), 0L, "1g2345"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x1000L, ".g2345"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x1001L, ".g2345"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x2000L, "1g2345"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 8), 0x9000L, "1.2345"),
                Arguments.of(CommandOpcode.TLBI_NH_VA, Rig.tlbi(4, 7), 0x9000L, "1g2345"),
                Arguments.of(CommandOpcode.TLBI_NH_VAA, Rig.tlbi(3, 0), 0x1000L, ".g.345"),
                Arguments.of(CommandOpcode.TLBI_EL2_ALL, 0L, 0L, "1g234."),
                Arguments.of(CommandOpcode.TLBI_EL2_VA, 0L, 0x1000L, "1g234."),
                Arguments.of(CommandOpcode.TLBI_EL2_VA, 0L, 0x3000L, "1g2345"),
                Arguments.of(CommandOpcode.TLBI_EL2_VAA, 0L, 0x1000L, "1g234."),
                Arguments.of(CommandOpcode.TLBI_S12_VMALL, Rig.tlbi(3, 0), 0L, "...3.5"),
                Arguments.of(CommandOpcode.TLBI_S2_IPA, Rig.tlbi(3, 0), 0x1000L, "1g23.5"),
                Arguments.of(CommandOpcode.TLBI_S2_IPA, Rig.tlbi(4, 0), 0x1000L, "1g2345"),
                Arguments.of(CommandOpcode.TLBI_NSNH_ALL, 0L, 0L, ".....5"),
                Arguments.of(CommandOpcode.CFGI_STE_RANGE, 0L, 31L, "1g2345"));
    }

    @ParameterizedTest
    @MethodSource("commands")
    void aCommandForgetsWhatItNamesAndNoMore(int opcode, long low, long high, String left) {
        fourSpaces();
        // EL2 commands take neither VMID nor ASID.
        rig.command(opcode, low, high);
        assertThat(rig.commandError()).isZero();
        assertThat(left()).isEqualTo(left);
    }

    @Test
    void withE2hStreamsOfEl2HaveAsids() {
        rig.write(Cr2Register.OFFSET, Cr2Register.E2H.mask());
        rig.start();
        var spaces = new Space[] {rig.stream(1, 7, 0), rig.stream(2, 8, 0)};
        for (int i = 0; i < 2; i++) {
            rig.put(Rig.steAddress(i + 1), Rig.with(entry(i + 1), StreamTableEntry.STRW, StreamTableEntry.STRW_EL2));
            stale(spaces[i], i + 1, 3, 0x1000, PAGE | Rig.USER);
            stale(spaces[i], i + 1, 3, 0x2000, PAGE | Rig.USER);
        }
        rig.command(CommandOpcode.TLBI_EL2_VA, Rig.tlbi(0, 7), 0x1000);
        assertThat(translates(1, 0x1000)).isFalse();
        assertThat(translates(2, 0x1000)).isTrue();
        rig.command(CommandOpcode.TLBI_EL2_VAA, 0, 0x1000);
        assertThat(translates(2, 0x1000)).isFalse();
        rig.command(CommandOpcode.TLBI_EL2_ASID, Rig.tlbi(0, 7), 0);
        assertThat(translates(1, 0x2000)).isFalse();
        assertThat(translates(2, 0x2000)).isTrue();
    }

    // TLB by address

    @Test
    void oneAddressOfABlockIsEnough() {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        stale(space, Rig.SID, 2, 0x20_0000, 0x40_0000 | Rig.USER_BLOCK);
        stale(space, Rig.SID, 1, 0x4000_0000L, 0x8000_0000L | Rig.USER_BLOCK);
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, 7), 0x3f_f000);
        assertThat(translates(Rig.SID, 0x20_0000)).isFalse();
        assertThat(translates(Rig.SID, 0x4000_0000L)).isTrue();
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, 7), 0x7f12_3000L);
        assertThat(translates(Rig.SID, 0x4000_0000L)).isFalse();
    }

    @Test
    void highAddressesAreInvalidatedAsTheyAreAskedFor() {
        rig.start();
        var low = rig.stage1Space();
        var high = rig.stage1Space();
        rig.put(Rig.CONTEXTS, Rig.withHigh(Rig.context(low, 7), high));
        rig.put(Rig.steAddress(Rig.SID), Rig.stage1Entry(Rig.CONTEXTS));
        stale(low, Rig.SID, 3, 0x1000, PAGE | Rig.USER);
        stale(high, Rig.SID, 3, -0x1000, PAGE | Rig.USER);
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, 7), 0x1000);
        assertThat(translates(Rig.SID, -0x1000)).isTrue();
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, 7), -0x1000);
        assertThat(translates(Rig.SID, -0x1000)).isFalse();
    }

    /** Granule (TG), SCALE, NUM and the first address against which of the pages 0, 7, 8, 15, 16, 31, 32 go. */
    @ParameterizedTest
    @CsvSource({"1, 0, 7, 0, '8 15 16 31 32'", "1, 0, 7, 8, '0 7 16 31 32'", "1, 3, 0, 8, '0 7 16 31 32'", "1, 4, 1, 0, '32'",
        "1, 0, 31, 0, '32'", "1, 5, 1, 0, ''", "1, 0, 1, 15, '0 7 8 31 32'"})
    void aRangeIsAsLongAsScaleAndNumberSay(int tg, int scale, int num, int first, String left) {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        int[] pages = {0, 7, 8, 15, 16, 31, 32};
        for (int page : pages) {
            stale(space, Rig.SID, 3, page * 0x1000L, PAGE | Rig.USER);
        }
        rig.command(CommandOpcode.TLBI_NH_VA, range(Rig.tlbi(0, 7), scale, num), TlbiNhVaCommand.TG.set(first * 0x1000L, tg));
        assertThat(rig.commandError()).isZero();
        var found = new StringBuilder();
        for (int page : pages) {
            if (translates(Rig.SID, page * 0x1000L)) {
                found.append(found.isEmpty() ? "" : " ").append(page);
            }
        }
        assertThat(found).hasToString(left);
    }

    private static long range(long low, int scale, int num) {
        return TlbiNhVaCommand.NUM.set(TlbiNhVaCommand.SCALE.set(low, scale), num);
    }

    @Test
    void theLongestRangeTakesEverything() {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        stale(space, Rig.SID, 3, 0x1000, PAGE | Rig.USER);
        stale(space, Rig.SID, 3, 0xffff_ffff_f000L, PAGE | Rig.USER);
        rig.command(CommandOpcode.TLBI_NH_VA, range(Rig.tlbi(0, 7), 31, 31), TlbiNhVaCommand.TG.set(0, 3));
        assertThat(translates(Rig.SID, 0x1000)).as("of another granule").isTrue();
        rig.command(CommandOpcode.TLBI_NH_VA, range(Rig.tlbi(0, 7), 39, 31), TlbiNhVaCommand.TG.set(0, 1));
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        assertThat(translates(Rig.SID, 0xffff_ffff_f000L)).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, ...", "1, 12.", "2, 1.3", "3, .23"})
    void aLevelHintLeavesOtherLevels(int ttl, String left) {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        stale(space, Rig.SID, 3, 0x1000, PAGE | Rig.USER);
        stale(space, Rig.SID, 2, 0x20_0000, 0x40_0000 | Rig.USER_BLOCK);
        stale(space, Rig.SID, 1, 0x4000_0000L, 0x8000_0000L | Rig.USER_BLOCK);
        // Two GiB from 0, of pages of 4 KiB.
        long high = TlbiNhVaCommand.TTL.set(TlbiNhVaCommand.TG.set(0, 1), ttl);
        rig.command(CommandOpcode.TLBI_NH_VA, range(Rig.tlbi(0, 7), 18, 1), high);
        String found = "" + (translates(Rig.SID, 0x1000) ? '1' : '.') + (translates(Rig.SID, 0x20_0000) ? '2' : '.')
                + (translates(Rig.SID, 0x4000_0000L) ? '3' : '.');
        assertThat(found).isEqualTo(left);
    }

    /** 64 KiB pages and 4 TiB blocks; only units with 52 bits have those. */
    @ParameterizedTest
    @CsvSource({"true, 0, ..", "true, 1, p.", "true, 3, .b", "false, 1, ."})
    void aHintForALevelWithoutBlocksIsNone(boolean wide, int ttl, String left) {
        if (wide) {
            rig.close();
            rig = new Rig(Rig.wide());
        }
        rig.start();
        var space = rig.new Space(16, 48);
        rig.put(Rig.CONTEXTS, Rig.context(space, 7));
        rig.put(Rig.steAddress(Rig.SID), Rig.stage1Entry(Rig.CONTEXTS));
        stale(space, Rig.SID, 3, 0x1_0000, 0x10_0000 | Rig.USER);
        if (wide) {
            stale(space, Rig.SID, 1, 1L << 42, 1L << 42 | Rig.USER_BLOCK);
        }
        long high = TlbiNhVaCommand.TTL.set(TlbiNhVaCommand.TG.set(0, 3), ttl);
        rig.command(CommandOpcode.TLBI_NH_VA, range(Rig.tlbi(0, 7), 30, 31), high);
        assertThat(rig.commandError()).isZero();
        assertThat((translates(Rig.SID, 0x1_0000) ? "p" : ".") + (!wide ? "" : translates(Rig.SID, 1L << 42) ? "b" : "."))
                .isEqualTo(left);
    }

    // Both stages

    @Test
    void aNestedTranslationNeedsBothStagesToBeForgotten() {
        rig.start();
        var stage2 = rig.stage2Space();
        stage2.set(0, 1, Rig.S2_BLOCK);
        var stage1 = rig.stage1Space();
        rig.put(Rig.CONTEXTS, Rig.context(stage1, 7));
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(Rig.CONTEXTS, stage2, 3));
        long place = stage1.page(0x1000, 0x4000_0000L | Rig.USER);
        long ipa = stage2.page(0x4000_0000L, PAGE | Rig.S2_PAGE);
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE);
        rig.memory.set64(ipa, PAGE + 0x1000 | Rig.S2_PAGE);
        assertThat(rig.request(0x1000, READ)).as("stale").isEqualTo(PAGE);
        rig.command(CommandOpcode.TLBI_S2_IPA, Rig.tlbi(3, 0), 0x4000_0000L);
        assertThat(rig.request(0x1000, READ)).as("both stages in one are still there").isEqualTo(PAGE);
        rig.command(CommandOpcode.TLBI_NH_ALL, Rig.tlbi(3, 0), 0);
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE + 0x1000);
        rig.memory.set64(place, 0);
        assertThat(rig.request(0x1000, READ)).as("stale").isEqualTo(PAGE + 0x1000);
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(3, 7), 0x1000);
        assertThat(rig.request(0x1000, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
    }

    @Test
    void stagesOfDifferentGranulesMeetInTheSmallerPage() {
        rig.start();
        var stage2 = rig.stage2Space();
        stage2.set(0, 1, Rig.S2_BLOCK);
        var stage1 = rig.new Space(16, 42);
        rig.put(Rig.CONTEXTS, Rig.context(stage1, 7));
        rig.put(Rig.steAddress(Rig.SID), Rig.nestedEntry(Rig.CONTEXTS, stage2, 3));
        stage1.page(0x1_0000, 0x4000_0000L | Rig.USER);
        long first = stage2.page(0x4000_0000L, PAGE | Rig.S2_PAGE);
        stage2.page(0x4000_1000L, PAGE + 0x8000 | Rig.S2_PAGE);
        assertThat(rig.request(0x1_0008, READ)).isEqualTo(PAGE + 8);
        assertThat(rig.request(0x1_1008, READ)).isEqualTo(PAGE + 0x8008);
        rig.memory.set64(first, 0);
        assertThat(rig.request(0x1_0008, READ)).as("stale").isEqualTo(PAGE + 8);
        rig.command(CommandOpcode.TLBI_S12_VMALL, Rig.tlbi(3, 0), 0);
        assertThat(rig.request(0x1_0008, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
        assertThat(rig.request(0x1_1008, READ)).isEqualTo(PAGE + 0x8008);
    }

    // Configuration

    @Test
    void anEntryStaysUntilItsStreamIsInvalidated() {
        rig.start();
        rig.put(Rig.steAddress(1), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        rig.put(Rig.steAddress(2), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(translates(1, 0) && translates(2, 0)).isTrue();
        rig.put(Rig.steAddress(1), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        rig.put(Rig.steAddress(2), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        assertThat(translates(1, 0)).as("stale").isTrue();
        rig.command(CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, 1), 1);
        assertThat(translates(1, 0)).isFalse();
        assertThat(translates(2, 0)).isTrue();
    }

    @Test
    void anInvalidEntryIsCachedToo() {
        rig.start();
        assertThat(translates(1, 0)).isFalse();
        rig.put(Rig.steAddress(1), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(translates(1, 0)).as("stale").isFalse();
        rig.command(CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, 1), 1);
        assertThat(translates(1, 0)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"8, 0, '10 11 12 15 16'", "8, 1, '12 15 16'", "10, 2, '16'", "15, 1, '8 10 11 16'", "0, 31, ''"})
    void aRangeOfStreamsIsAlignedToItsSize(int streamId, int range, String left) {
        rig.start();
        int[] streams = {8, 10, 11, 12, 15, 16};
        for (int stream : streams) {
            rig.put(Rig.steAddress(stream), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
            assertThat(translates(stream, 0)).isTrue();
            rig.put(Rig.steAddress(stream), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        }
        rig.command(CommandOpcode.CFGI_STE_RANGE, CfgiSteCommand.STREAMID.set(0, streamId),
                CfgiSteRangeCommand.RANGE.set(0, range));
        var found = new StringBuilder();
        for (int stream : streams) {
            if (translates(stream, 0)) {
                found.append(found.isEmpty() ? "" : " ").append(stream);
            }
        }
        assertThat(found).hasToString(left);
    }

    @Test
    void aContextDescriptorStaysUntilItIsInvalidated() {
        rig.start();
        long table = rig.table(4 * 64);
        var old = rig.stage1Space();
        var fresh = rig.stage1Space();
        old.page(0x1000, PAGE | Rig.USER);
        fresh.page(0x1000, PAGE + 0x1000 | Rig.USER);
        for (int i = 0; i < 4; i++) {
            rig.put(table + i * 64L, Rig.context(old, 10 + i));
        }
        var entry = Rig.with(Rig.stage1Entry(table), StreamTableEntry.S1CDMAX, 2);
        rig.put(Rig.steAddress(Rig.SID), Rig.with(entry, StreamTableEntry.S1DSS, StreamTableEntry.S1DSS_SSID0));
        int[] substreams = {Pasid.NONE, 1, 2, 3};
        for (int substream : substreams) {
            assertThat(rig.request(substream, 0x1000, READ)).isEqualTo(PAGE);
        }
        for (int i = 0; i < 4; i++) {
            rig.put(table + i * 64L, Rig.context(fresh, 20 + i));
        }
        assertThat(rig.request(1, 0x1000, READ)).as("stale").isEqualTo(PAGE);
        long low = CfgiCdCommand.SUBSTREAMID.set(CfgiCdCommand.STREAMID.set(0, Rig.SID), 1);
        rig.command(CommandOpcode.CFGI_CD, low, 1);
        assertThat(rig.request(1, 0x1000, READ)).isEqualTo(PAGE + 0x1000);
        assertThat(rig.request(2, 0x1000, READ)).as("another substream").isEqualTo(PAGE);
        assertThat(rig.request(0x1000, READ)).as("the default substream").isEqualTo(PAGE);
        rig.command(CommandOpcode.CFGI_CD, CfgiCdCommand.STREAMID.set(0, Rig.SID), 1);
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE + 0x1000);
        rig.command(CommandOpcode.CFGI_CD_ALL, CfgiCdCommand.STREAMID.set(0, Rig.SID + 1), 0);
        assertThat(rig.request(2, 0x1000, READ)).as("another stream").isEqualTo(PAGE);
        rig.command(CommandOpcode.CFGI_CD_ALL, CfgiCdCommand.STREAMID.set(0, Rig.SID), 0);
        assertThat(rig.request(2, 0x1000, READ)).isEqualTo(PAGE + 0x1000);
        assertThat(rig.request(3, 0x1000, READ)).isEqualTo(PAGE + 0x1000);
    }

    @Test
    void anEntrysInvalidationForgetsItsDescriptorsToo() {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        stale(space, Rig.SID, 3, 0x1000, PAGE | Rig.USER);
        long context = entry(Rig.SID)[0] & 0xff_ffff_ffff_ffc0L;
        rig.put(context, Rig.with(Rig.context(space, 7), ContextDescriptor.V, 0));
        assertThat(translates(Rig.SID, 0x1000)).as("stale").isTrue();
        rig.command(CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, Rig.SID), 1);
        assertThat(rig.request(0x1000, READ)).isEqualTo(-EventType.C_BAD_CD.code());
    }

    @Test
    void whatFaultedIsNotRemembered() {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        assertThat(translates(Rig.SID, 0x1000)).isFalse();
        space.page(0x1000, PAGE | Stage1Descriptor.AF.clear(Rig.USER));
        assertThat(translates(Rig.SID, 0x1000)).as("no access flag").isFalse();
        space.page(0x1000, PAGE | Rig.USER);
        assertThat(translates(Rig.SID, 0x1000)).isTrue();
    }

    @Test
    void anUpgradeOfPermissionsNeedsAnInvalidation() {
        rig.start();
        var space = rig.stream(Rig.SID, 7, 0);
        long place = space.page(0x1000, PAGE | Stage1Descriptor.AP.set(Rig.USER, 3));
        assertThat(rig.request(0x1000, READ)).isEqualTo(PAGE);
        rig.memory.set64(place, PAGE | Rig.USER);
        assertThat(rig.request(0x1000, WRITE)).as("stale").isEqualTo(-EventType.F_PERMISSION.code());
        rig.command(CommandOpcode.TLBI_NH_VA, Rig.tlbi(0, 7), 0x1000);
        assertThat(rig.request(0x1000, WRITE)).isEqualTo(PAGE);
    }

    @Test
    void switchingTranslationOffAndOnForgetsNothing() {
        rig.start();
        stale(rig.stream(Rig.SID, 7, 0), Rig.SID, 3, 0x1000, PAGE | Rig.USER);
        rig.write(Cr0Register.OFFSET, 0xc);
        rig.write(Cr0Register.OFFSET, 0xd);
        assertThat(translates(Rig.SID, 0x1000)).isTrue();
    }
}
