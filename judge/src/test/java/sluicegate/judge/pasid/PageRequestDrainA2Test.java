package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.FIRST;
import static sluicegate.judge.pasid.Accelerators.PAGE;
import static sluicegate.judge.pasid.Accelerators.PAIR;
import static sluicegate.judge.pasid.Accelerators.RW;
import static sluicegate.judge.pasid.Accelerators.SECOND;
import static sluicegate.judge.pasid.Accelerators.await;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;

/** What devices have asked for when a PASID ends: the scenarios of the semantics reference, A2. */
@ParameterizedClass
@EnumSource
@Timeout(60)
class PageRequestDrainA2Test {
    private static final int PASID = 5;
    private static final long IOVA = 0x4000_0000L;
    /** Page requests that a unit's queue holds, and that a device may have outstanding. */
    private static final int QUEUE = 512;
    private static final int LIMIT = 32;

    private final Accelerators rig;
    private final Device device;
    private final Queue<PageRequestGroup> seenByA = new ConcurrentLinkedQueue<>();
    private final Queue<PageRequestGroup> seenByB = new ConcurrentLinkedQueue<>();
    private final Domain a;
    private final Domain b;

    PageRequestDrainA2Test(PasidKind kind) {
        rig = new Accelerators(kind);
        device = rig.device(FIRST);
        a = rig.serving(seenByA::add);
        b = rig.serving(group -> {
            seenByB.add(group);
            group.respond(PageResponse.SUCCESS);
        });
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private int answer(Device asked, int group) {
        return rig.engine(asked).takePageResponse(group).orElse(-1);
    }

    @Test
    void a2_1_detachingReturnsWhenWhatIsInTheHardwaresQueueHasItsAnswer() {
        var attachment = a.attach(device, PASID);
        rig.holdBackInterrupts();
        rig.ask(device, PASID, IOVA, 7);
        assertThat(rig.engine(device).pageRequests().outstanding()).isEqualTo(1);
        attachment.detach();
        assertThat(answer(device, 7)).as("invalid request").isEqualTo(1);
        rig.allAnsweredOnce(device);
    }

    @Test
    void a2_1_soDoesWhatAHandlerHolds() {
        var attachment = a.attach(device, PASID);
        rig.ask(device, PASID, IOVA, 7);
        await(() -> !seenByA.isEmpty());
        attachment.detach();
        assertThat(answer(device, 7)).isEqualTo(1);
        assertThat(seenByA.remove().respond(PageResponse.SUCCESS)).as("too late").isFalse();
        rig.allAnsweredOnce(device);
    }

    @Test
    void a2_2_theNextDomainIsNotAskedForWhatTheOneBeforeWas() {
        var attachment = a.attach(device, PASID);
        rig.holdBackInterrupts();
        rig.ask(device, PASID, IOVA, 7);
        attachment.detach();
        b.attach(device, PASID);
        rig.letThrough();
        assertThat(seenByB).isEmpty();
        rig.ask(device, PASID, IOVA, 8);
        await(() -> answer(device, 8) == 0);
        assertThat(seenByB).hasSize(1);
        rig.allAnsweredOnce(device);
    }

    @Test
    void a2_3_whoAsksAfterwardsIsToldThatItIsInvalidAndNobodyElseHearsOfIt() {
        a.attach(device, PASID).detach();
        b.attach(device, PASID + 1);
        rig.ask(device, PASID, IOVA, 7);
        await(() -> answer(device, 7) == 1);
        assertThat(seenByA).isEmpty();
        assertThat(seenByB).isEmpty();
        rig.allAnsweredOnce(device);
    }

    @Test
    void a2_5_aStopMarkerIsConsumedInSilenceBeforeAndAfterDetaching() {
        var attachment = b.attach(device, PASID);
        b.attach(device, PASID + 1);
        rig.ask(device, PASID, IOVA, 1);
        rig.stopMarker(device, PASID);
        attachment.detach();
        rig.stopMarker(device, PASID);
        rig.ask(device, PASID + 1, IOVA, 2);
        await(() -> answer(device, 2) == 0);
        rig.allAnsweredOnce(device);
        assertThat(seenByB).hasSizeLessThanOrEqualTo(2);
        assertThat(rig.engine(device).pageRequests().sent()).isEqualTo(2);
    }

    @Test
    void a2_6_detachingEndsAlthoughTheStopMarkerWasLost() {
        var attachment = a.attach(device, PASID);
        a.attach(rig.device(SECOND), PASID);
        rig.holdBackInterrupts();
        flood(rig.device(SECOND), QUEUE + 10, false);
        rig.stopMarker(device, PASID);
        attachment.detach();
        assertThat(device.attachment(PASID)).isEmpty();
        rig.letThrough();
        b.attach(device, PASID);
        rig.ask(device, PASID, IOVA, 7);
        await(() -> answer(device, 7) == 0);
    }

    /** Requests of groups of their own, closed or not. */
    private void flood(Device source, int count, boolean last) {
        for (int i = 0; i < count; i++) {
            rig.engine(source).requestPage(PASID, IOVA + i * PAGE, Prot.READ, i % 256, last);
        }
    }

    @Test
    void a2_7_anOverflowDropsGroupsThatAreNotClosedAndTheQueueGoesOn() {
        b.attach(device, PASID);
        b.attach(rig.device(SECOND), PASID);
        rig.engine(device).requestPage(PASID, IOVA, Prot.READ, 300, false);
        await(() -> device.pageRequests().received() == 1);
        rig.holdBackInterrupts();
        flood(rig.device(SECOND), QUEUE + 10, false);
        rig.letThrough();
        await(() -> device.pageRequests().discarded() == 1);
        // Until the queue goes on the unit answers by itself: try again.
        await(() -> {
            rig.engine(device).requestPage(PASID, IOVA + PAGE, Prot.READ, 300, true);
            await(() -> answer(device, 300) == 0);
            return !seenByB.isEmpty();
        });
        assertThat(seenByB.remove().requests()).extracting(PageRequest::iova).as("what came after").containsExactly(IOVA + PAGE);
    }

    @Test
    void a2_7_aDrainGoesOnOverAnOverflow() {
        var attachment = a.attach(device, PASID);
        a.attach(rig.device(SECOND), PASID);
        rig.holdBackInterrupts();
        rig.ask(device, PASID, IOVA, 399);
        flood(rig.device(SECOND), QUEUE + 50, true);
        rig.ask(device, PASID, IOVA, 398);
        assertThat(answer(device, 398)).as("the unit's own answer: try again").isZero();
        attachment.detach();
        assertThat(answer(device, 399)).isEqualTo(1);
        assertThat(rig.engine(rig.device(SECOND)).pageRequests().unexpected()).isZero();
        rig.letThrough();
        b.attach(device, PASID);
        rig.ask(device, PASID, IOVA, 400);
        await(() -> answer(device, 400) == 0);
        assertThat(seenByB).hasSize(1);
    }

    @Test
    void a2_8_theQueueHasRoomForAllThatDevicesMayHaveOutstanding() {
        var devices = Stream.of(List.of(FIRST, SECOND), PAIR).flatMap(List::stream).map(rig::device).toList();
        for (var each : devices) {
            if (each.attachment(PASID).isEmpty()) {
                b.attach(each, PASID);
            }
        }
        rig.holdBackInterrupts();
        for (var each : devices) {
            for (int group = 0; group < LIMIT; group++) {
                rig.ask(each, PASID, IOVA, group);
            }
        }
        rig.letThrough();
        for (var each : devices) {
            await(() -> rig.engine(each).pageRequests().outstanding() == 0);
            assertThat(rig.engine(each).pageRequests().succeeded()).isEqualTo(LIMIT);
            rig.allAnsweredOnce(each);
        }
        assertThat(seenByB).as("none was answered by the hardware").hasSize(LIMIT * devices.size());
    }

    @Test
    void a2_9_aGroupOfWhichARequestFailsGetsOneAnswer() {
        var failing = rig.serving(group -> {
            for (var request : group.requests()) {
                seenByA.add(group);
                if (request.iova() == IOVA + PAGE) {
                    throw new IllegalStateException("as the test says");
                }
            }
            group.respond(PageResponse.SUCCESS);
        });
        failing.attach(device, PASID);
        for (int i = 0; i < 4; i++) {
            rig.engine(device).requestPage(PASID, IOVA + i * PAGE, Prot.READ, 7, i == 3);
        }
        await(() -> answer(device, 7) == 15);
        assertThat(seenByA).as("requests that were looked at").hasSize(2);
        rig.allAnsweredOnce(device);
    }

    @Test
    void a2_10_detachingWaitsForNoHandlerOfAnotherDevice() throws InterruptedException {
        var entered = new CountDownLatch(1);
        var stuck = new CountDownLatch(1);
        var slow = rig.serving(group -> {
            entered.countDown();
            try {
                stuck.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            group.respond(PageResponse.SUCCESS);
        });
        slow.attach(rig.device(SECOND), PASID);
        var attachment = slow.attach(device, PASID);
        rig.ask(rig.device(SECOND), PASID, IOVA, 1);
        assertThat(entered.await(20, TimeUnit.SECONDS)).isTrue();
        rig.ask(device, PASID, IOVA, 2);
        attachment.detach();
        assertThat(answer(device, 2)).isEqualTo(1);
        stuck.countDown();
        await(() -> answer(rig.device(SECOND), 1) == 0);
        rig.allAnsweredOnce(device);
        rig.allAnsweredOnce(rig.device(SECOND));
    }

    @Test
    void aDmaWaitsForThePageThatItAskedFor() {
        var domain = rig.serving(group -> {
            seenByA.add(group);
            group.domain().map(group.requests().get(0).iova(), rig.page(9), PAGE, RW);
            group.respond(PageResponse.SUCCESS);
        });
        domain.attach(device, PASID);
        assertThat(rig.read(device, PASID, IOVA)).isEqualTo(9);
        assertThat(rig.read(device, PASID, IOVA)).isEqualTo(9);
        assertThat(seenByA).as("asked for once").hasSize(1);
        domain.detach(device, PASID);
        assertThat(rig.read(device, PASID, IOVA)).isNegative();
        rig.allAnsweredOnce(device);
    }

    @Test
    void aDeviceThatIsRemovedLeavesNothingUnanswered() {
        a.attach(device, PASID);
        rig.ask(device, PASID, IOVA, 1);
        await(() -> !seenByA.isEmpty());
        var engine = rig.engine(device);
        rig.holdBackInterrupts();
        rig.ask(device, PASID, IOVA, 2);
        rig.machine.buses().forEach(rig.core::removeBus);
        assertThat(engine.pageRequests().outstanding()).isZero();
        assertThat(engine.pageRequests().invalid()).isEqualTo(2);
        assertThat(engine.pageRequests().unexpected()).isZero();
    }

    @Test
    void aDriverThatLeavesLeavesNothingUnanswered() {
        a.attach(device, PASID);
        rig.ask(device, PASID, IOVA, 1);
        await(() -> !seenByA.isEmpty());
        rig.holdBackInterrupts();
        rig.ask(device, PASID, IOVA, 2);
        rig.core.removeDriver(rig.driver);
        assertThat(rig.engine(device).pageRequests().outstanding()).isZero();
        rig.letThrough();
        rig.core.addDriver(rig.newDriver());
        await(() -> device.state() == Device.State.READY);
        rig.ask(device, PASID, IOVA, 3);
        await(() -> seenByA.stream().anyMatch(group -> group.requests().get(0).group() == 3));
        assertThat(rig.engine(device).pageRequests().unexpected()).isZero();
    }

    @Test
    void forgedPasidsAndRequestsWithoutOneHarmNobody() {
        b.attach(device, PASID);
        rig.ask(device, PASID + 1, IOVA, 1);
        rig.ask(device, (1 << 16) - 1, IOVA, 2);
        rig.ask(device, Pasid.NONE, IOVA, 3);
        rig.ask(device, PASID, IOVA, 4);
        await(() -> rig.engine(device).pageRequests().outstanding() == 0);
        assertThat(answer(device, 1)).isEqualTo(1);
        assertThat(answer(device, 2)).isEqualTo(1);
        assertThat(answer(device, 3)).isIn(1, 15);
        assertThat(answer(device, 4)).isZero();
        assertThat(seenByB).hasSize(1);
        rig.allAnsweredOnce(device);
    }
}
