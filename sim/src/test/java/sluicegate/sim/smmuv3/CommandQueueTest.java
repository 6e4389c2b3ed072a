package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.Field;
import sluicegate.spec.smmuv3.AtcInvCommand;
import sluicegate.spec.smmuv3.CmdqBaseRegister;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.PriRespCommand;
import sluicegate.spec.smmuv3.SyncCommand;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;

/** The command queue: what is carried out, what stops it, and how it goes on. */
class CommandQueueTest {
    private static final long MESSAGE = 0x60_0000;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.close();
    }

    private void with(Smmuv3Capabilities capabilities) {
        rig.close();
        rig = new Rig(capabilities);
    }

    private boolean stopped() {
        return ((rig.read(GerrorRegister.OFFSET) ^ rig.read(GerrorNRegister.OFFSET)) & GerrorRegister.CMDQ_ERR.mask()) != 0;
    }

    private void acknowledge() {
        rig.write(GerrorNRegister.OFFSET, rig.read(GerrorRegister.OFFSET));
    }

    private static long sync(int signal) {
        return SyncCommand.CS.set(CommandOpcode.SYNC, signal);
    }

    @Test
    void commandsAreCarriedOutInOrderAroundTheEndOfTheQueue() {
        rig.start();
        for (int i = 0; i < 40; i++) {
            long low = SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), i);
            rig.command(low, MESSAGE);
            assertThat(rig.memory.get32(MESSAGE)).isEqualTo(i);
            assertThat(rig.commandsDone()).isTrue();
        }
    }

    @Test
    void manyCommandsMayBecomeDueAtOnce() {
        rig.start();
        for (int i = 0; i < 8; i++) {
            rig.memory.set64(Rig.COMMANDS + i * 16, SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), 1));
            rig.memory.set64(Rig.COMMANDS + i * 16 + 8, MESSAGE + i * 4);
        }
        rig.write(CmdqProdRegister.OFFSET, 8);
        assertThat(rig.read(CmdqConsRegister.OFFSET)).isEqualTo(8);
        assertThat(IntStream.range(0, 8).map(i -> rig.memory.get32(MESSAGE + i * 4))).containsOnly(1);
    }

    @Test
    void aQueueThatIsOffWaits() {
        rig.write64(CmdqBaseRegister.OFFSET, Rig.COMMANDS | Rig.QUEUE_BITS);
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), 1), MESSAGE);
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        rig.write(Cr0Register.OFFSET, Cr0Register.CMDQEN.mask());
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    @Test
    void aSyncTellsByMessageToTheInterruptControllerToo() {
        rig.start();
        var count = new AtomicInteger();
        var vector = rig.interrupts.allocate("sync", count::incrementAndGet);
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), vector.data()), vector.address());
        rig.settleInterrupts();
        assertThat(count).hasValue(1);
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_NONE), vector.data()), vector.address());
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_SEV), vector.data()), vector.address());
        rig.settleInterrupts();
        assertThat(count).as("no message for the others").hasValue(1);
        assertThat(rig.commandsDone()).isTrue();
    }

    @Test
    void aMessageOfASyncThatMeetsNothingIsAGlobalError() {
        rig.start();
        rig.command(sync(SyncCommand.CS_IRQ), Rig.MEMORY);
        assertThat(rig.commandsDone()).as("the command is done all the same").isTrue();
        assertThat(rig.read(GerrorRegister.OFFSET)).isEqualTo(GerrorRegister.MSI_CMDQ_ABT_ERR.mask());
    }

    @ParameterizedTest
    @CsvSource({"true, 0", "false, 0x600000"})
    void withoutAMessageASyncRaisesItsWiredInterrupt(boolean messages, long address) {
        with(Rig.withIdr0(Idr0Register.MSI, messages ? 1 : 0));
        var count = new AtomicInteger();
        rig.interrupts.allocate("smmu-cmdq-sync", count::incrementAndGet);
        rig.start();
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), 1), address);
        rig.command(sync(SyncCommand.CS_NONE), 0);
        rig.settleInterrupts();
        assertThat(count).hasValue(1);
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        assertThat(rig.commandsDone()).isTrue();
    }

    // What stops it

    static Stream<Arguments> illegal() {
        long va = CommandOpcode.TLBI_NH_VA;
        return Stream.of(
                Arguments.of("no command", 0x00L, 0L),
                Arguments.of("unknown command", 0xf7L, 0L),
                Arguments.of("a command of EL3", (long) CommandOpcode.TLBI_EL3_ALL, 0L),
                Arguments.of("a command of the Secure state", (long) CommandOpcode.TLBI_SNH_ALL, 0L),
                Arguments.of("a Secure stream", CommandOpcode.CFGI_STE | 1L << 10, 0L),
                Arguments.of("a reserved bit", CommandOpcode.SYNC | 1L << 30, 0L),
                Arguments.of("a reserved signal", sync(3), 0L),
                Arguments.of("a length without granule", TlbiNhVaCommand.NUM.set(va, 1), 0L),
                Arguments.of("a level without granule", va, TlbiNhVaCommand.TTL.set(0, 1)),
                Arguments.of("a granule and nothing else", va, TlbiNhVaCommand.TG.set(0, 1)),
                Arguments.of("a reserved response", (long) CommandOpcode.PRI_RESP, PriRespCommand.RESP.set(0, 3)),
                Arguments.of("more pages than there are", (long) CommandOpcode.ATC_INV, AtcInvCommand.SIZE.set(0, 53)),
                Arguments.of("a virtual machine structure", (long) CommandOpcode.CFGI_VMS_PIDM, 0L),
                Arguments.of("a device permission table", (long) CommandOpcode.DPTI_ALL, 0L));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("illegal")
    void anIllegalCommandStopsTheQueueInFrontOfIt(String name, long low, long high) {
        rig.start();
        rig.command(sync(SyncCommand.CS_NONE), 0);
        rig.command(low, high);
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), 1), MESSAGE);
        assertThat(stopped()).isTrue();
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
        assertThat(CmdqConsRegister.RD.get(rig.read(CmdqConsRegister.OFFSET))).isEqualTo(1);
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        // Software puts a harmless command in its place and acknowledges.
        rig.memory.set64(Rig.COMMANDS + 16, sync(SyncCommand.CS_NONE));
        rig.memory.set64(Rig.COMMANDS + 24, 0);
        acknowledge();
        assertThat(stopped()).isFalse();
        assertThat(rig.commandsDone()).isTrue();
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    @Test
    void acknowledgingWithoutRepairStopsItAgain() {
        rig.start();
        rig.command(0xff, 0);
        acknowledge();
        assertThat(stopped()).isTrue();
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
    }

    @ParameterizedTest
    @CsvSource({"S1P, CFGI_CD", "S1P, CFGI_CD_ALL", "S1P, TLBI_NH_ALL", "S1P, TLBI_NH_ASID", "S1P, TLBI_NH_VA", "S1P, TLBI_NH_VAA",
        "S2P, TLBI_S2_IPA", "S2P, TLBI_S12_VMALL", "HYP, TLBI_EL2_ALL", "HYP, TLBI_EL2_ASID", "HYP, TLBI_EL2_VA",
        "HYP, TLBI_EL2_VAA", "ATS, ATC_INV", "PRI, PRI_RESP"})
    void aUnitRefusesCommandsForWhatItLacks(String feature, String command) throws ReflectiveOperationException {
        int opcode = CommandOpcode.class.getField(command).getInt(null);
        rig.start();
        rig.command(opcode, 0, 0);
        assertThat(stopped()).isFalse();
        // What needs the feature goes with it.
        with(Rig.without((Field) Idr0Register.class.getField(feature).get(null), feature.equals("ATS") ? Idr0Register.PRI
                : Idr0Register.HYP));
        rig.start();
        rig.command(opcode, 0, 0);
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
    }

    @Test
    void stallsAndRangesNeedAUnitThatHasThem() {
        with(Rig.withIdr0(Idr0Register.STALL_MODEL, Idr0Register.TERMINATE_ONLY));
        rig.start();
        rig.command(CommandOpcode.RESUME, 0, 0);
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
        with(Rig.withIdr0(Idr0Register.STALL_MODEL, Idr0Register.TERMINATE_ONLY));
        rig.start();
        rig.command(CommandOpcode.STALL_TERM, 0, 0);
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
        with(Rig.withIdr3(Idr3Register.RIL, 0));
        rig.start();
        rig.command(CommandOpcode.TLBI_NH_VA, TlbiNhVaCommand.NUM.set(0, 1), TlbiNhVaCommand.TG.set(0, 1));
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
    }

    @Test
    void aCommandThatIsNotInMemoryCannotBeFetched() {
        rig.write64(CmdqBaseRegister.OFFSET, Rig.MEMORY | Rig.QUEUE_BITS);
        rig.write(Cr0Register.OFFSET, Cr0Register.CMDQEN.mask());
        rig.write(CmdqProdRegister.OFFSET, 1);
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ABT.code());
        assertThat(stopped()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 19, 31})
    void aQueueHasTheSizeThatItsBaseSaysWithinLimits(int bits) {
        int entries = 1 << Math.min(bits, 19);
        long start = 0x400_0000;
        rig.write64(CmdqBaseRegister.OFFSET, start | bits);
        rig.write(Cr0Register.OFFSET, Cr0Register.CMDQEN.mask());
        for (int i = 0; i < entries; i++) {
            rig.memory.set64(start + i * 16L, CommandOpcode.SYNC);
        }
        rig.write(CmdqProdRegister.OFFSET, entries);
        assertThat(rig.read(CmdqConsRegister.OFFSET)).isEqualTo(entries);
    }

    @Test
    void indicesThatMakeNoSenseAreLeftAlone() {
        rig.start();
        rig.write(CmdqProdRegister.OFFSET, 9);
        assertThat(rig.read(CmdqConsRegister.OFFSET)).isZero();
        rig.memory.set64(Rig.COMMANDS, CommandOpcode.SYNC);
        rig.write(CmdqProdRegister.OFFSET, 1);
        assertThat(rig.read(CmdqConsRegister.OFFSET)).isEqualTo(1);
    }

    // Devices

    private record Invalidated(int streamId, int substream, boolean global, long address, long size) {}

    private static final class Recorder implements Devices {
        private Invalidated last;
        private String response = "";
        private boolean answers = true;

        @Override
        public boolean invalidate(int streamId, int substream, boolean global, long address, long size) {
            last = new Invalidated(streamId, substream, global, address, size);
            return answers;
        }

        @Override
        public void respond(int streamId, int substream, int group, int code) {
            response = streamId + " " + substream + " " + group + " " + code;
        }
    }

    @Test
    void invalidationsGoOutToDevices() {
        var devices = new Recorder();
        rig.unit.connect(devices);
        rig.start();
        long low = AtcInvCommand.STREAMID.set(0, 9);
        rig.command(CommandOpcode.ATC_INV, low, AtcInvCommand.SIZE.set(0x1234_5000L, 2));
        assertThat(devices.last).isEqualTo(new Invalidated(9, -1, false, 0x1234_4000L, 0x4000));
        low = AtcInvCommand.SUBSTREAMID.set(AtcInvCommand.SSV.set(low, 1), 0xabcde);
        rig.command(CommandOpcode.ATC_INV, AtcInvCommand.GLOBAL.set(low, 1), AtcInvCommand.SIZE.set(0, 52));
        assertThat(devices.last).isEqualTo(new Invalidated(9, 0xabcde, true, 0, 0));
        devices.last = null;
        rig.write(Cr0Register.OFFSET, Cr0Register.CMDQEN.mask());
        rig.command(CommandOpcode.ATC_INV, low, 0);
        assertThat(devices.last).as("translation is off").isNull();
        assertThat(rig.commandsDone()).isTrue();
    }

    @Test
    void aDeviceThatDoesNotAnswerStopsTheNextSync() {
        var devices = new Recorder();
        devices.answers = false;
        rig.unit.connect(devices);
        rig.start();
        rig.command(CommandOpcode.ATC_INV, AtcInvCommand.STREAMID.set(0, 9), 0);
        assertThat(stopped()).isFalse();
        rig.command(SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), 1), MESSAGE);
        assertThat(stopped()).isTrue();
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ATC_INV_SYNC.code());
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        acknowledge();
        assertThat(rig.commandsDone()).as("the sync completes").isTrue();
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    @Test
    void responsesGoOutToDevices() {
        var devices = new Recorder();
        rig.unit.connect(devices);
        rig.start();
        long low = PriRespCommand.STREAMID.set(0, 9);
        rig.command(CommandOpcode.PRI_RESP, low, PriRespCommand.RESP.set(PriRespCommand.PRGINDEX.set(0, 0x1ff), 2));
        assertThat(devices.response).isEqualTo("9 -1 511 0");
        low = PriRespCommand.SUBSTREAMID.set(PriRespCommand.SSV.set(low, 1), 77);
        rig.command(CommandOpcode.PRI_RESP, low, PriRespCommand.RESP.set(0, 1));
        assertThat(devices.response).isEqualTo("9 77 0 1");
        rig.command(CommandOpcode.PRI_RESP, low, 0);
        assertThat(devices.response).isEqualTo("9 77 0 15");
    }

    @Test
    void everyCommandThatChangesNothingHereIsTaken() {
        rig.start();
        rig.command(CommandOpcode.PREFETCH_CONFIG, 0, 0);
        rig.command(CommandOpcode.PREFETCH_ADDR, 0, 0x1000);
        assertThat(rig.commandsDone()).isTrue();
        assertThat(stopped()).isFalse();
    }
}
