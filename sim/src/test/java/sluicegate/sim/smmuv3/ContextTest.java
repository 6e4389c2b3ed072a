package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.AddressSize;
import sluicegate.spec.smmuv3.CfgiCdCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.L1ContextDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** Context descriptors: where they are for a stream and substream, and when one is ILLEGAL (5.3, 5.4). */
class ContextTest {
    private static final int READ = RequestAccess.READ;
    private static final long PAGE = 0x70_0000;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    /** The page at 0x1000 of a new address space says which it is. */
    private Rig.Space space(int number) {
        var space = rig.stage1Space();
        space.page(0x1000, PAGE + number * 0x1_0000L | Rig.USER);
        return space;
    }

    private static long pageOf(int number) {
        return PAGE + number * 0x1_0000L;
    }

    private static long[] withSubstreams(long[] entry, int bits, int format, int defaultSubstream) {
        var words = Rig.with(entry, StreamTableEntry.S1CDMAX, bits);
        return Rig.with(Rig.with(words, StreamTableEntry.S1FMT, format), StreamTableEntry.S1DSS, defaultSubstream);
    }

    private void context(long table, int index, int number) {
        rig.put(table + (long) index * ContextDescriptor.BYTES, Rig.context(space(number), number));
    }

    // Where a descriptor is

    @Test
    void substreamsHaveDescriptorsOfTheirOwn() {
        rig.start();
        long table = rig.table(16 * 64);
        for (int i = 0; i < 16; i++) {
            context(table, i, i + 1);
        }
        rig.put(Rig.steAddress(Rig.SID), withSubstreams(Rig.stage1Entry(table), 4, StreamTableEntry.S1FMT_LINEAR,
                StreamTableEntry.S1DSS_TERMINATE));
        for (int i = 0; i < 16; i++) {
            assertThat(rig.request(i, 0x1000, READ)).isEqualTo(pageOf(i + 1));
        }
        assertThat(rig.request(16, 0x1000, READ)).isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
        var event = rig.takeEvent();
        assertThat(EventRecord.SUBSTREAMID.get(event[0])).isEqualTo(16);
        assertThat(EventRecord.SSV.isSet(event[0])).as("this event has no SSV").isFalse();
        assertThat(rig.request(0x1000, READ)).isEqualTo(-EventType.F_STREAM_DISABLED.code());
        assertThat(rig.takeEvent()[0]).isEqualTo((long) Rig.SID << 32 | EventType.F_STREAM_DISABLED.code());
    }

    @Test
    void theDefaultSubstreamMayBeTheFirstOne() {
        rig.start();
        long table = rig.table(16 * 64);
        context(table, 0, 1);
        context(table, 1, 2);
        rig.put(Rig.steAddress(Rig.SID), withSubstreams(Rig.stage1Entry(table), 4, StreamTableEntry.S1FMT_LINEAR,
                StreamTableEntry.S1DSS_SSID0));
        assertThat(rig.request(0x1000, READ)).isEqualTo(pageOf(1));
        assertThat(rig.request(1, 0x1000, READ)).isEqualTo(pageOf(2));
        assertThat(rig.request(0, 0x1000, READ)).as("it is not to be named then")
                .isEqualTo(-EventType.F_STREAM_DISABLED.code());
    }

    @Test
    void requestsWithoutSubstreamMayBypass() {
        rig.start();
        long table = rig.table(16 * 64);
        context(table, 0, 1);
        rig.put(Rig.steAddress(Rig.SID), withSubstreams(Rig.stage1Entry(table), 4, StreamTableEntry.S1FMT_LINEAR,
                StreamTableEntry.S1DSS_BYPASS));
        assertThat(rig.request(0x1000, READ)).isEqualTo(0x1000);
        assertThat(rig.request(0, 0x1000, READ)).isEqualTo(pageOf(1));
    }

    @ParameterizedTest
    @CsvSource({"1, 6", "2, 10"})
    void tablesOfTwoLevels(int format, int leafBits) {
        rig.start();
        long first = rig.table(0x1000);
        long second = rig.table(64L << leafBits);
        int substream = 3 << leafBits | 5;
        rig.memory.set64(first + 3 * 8, second | L1ContextDescriptor.V.mask());
        context(second, 5, 4);
        rig.put(Rig.steAddress(Rig.SID), withSubstreams(Rig.stage1Entry(first), leafBits + 4, format,
                StreamTableEntry.S1DSS_TERMINATE));
        assertThat(rig.request(substream, 0x1000, READ)).isEqualTo(pageOf(4));
        assertThat(rig.request(5, 0x1000, READ)).as("no second level").isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
        assertThat(rig.request(substream + 1, 0x1000, READ)).as("empty").isEqualTo(-EventType.C_BAD_CD.code());
        rig.memory.set64(first + 4 * 8, 1L << 50 | L1ContextDescriptor.V.mask());
        assertThat(rig.request(4 << leafBits, 0x1000, READ)).as("beyond any address")
                .isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
        rig.memory.set64(first + 5 * 8, Rig.MEMORY | L1ContextDescriptor.V.mask());
        rig.takeEvents();
        assertThat(rig.request(5 << leafBits | 1, 0x1000, READ)).isEqualTo(-EventType.F_CD_FETCH.code());
        var event = rig.takeEvent();
        assertThat(event[3]).as("fetch address").isEqualTo(Rig.MEMORY + 64);
        assertThat(EventRecord.SUBSTREAMID.get(event[0])).isEqualTo(5 << leafBits | 1);
    }

