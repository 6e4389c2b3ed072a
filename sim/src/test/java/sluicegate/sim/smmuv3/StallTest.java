package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.sim.smmuv3.Rig.Space;
import sluicegate.sim.smmuv3.Stalls.Outcome;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel.Refusal;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.ContextDescriptor;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.EventType;
import sluicegate.spec.smmuv3.EventqConsRegister;
import sluicegate.spec.smmuv3.EventqProdRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.ResumeCommand;
import sluicegate.spec.smmuv3.StallTermCommand;
import sluicegate.spec.smmuv3.StreamTableEntry;
import sluicegate.spec.smmuv3.TranslationFaultEvent;

/** Transactions that wait for software (3.12.2). */
class StallTest {
    private static final int READ = RequestAccess.READ;
    private static final long PAGE = 0x70_0000;
    private Rig rig = new Rig();

    @AfterEach
    void close() {
        rig.unit.powerOff();
        rig.close();
    }

    private Space stalling() {
        var space = rig.stage1Space();
        rig.stage1(space).start();
        rig.put(Rig.CONTEXTS, Rig.with(Rig.context(space, Rig.ASID), ContextDescriptor.S, 1));
        return space;
    }

    private long stall(long iova) {
        long answer = rig.request(iova, READ);
        assertThat(TranslationEngine.isStalled(answer)).isTrue();
        return answer;
    }

    private void resume(int streamId, long tag, long flags) {
        rig.command(CommandOpcode.RESUME, ResumeCommand.STREAMID.set(flags, streamId), ResumeCommand.STAG.set(0, tag));
        assertThat(rig.commandError()).isZero();
    }

    private static long tag(long[] event) {
        return TranslationFaultEvent.STAG.get(event[1]);
    }

    /** What the device is told, once software has answered. */
    private Refusal settled(long answer) {
        return rig.unit.settle(answer);
    }

    @Test
    void softwareMayRetryAbortOrDiscard() {
        stalling();
        long first = stall(0x1000);
        long second = stall(0x2000);
        long third = stall(0x3000);
        var events = rig.takeEvents();
        assertThat(events).hasSize(3).allMatch(event -> TranslationFaultEvent.STALL.isSet(event[1]));
        assertThat(events.stream().map(StallTest::tag)).doesNotHaveDuplicates();
        assertThat(rig.unit.stalls().count()).isEqualTo(3);
        resume(Rig.SID, tag(events.get(0)), ResumeCommand.AC.mask());
        resume(Rig.SID, tag(events.get(1)), ResumeCommand.AB.mask());
        resume(Rig.SID, tag(events.get(2)), 0);
        assertThat(settled(first)).isEqualTo(Refusal.RETRY);
        assertThat(settled(second)).isEqualTo(Refusal.FAULT);
        assertThat(settled(third)).isEqualTo(Refusal.DISCARDED);
        assertThat(rig.unit.stalls().count()).isZero();
    }

