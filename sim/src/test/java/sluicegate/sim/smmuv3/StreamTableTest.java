package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.smmuv3.CfgiSteCommand;
import sluicegate.spec.smmuv3.CfgiSteRangeCommand;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr2Register;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.L1StreamTableDescriptor;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/** From a StreamID to its entry, in tables of one and of two levels. */
class StreamTableTest {
    private static final long BYPASS_ADDRESS = 0x123_4568;
    /** Aligned to the 32 MiB that level 1 takes for 32 bits of StreamID. */
    private static final long WIDE_TABLE = 64L << 20;

    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Smmuv3Capabilities capabilities) {
        rig.close();
        rig = new Rig(capabilities);
    }

    private long request(int streamId) {
        return rig.unit.translate(streamId, Pasid.NONE, BYPASS_ADDRESS, RequestAccess.READ);
    }

    private void twoLevels(int bits, int split) {
        rig.write(Cr2Register.OFFSET, Cr2Register.RECINVSID.mask());
        rig.start();
        rig.write(Cr0Register.OFFSET, 0);
        long format = StrtabBaseCfgRegister.FMT.set(0, StrtabBaseCfgRegister.TWO_LEVEL);
        format = StrtabBaseCfgRegister.SPLIT.set(StrtabBaseCfgRegister.LOG2SIZE.set(format, bits), split);
        rig.write(StrtabBaseCfgRegister.OFFSET, format);
        rig.write(Cr0Register.OFFSET, 0xd);
    }

    private static long descriptor(long table, int span) {
        return L1StreamTableDescriptor.SPAN.set(table, span);
    }

    @Test
    void streamsThatPassAndStreamsThatDoNot() {
        rig.start();
        rig.put(Rig.steAddress(1), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        rig.put(Rig.steAddress(2), Rig.ste(StreamTableEntry.CONFIG_ABORT));
        rig.put(Rig.steAddress(3), Rig.ste(0b011));
        assertThat(request(1)).isEqualTo(BYPASS_ADDRESS);
        assertThat(request(2)).isEqualTo(TranslationEngine.ABORTED);
        assertThat(request(3)).as("reserved, as abort").isEqualTo(TranslationEngine.ABORTED);
        assertThat(rig.waitingEvents()).as("aborts are silent").isZero();
        assertThat(request(4)).as("invalid").isEqualTo(-EventType.C_BAD_STE.code());
        assertThat(EventRecord.STREAMID.get(rig.takeEvent()[0])).isEqualTo(4);
        assertThat(rig.unit.translate(1, Pasid.NONE, 1L << 48, RequestAccess.READ))
                .isEqualTo(-EventType.F_ADDR_SIZE.code());
    }

    @Test
    void aStreamBeyondTheTableIsRecordedIfSoftwareWantsThat() {
        rig.start();
        assertThat(request(1 << Rig.STREAM_BITS)).isEqualTo(TranslationEngine.ABORTED);
        assertThat(request(-1)).isEqualTo(TranslationEngine.ABORTED);
        assertThat(rig.waitingEvents()).isZero();
        rig.close();
        rig = new Rig();
        rig.write(Cr2Register.OFFSET, Cr2Register.RECINVSID.mask());
        rig.start();
        assertThat(rig.unit.translate(1 << Rig.STREAM_BITS, 9, 0, RequestAccess.READ))
                .isEqualTo(-EventType.C_BAD_STREAMID.code());
        var event = rig.takeEvent();
        assertThat(EventRecord.STREAMID.get(event[0])).isEqualTo(1 << Rig.STREAM_BITS);
        assertThat(EventRecord.SUBSTREAMID.get(event[0])).isEqualTo(9);
        assertThat(EventRecord.SSV.isSet(event[0])).isTrue();
    }

    @Test
    void aUnitHasNoMoreStreamsThanItsIdentificationSays() {
        with(Rig.withIdr1(Idr1Register.SIDSIZE, 4));
        rig.write(Cr2Register.OFFSET, Cr2Register.RECINVSID.mask());
        rig.start();
        rig.put(Rig.steAddress(15), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        rig.put(Rig.steAddress(16), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(request(15)).isEqualTo(BYPASS_ADDRESS);
        assertThat(request(16)).isEqualTo(-EventType.C_BAD_STREAMID.code());
    }

    @Test
    void anEntryThatIsNotInMemoryCannotBeFetched() {
        rig.write64(StrtabBaseRegister.OFFSET, Rig.MEMORY);
        rig.write(StrtabBaseCfgRegister.OFFSET, Rig.STREAM_BITS);
        rig.queues();
        rig.write(Cr0Register.OFFSET, 0xd);
        assertThat(request(3)).isEqualTo(-EventType.F_STE_FETCH.code());
        assertThat(rig.takeEvent()[3]).as("fetch address").isEqualTo(Rig.MEMORY + 3 * StreamTableEntry.BYTES);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 8, 10})
    void tablesOfTwoLevels(int split) {
        twoLevels(14, split);
        long second = rig.table(64L << split);
        int streamId = 5 << split | (1 << split) - 1;
        rig.memory.set64(Rig.STREAMS + 5 * 8, descriptor(second, split + 1));
        rig.put(second + 64L * ((1 << split) - 1), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(request(streamId)).isEqualTo(BYPASS_ADDRESS);
        assertThat(request(streamId - 1)).as("there, and empty").isEqualTo(-EventType.C_BAD_STE.code());
        assertThat(request(6 << split)).as("no second level").isEqualTo(-EventType.C_BAD_STREAMID.code());
    }

    /** Up to 2^32 streams, more than any bus has ids: named components and several segments behind one unit. */
    @Test
    void streamIdsOfThirtyTwoBits() {
        with(Rig.withIdr1(Idr1Register.SIDSIZE, 32));
        rig.write(Cr2Register.OFFSET, Cr2Register.RECINVSID.mask());
        rig.write64(StrtabBaseRegister.OFFSET, WIDE_TABLE);
        rig.write(StrtabBaseCfgRegister.OFFSET, StrtabBaseCfgRegister.LOG2SIZE.set(StrtabBaseCfgRegister.SPLIT.set(
                StrtabBaseCfgRegister.FMT.set(0, StrtabBaseCfgRegister.TWO_LEVEL), 10), 32));
        rig.queues();
        rig.write(Cr0Register.OFFSET, 0xd);
        int[] streams = {0x0100_0003, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff, 3};
        for (int streamId : streams) {
            long second = rig.table(64L << 10);
            rig.memory.set64(WIDE_TABLE + (streamId >>> 10) * 8L, descriptor(second, 11));
            rig.put(second + 64L * (streamId & 0x3ff), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        }
        for (int streamId : streams) {
            assertThat(request(streamId)).as("%x", streamId).isEqualTo(BYPASS_ADDRESS);
        }
        assertThat(request(0xffff_fffe)).isEqualTo(-EventType.C_BAD_STE.code());
        assertThat(EventRecord.STREAMID.get(rig.takeEvent()[0])).isEqualTo(0xffff_fffeL);
        assertThat(request(0xfff0_0000)).isEqualTo(-EventType.C_BAD_STREAMID.code());
        rig.takeEvent();

        // Cached until they are invalidated: one, a range, and all.
        for (int streamId : streams) {
            rig.memory.set64(WIDE_TABLE + (streamId >>> 10) * 8L, 0);
            assertThat(request(streamId)).as("%x", streamId).isEqualTo(BYPASS_ADDRESS);
        }
        rig.command(CommandOpcode.CFGI_STE, CfgiSteCommand.STREAMID.set(0, 0xffff_ffffL), CfgiSteCommand.LEAF.mask());
        assertThat(request(0xffff_ffff)).isEqualTo(-EventType.C_BAD_STREAMID.code());
        assertThat(request(0x8000_0000)).isEqualTo(BYPASS_ADDRESS);
        rig.command(CommandOpcode.CFGI_STE_RANGE, CfgiSteRangeCommand.STREAMID.set(0, 0x8000_0007L),
                CfgiSteRangeCommand.RANGE.set(0, 4));
        assertThat(request(0x8000_0000)).isEqualTo(-EventType.C_BAD_STREAMID.code());
        assertThat(request(0x7fff_ffff)).isEqualTo(BYPASS_ADDRESS);
        rig.command(CommandOpcode.CFGI_STE_RANGE, 0, CfgiSteRangeCommand.RANGE.set(0, CfgiSteRangeCommand.ALL));
        for (int streamId : streams) {
            assertThat(request(streamId)).as("%x", streamId).isEqualTo(-EventType.C_BAD_STREAMID.code());
        }
    }

    @ParameterizedTest
    @CsvSource({"1, 0, true", "1, 1, false", "3, 3, true", "3, 4, false", "9, 255, true", "0, 0, false", "10, 0, false",
        "12, 0, false", "31, 0, false"})
    void aSecondLevelIsAsLongAsItsSpan(int span, int index, boolean there) {
        twoLevels(14, 8);
        long second = rig.table(64L << 8);
        rig.memory.set64(Rig.STREAMS, descriptor(second, span));
        rig.put(second + 64L * index, Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(request(index)).isEqualTo(there ? BYPASS_ADDRESS : -EventType.C_BAD_STREAMID.code());
    }

    @Test
    void aFirstLevelThatIsNotInMemoryCannotBeFetched() {
        rig.write64(StrtabBaseRegister.OFFSET, Rig.MEMORY);
        rig.write(StrtabBaseCfgRegister.OFFSET, 14 | StrtabBaseCfgRegister.SPLIT.set(0, 8)
                | StrtabBaseCfgRegister.FMT.set(0, StrtabBaseCfgRegister.TWO_LEVEL));
        rig.queues();
        rig.write(Cr0Register.OFFSET, 0xd);
        assertThat(request(0x305)).isEqualTo(-EventType.F_STE_FETCH.code());
        assertThat(rig.takeEvent()[3]).isEqualTo(Rig.MEMORY + 3 * 8);
    }

    @Test
    void aUnitWithoutTwoLevelsReadsALinearTable() {
        with(Rig.withIdr0(Idr0Register.ST_LEVEL, 0));
        twoLevels(6, 8);
        rig.put(Rig.steAddress(9), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(request(9)).isEqualTo(BYPASS_ADDRESS);
    }

    @Test
    void tablesAreAlignedToTheirSize() {
        rig.write64(StrtabBaseRegister.OFFSET, Rig.STREAMS + 0x40);
        rig.write(StrtabBaseCfgRegister.OFFSET, Rig.STREAM_BITS);
        rig.queues();
        rig.write(Cr0Register.OFFSET, 0xd);
        rig.put(Rig.steAddress(2), Rig.ste(StreamTableEntry.CONFIG_BYPASS));
        assertThat(request(2)).isEqualTo(BYPASS_ADDRESS);
    }
}