    @Test
    void aSubstreamWithoutStage1IsAnError() {
        rig.start();
        rig.put(Rig.steAddress(Rig.SID), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(rig.request(1, 0x1000, READ)).isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
        rig.put(Rig.steAddress(6), Rig.stage2Entry(rig.stage2Space(), Rig.VMID));
        assertThat(rig.unit.translate(6, 1, 0x1000, READ)).isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
        rig.put(Rig.steAddress(7), Rig.stage1Entry(Rig.CONTEXTS));
        assertThat(rig.unit.translate(7, 0, 0x1000, READ)).as("a single descriptor, even number 0")
                .isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
    }

    @Test
    void aUnitWithoutSubstreamsHasASingleDescriptor() {
        rig.close();
        rig = new Rig(Rig.withIdr1(Idr1Register.SSIDSIZE, 0));
        rig.start();
        context(Rig.CONTEXTS, 0, 1);
        rig.put(Rig.steAddress(Rig.SID), withSubstreams(Rig.stage1Entry(Rig.CONTEXTS), 4, 1, 0));
        assertThat(rig.request(0x1000, READ)).isEqualTo(pageOf(1));
        assertThat(rig.request(1, 0x1000, READ)).isEqualTo(-EventType.C_BAD_SUBSTREAMID.code());
    }

    @Test
    void streamsOfEl2HaveNoAsidsUnlessE2h() {
        rig.start();
        var space = space(1);
        rig.put(Rig.CONTEXTS, Rig.context(space, Rig.ASID));
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.STRW,
                StreamTableEntry.STRW_EL2));
        assertThat(rig.request(0x1000, READ)).isEqualTo(pageOf(1));
        assertThat(rig.request(-0x1000, READ)).as("no TTB1").isEqualTo(-EventType.F_TRANSLATION.code());
        rig.close();
        rig = new Rig();
        rig.write(Cr2Register.OFFSET, Cr2Register.E2H.mask());
        rig.start();
        var low = space(1);
        var high = rig.stage1Space();
        high.page(-0x1000, PAGE | Rig.USER);
        rig.put(Rig.CONTEXTS, Rig.withHigh(Rig.context(low, Rig.ASID), high));
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage1Entry(Rig.CONTEXTS), StreamTableEntry.STRW,
                StreamTableEntry.STRW_EL2));
        assertThat(rig.request(0x1000, READ)).isEqualTo(pageOf(1));
        assertThat(rig.request(-0x1000, READ)).isEqualTo(PAGE);
    }

    // Legality

    private record Case(String name, Smmuv3Capabilities unit, UnaryOperator<long[]> stream, UnaryOperator<long[]> context,
            boolean legal) {}

    private static Case one(String name, Smmuv3Capabilities unit, boolean legal, Field field, long value) {
        return new Case(name, unit, words -> words, words -> Rig.with(words, field, value), legal);
    }

    @TestFactory
    Stream<DynamicTest> legality() {
        var full = Smmuv3Capabilities.FULL;
        var terminate = Rig.withIdr0(Idr0Register.STALL_MODEL, Idr0Register.TERMINATE_ONLY);
        var stall = Rig.withIdr0(Idr0Register.STALL_MODEL, Idr0Register.STALL_ONLY);
        var noUpdates = Rig.withIdr0(Idr0Register.HTTU, Idr0Register.HTTU_NONE);
        var onlyAccess = Rig.withIdr0(Idr0Register.HTTU, Idr0Register.HTTU_ACCESS);
        var noSmall = Rig.withIdr3(Idr3Register.STT, 0);
        var cases = new ArrayList<>(List.of(
                one("as it is", full, true, ContextDescriptor.V, 1),
                one("not valid", full, false, ContextDescriptor.V, 0),
                one("VMSAv8-32", full, false, ContextDescriptor.AA64, 0),
                one("big-endian tables", full, false, ContextDescriptor.ENDI, 1),
                one("stalls", full, true, ContextDescriptor.S, 1),
                one("stalls where there are none", terminate, false, ContextDescriptor.S, 1),
                one("terminates where there are only stalls", stall, false, ContextDescriptor.S, 0),
                one("stalls where there are only stalls", stall, true, ContextDescriptor.S, 1),
                one("discards", full, true, ContextDescriptor.A, 0),
                one("discards in a unit that always aborts", Rig.withIdr0(Idr0Register.TERM_MODEL, 1), false,
                        ContextDescriptor.A, 0),
                one("access flag by hardware", onlyAccess, true, ContextDescriptor.HA, 1),
                one("access flag by hardware that can't", noUpdates, false, ContextDescriptor.HA, 1),
                one("dirty state by hardware that can't", onlyAccess, false, ContextDescriptor.HD, 1),
                one("ASID of 16 bits", full, true, ContextDescriptor.ASID, 0x100),
                one("ASID of 16 bits in a unit with 8", Rig.withIdr0(Idr0Register.ASID16, 0), false, ContextDescriptor.ASID,
                        0x100),
                one("reserved granule", full, false, ContextDescriptor.TG0, 3),
                one("granule that the unit has not", Rig.withIdr5(Idr5Register.GRAN4K, 0), false, ContextDescriptor.TG0, 0),
                one("input of 48 bits", full, true, ContextDescriptor.T0SZ, 16),
                one("input of more", full, false, ContextDescriptor.T0SZ, 15),
                one("input of 25 bits", noSmall, true, ContextDescriptor.T0SZ, 39),
                one("input of less", noSmall, false, ContextDescriptor.T0SZ, 40),
                one("input of less in small tables", full, true, ContextDescriptor.T0SZ, 48),
                one("input of still less", full, false, ContextDescriptor.T0SZ, 49),
                one("no granule for TTB1, which is off", full, true, ContextDescriptor.TG1, 0)));
        cases.add(new Case("no granule for TTB1, which is on", full, words -> words,
                words -> Rig.with(Rig.with(words, ContextDescriptor.EPD1, 0), ContextDescriptor.TG1, 0), false));
        cases.add(new Case("granule of TTB0, which is off", full, words -> words,
                words -> Rig.with(Rig.with(words, ContextDescriptor.EPD0, 1), ContextDescriptor.TG0, 3), true));
        cases.add(new Case("stalls in a stream that may not", full, words -> Rig.with(words, StreamTableEntry.S1STALLD, 1),
                words -> Rig.with(words, ContextDescriptor.S, 1), false));
        cases.add(new Case("tables beyond the output size", full, words -> words,
                words -> Rig.withAddress(Rig.with(words, ContextDescriptor.IPS, AddressSize.BITS_40.code()),
                        ContextDescriptor.TTB0, 1L << 40), false));
        cases.add(new Case("tables beyond the output size, not used", full, words -> words,
                words -> Rig.with(Rig.withAddress(Rig.with(words, ContextDescriptor.IPS, AddressSize.BITS_40.code()),
                        ContextDescriptor.TTB0, 1L << 40), ContextDescriptor.EPD0, 1), true));
        return cases.stream().map(found -> DynamicTest.dynamicTest(found.name, () -> check(found)));
    }

    private static void check(Case one) {
        try (var rig = new Rig(one.unit)) {
            rig.start();
            rig.put(Rig.CONTEXTS, one.context.apply(Rig.context(rig.stage1Space(), Rig.ASID)));
            rig.put(Rig.steAddress(Rig.SID), one.stream.apply(Rig.stage1Entry(Rig.CONTEXTS)));
            long answer = rig.unit.translate(Rig.SID, Pasid.NONE, 0x1000, READ);
            assertThat(answer == -EventType.C_BAD_CD.code()).isEqualTo(!one.legal);
        }
    }

    /** A, R and S count where both halves are disabled, too. */
    @Test
    void aDescriptorWithoutTablesStillSaysWhatBecomesOfFaults() {
        var space = rig.stage1Space();
        var disabled = Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.EPD0, 1);
        rig.put(Rig.CONTEXTS, Rig.with(disabled, ContextDescriptor.R, 0));
        rig.put(Rig.steAddress(Rig.SID), Rig.stage1Entry(Rig.CONTEXTS));
        rig.start();
        assertThat(rig.request(0x1000, StreamAccess.READ)).isEqualTo(TranslationEngine.ABORTED);
        assertThat(rig.waitingEvents()).isZero();
        rig.put(Rig.CONTEXTS, Rig.with(disabled, ContextDescriptor.A, 0));
        rig.command(CommandOpcode.CFGI_CD, CfgiCdCommand.STREAMID.set(0, Rig.SID), 0);
        assertThat(rig.request(0x1000, StreamAccess.READ)).isEqualTo(TranslationEngine.IGNORED);
        assertThat(Rig.event(rig.takeEvent())).isEqualTo(EventType.F_TRANSLATION.code());
    }
}