    @Test
    void aDeviceWaitsAndGetsThePageThatSoftwareMade() throws Exception {
        var space = stalling();
        var device = CompletableFuture.supplyAsync(() -> {
            long answer = rig.request(0x1008, READ);
            while (answer < 0 && rig.unit.settle(answer) == Refusal.RETRY) {
                answer = rig.request(0x1008, READ);
            }
            return answer;
        });
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (rig.waitingEvents() == 0 && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        var event = rig.takeEvent();
        assertThat(event[2]).isEqualTo(0x1008);
        space.page(0x1000, PAGE | Rig.USER);
        resume(Rig.SID, tag(event), ResumeCommand.AC.mask());
        assertThat(device.get(10, TimeUnit.SECONDS)).isEqualTo(PAGE + 8);
    }

    @Test
    void onlyTheRightStreamAndTagAnswerAStall() {
        stalling();
        long answer = stall(0x1000);
        long tag = tag(rig.takeEvent());
        resume(Rig.SID + 1, tag, ResumeCommand.AC.mask());
        resume(Rig.SID, tag + 1, ResumeCommand.AC.mask());
        assertThat(rig.unit.stalls().count()).isEqualTo(1);
        resume(Rig.SID, tag, ResumeCommand.AB.mask());
        resume(Rig.SID, tag, ResumeCommand.AC.mask());
        assertThat(settled(answer)).as("the first answer counts").isEqualTo(Refusal.FAULT);
    }

    @Test
    void allOfAStreamCanBeEnded() {
        stalling();
        rig.put(Rig.steAddress(6), Rig.stage1Entry(Rig.CONTEXTS));
        long mine = stall(0x1000);
        long other = rig.unit.translate(6, -1, 0x1000, READ);
        rig.command(CommandOpcode.STALL_TERM, StallTermCommand.STREAMID.set(0, Rig.SID), 0);
        assertThat(settled(mine)).isEqualTo(Refusal.FAULT);
        assertThat(rig.unit.stalls().count()).isEqualTo(1);
        rig.write(Cr0Register.OFFSET, Cr0Register.CMDQEN.mask());
        assertThat(settled(other)).as("translation was switched off").isEqualTo(Refusal.FAULT);
    }

    @Test
    void stage2StallsToo() {
        rig.start();
        rig.put(Rig.steAddress(Rig.SID), Rig.with(Rig.stage2Entry(rig.stage2Space(), 1), StreamTableEntry.S2S, 1));
        stall(0x1000);
        var event = rig.takeEvent();
        assertThat(TranslationFaultEvent.S2.isSet(event[1])).isTrue();
        assertThat(TranslationFaultEvent.STALL.isSet(event[1])).isTrue();
    }

    @Test
    void aStallThatFindsNoRoomForItsEventIsRetriedWhenThereIs() {
        stalling();
        for (int i = 0; i < 8; i++) {
            stall(i * 0x1000);
        }
        long waiting = stall(0x9000);
        assertThat(rig.read(EventqProdRegister.OFFSET) & EventqProdRegister.OVFLG.mask()).as("nothing is lost").isZero();
        assertThat(rig.unit.stalls().count()).isEqualTo(9);
        rig.takeEvent();
        assertThat(settled(waiting)).isEqualTo(Refusal.RETRY);
        stall(0x9000);
        rig.write(EventqConsRegister.OFFSET, rig.read(EventqConsRegister.OFFSET));
        assertThat(rig.takeEvents()).last().satisfies(event -> assertThat(event[2]).isEqualTo(0x9000));
    }

    @Test
    void aUnitThatHoldsNoMoreTerminates() {
        rig.close();
        rig = new Rig(Rig.withIdr5(Idr5Register.STALL_MAX, 2));
        stalling();
        stall(0x1000);
        stall(0x2000);
        assertThat(rig.request(0x3000, READ)).isEqualTo(-EventType.F_TRANSLATION.code());
        assertThat(rig.takeEvents()).last().satisfies(event -> assertThat(TranslationFaultEvent.STALL.isSet(event[1])).isFalse());
    }

    @Test
    void aUnitThatAlwaysAbortsDiscardsNothing() {
        rig.close();
        rig = new Rig(Rig.withIdr0(Idr0Register.TERM_MODEL, 1));
        stalling();
        long answer = stall(0x1000);
        resume(Rig.SID, tag(rig.takeEvent()), 0);
        assertThat(settled(answer)).isEqualTo(Refusal.FAULT);
    }

    @Test
    void aTagThatTheDeviceGaveUpStaysTakenUntilSoftwareAnswers() {
        stalling();
        int tag = TranslationEngine.stallTag(stall(0x1000));
        assertThat(rig.unit.stalls().await(tag, 1)).as("nobody answers").isEqualTo(Outcome.ABORT);
        long next = stall(0x2000);
        assertThat(TranslationEngine.stallTag(next)).isNotEqualTo(tag);
        resume(Rig.SID, tag, ResumeCommand.AC.mask());
        assertThat(TranslationEngine.stallTag(stall(0x3000))).as("free again").isEqualTo(tag);
        assertThat(rig.unit.stalls().count()).as("the late answer met nobody").isEqualTo(2);
    }

    @Test
    void anInterruptedDeviceGivesUpAtOnce() {
        stalling();
        long answer = stall(0x1000);
        Thread.currentThread().interrupt();
        assertThat(settled(answer)).isEqualTo(Refusal.FAULT);
        assertThat(Thread.interrupted()).as("it stays interrupted").isTrue();
    }
}
