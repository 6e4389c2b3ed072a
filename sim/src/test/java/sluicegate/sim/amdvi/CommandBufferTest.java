package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.AmdviFlag;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.amdvi.CommandBufferBaseRegister;
import sluicegate.spec.amdvi.CommandBufferHeadRegister;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.CompletePprCommand;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.InvalidateIotlbPagesCommand;
import sluicegate.spec.amdvi.StatusRegister;

/** The command buffer (2.4): order, completion, what stops it and what makes it go on. */
class CommandBufferTest {
    private final Rig rig = new Rig().start();

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void aCompletionWaitStoresItsData() {
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | Rig.STORE | 1, 0x1234_5678_9abc_def0L);
        assertThat(rig.memory.get64(Rig.STORE)).isEqualTo(0x1234_5678_9abc_def0L);
        assertThat(rig.done()).isTrue();
    }

    @Test
    void aCompletionWaitInterruptsOnceUntilItsStatusIsCleared() {
        var interrupts = rig.countInterrupts();
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | 2, 0);
        assertThat(rig.status(StatusRegister.COMWAITINT)).as("interrupts are off").isFalse();
        rig.control(ControlRegister.COMWAITINTEN.mask());
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | 6, 0);
        assertThat(rig.status(StatusRegister.COMWAITINT)).isTrue();
        Rig.await(interrupts, 1);
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | 2, 0);
        rig.setRegister(StatusRegister.OFFSET, StatusRegister.COMWAITINT.mask());
        assertThat(rig.status(StatusRegister.COMWAITINT)).isFalse();
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | 2, 0);
        Rig.await(interrupts, 2);
    }

    /** Control register, IommuEn (3.4). */
    @Test
    void aUnitThatIsOffReadsNoCommandsAndWritesNoLogs() {
        rig.clearControl(ControlRegister.IOMMUEN.mask());
        for (var run : List.of(StatusRegister.CMDBUFRUN, StatusRegister.EVENTLOGRUN, StatusRegister.PPRLOGRUN)) {
            assertThat(rig.status(run)).as(run.name()).isFalse();
        }
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | Rig.STORE | CompletionWaitCommand.S.mask(), 7);
        rig.unit.requestPage(Rig.DEVICE, 3, 0x5000, 1, 9, true);
        assertThat(rig.memory.get64(Rig.STORE)).isZero();
        assertThat(rig.events()).isEmpty();
        rig.control(ControlRegister.IOMMUEN.mask());
        assertThat(rig.memory.get64(Rig.STORE)).as("carried out when it goes on").isEqualTo(7);
        for (var run : List.of(StatusRegister.CMDBUFRUN, StatusRegister.EVENTLOGRUN, StatusRegister.PPRLOGRUN)) {
            assertThat(rig.status(run)).as(run.name()).isTrue();
        }
    }

    @Test
    void theBufferGoesRound() {
        for (int i = 0; i < 600; i++) {
            rig.completionWait();
        }
        assertThat(rig.tail()).isEqualTo(600 * 16 % Rig.RING);
        assertThat(rig.done()).isTrue();
    }

    @Test
    void severalCommandsAreCarriedOutAtOnce() {
        rig.clearControl(ControlRegister.CMDBUFEN.mask());
        rig.submit(Rig.command(CommandCode.INVALIDATE_IOMMU_ALL), 0);
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | Rig.STORE | 1, 77);
        assertThat(rig.done()).as("the buffer is off").isFalse();
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isFalse();
        rig.control(ControlRegister.CMDBUFEN.mask());
        assertThat(rig.memory.get64(Rig.STORE)).isEqualTo(77);
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 9, 10, 15})
    void aCodeThatThereIsNotStopsTheBuffer(int code) {
        long place = Rig.COMMANDS + rig.tail();
        rig.submit((long) code << 60, 0);
        assertStoppedAt(place);
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | Rig.STORE | 1, 5);
        assertThat(rig.memory.get64(Rig.STORE)).as("nothing goes on").isZero();
    }

    private void assertStoppedAt(long place) {
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.ILLEGAL_COMMAND_ERROR);
        assertThat(event.high()).isEqualTo(place);
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isFalse();
        assertThat(rig.register(CommandBufferHeadRegister.OFFSET)).as("in front of it").isEqualTo(place - Rig.COMMANDS);
    }

    @Test
    void everyReservedBitOfEveryCommandIsRefused() {
        for (int code = 1; code <= 8; code++) {
            var layout = CommandCode.layout(code).orElseThrow();
            for (int bit = 0; bit < 128; bit++) {
                if ((layout.reservedMask(bit / 64) >>> bit % 64 & 1) != 0) {
                    long place = Rig.COMMANDS + rig.tail();
                    rig.submit(Rig.command(code) | (bit < 64 ? 1L << bit : 0), bit < 64 ? 0 : 1L << bit % 64);
                    assertThat(rig.event().high()).as("%s, bit %d", layout.name(), bit).isEqualTo(place);
                    restart();
                }
            }
        }
    }

    /** As a driver recovers: off, over the bad command, on. */
    private void restart() {
        rig.clearControl(ControlRegister.CMDBUFEN.mask());
        rig.setRegister(CommandBufferHeadRegister.OFFSET, rig.tail());
        rig.control(ControlRegister.CMDBUFEN.mask());
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isTrue();
    }

    @Test
    void afterARestartTheBufferGoesOn() {
        rig.submit(0, 0);
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | Rig.STORE | 1, 5);
        rig.events();
        rig.setRegister(CommandBufferHeadRegister.OFFSET, rig.tail() - 16);
        rig.clearControl(ControlRegister.CMDBUFEN.mask());
        rig.control(ControlRegister.CMDBUFEN.mask());
        assertThat(rig.memory.get64(Rig.STORE)).isEqualTo(5);
    }

    @Test
    void commandsOfFeaturesThatTheUnitLacksAreIllegal() {
        try (var poor = new Rig(Rig.features(EnumSet.noneOf(AmdviFlag.class), 1))) {
            poor.host(Rig.DEVICE, Rig.DOMAIN, 4);
            poor.start();
            for (int code : new int[] {CommandCode.INVALIDATE_IOTLB_PAGES, CommandCode.PREFETCH_IOMMU_PAGES,
                CommandCode.COMPLETE_PPR_REQUEST, CommandCode.INVALIDATE_IOMMU_ALL}) {
                poor.submit(Rig.command(code), 0);
                assertThat(poor.event().code()).isEqualTo(EventCode.ILLEGAL_COMMAND_ERROR);
                poor.clearControl(ControlRegister.CMDBUFEN.mask());
                poor.setRegister(CommandBufferHeadRegister.OFFSET, poor.tail());
                poor.control(ControlRegister.CMDBUFEN.mask());
            }
        }
    }

    @Test
    void aStoreWhereNoMemoryIsStopsTheBuffer() {
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | 0x8000_0000L | 1, 5);
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.COMMAND_HARDWARE_ERROR);
        assertThat(event.high()).isEqualTo(0x8000_0000L);
        assertThat(event.flags()).as("master abort").isEqualTo(0x200);
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isFalse();
    }

    @Test
    void aBufferWhereNoMemoryIsStops() {
        rig.clearControl(ControlRegister.CMDBUFEN.mask());
        rig.setRegister(CommandBufferBaseRegister.OFFSET, 0x8000_0000L | 8L << 56);
        rig.control(ControlRegister.CMDBUFEN.mask());
        rig.setRegister(CommandBufferTailRegister.OFFSET, 16);
        assertThat(rig.event().code()).isEqualTo(EventCode.COMMAND_HARDWARE_ERROR);
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isFalse();
    }

    @Test
    void theBaseAndTheHeadAreGuardedWhileTheBufferRuns() {
        rig.setRegister(CommandBufferBaseRegister.OFFSET, 0x50_0000);
        rig.setRegister(CommandBufferHeadRegister.OFFSET, 0x100);
        assertThat(rig.register(CommandBufferBaseRegister.OFFSET)).isEqualTo(Rig.COMMANDS | 8L << 56);
        assertThat(rig.register(CommandBufferHeadRegister.OFFSET)).isZero();
    }

    /** Devices that write down what they are told. */
    private static final class Told implements Devices {
        final List<String> told = new ArrayList<>();
        boolean answers = true;

        @Override
        public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
            told.add(String.format("%x %d %x+%x", requesterId, pasid, address, size));
            return answers;
        }

        @Override
        public void respond(int requesterId, int pasid, int group, int code) {
            told.add(String.format("%x %d group %d code %d", requesterId, pasid, group, code));
        }
    }

    @Test
    void invalidationsOfDeviceTlbsAndAnswersGoToTheDevice() {
        var devices = new Told();
        rig.unit.connect(devices);
        long low = InvalidateIotlbPagesCommand.DEVICEID.set(Rig.command(CommandCode.INVALIDATE_IOTLB_PAGES), 0x28);
        rig.submit(low, 0x5000);
        rig.submit(InvalidateIotlbPagesCommand.setPasid(low, 0xABCDE), 0x7000 | 1 | 4);
        rig.submit(low, InvalidateIotlbPagesCommand.ALL_PAGES | 1);
        long answer = CompletePprCommand.DEVICEID.set(Rig.command(CommandCode.COMPLETE_PPR_REQUEST), 0x28);
        rig.submit(CompletePprCommand.PASID.set(answer, 9), CompletePprCommand.CODE.set(CompletePprCommand.TAG.set(4, 33), 1));
        rig.submit(answer, CompletePprCommand.TAG.set(0, 34));
        assertThat(devices.told).containsExactly("28 " + Pasid.NONE + " 5000+1000", "28 703710 0+10000",
                "28 " + Pasid.NONE + " 0+0", "28 9 group 33 code 1", "28 " + Pasid.NONE + " group 34 code 0");
        assertThat(rig.events()).isEmpty();
    }

    @Test
    void aDeviceThatDoesNotAnswerIsReported() {
        var devices = new Told();
        devices.answers = false;
        rig.unit.connect(devices);
        rig.control(ControlRegister.INVTIMEOUT.set(0, 4));
        long place = Rig.COMMANDS + rig.tail();
        rig.submit(InvalidateIotlbPagesCommand.DEVICEID.set(Rig.command(CommandCode.INVALIDATE_IOTLB_PAGES), 0x28), 0x5000);
        var event = rig.event();
        assertThat(event.code()).isEqualTo(EventCode.IOTLB_INV_TIMEOUT);
        assertThat(event.device()).isEqualTo(0x28);
        assertThat(event.high()).isEqualTo(place);
        rig.completionWait();
    }

    @Test
    void withoutALimitTheBufferWaitsForTheDevice() {
        var devices = new Told();
        devices.answers = false;
        rig.unit.connect(devices);
        rig.submit(InvalidateIotlbPagesCommand.DEVICEID.set(Rig.command(CommandCode.INVALIDATE_IOTLB_PAGES), 0x28), 0x5000);
        rig.submit(Rig.command(CommandCode.COMPLETION_WAIT) | Rig.STORE | CompletionWaitCommand.S.mask(), 5);
        assertThat(rig.memory.get64(Rig.STORE)).isZero();
        assertThat(rig.status(StatusRegister.CMDBUFRUN)).isTrue();
        devices.answers = true;
        rig.submit(Rig.command(CommandCode.INVALIDATE_INTERRUPT_TABLE), 0);
        assertThat(rig.memory.get64(Rig.STORE)).isEqualTo(5);
        assertThat(rig.done()).isTrue();
    }

    @Test
    void aCompletionWaitWaitsForRequestsUnderWay() throws InterruptedException {
        int ticket = rig.unit.inFlight().enter();
        var waiter = new Thread(rig::completionWait);
        waiter.start();
        waiter.join(50);
        assertThat(waiter.isAlive()).isTrue();
        rig.unit.inFlight().exit(ticket);
        waiter.join(10_000);
        assertThat(waiter.isAlive()).isFalse();
    }
}
