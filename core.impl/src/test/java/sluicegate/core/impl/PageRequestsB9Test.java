package sluicegate.core.impl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestCounts;
import sluicegate.api.PageRequestGroup;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.PageRequest;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.types.Errno;
import sluicegate.api.types.Pasid;
import sluicegate.core.impl.fake.FakeDomain;
import sluicegate.core.impl.fake.FakeDriver;
import sluicegate.core.impl.iopf.DevicePageRequests;

/** {@code io-pgfault.c}: the semantics reference, B.9. The driver complains of responses that are missing or that nobody waits for. */
@DisplayName("Page requests")
@Timeout(60)
class PageRequestsB9Test extends CoreFixture {
    private static final String NIC = "0000:00:02.0";
    private static final String GPU = "0000:00:03.0";

    private final Queue<PageRequestGroup> handled = new ConcurrentLinkedQueue<>();
    private FakeDriver.Ops hardware;

    private void bootWithPasids() {
        driver.maxPasids = 1 << 16;
        machine.bus.put(machine.bus.pci("00:02.0").pasids(16), dmar0);
        machine.bus.put(machine.bus.pci("00:03.0").pasids(16), dmar0);
        boot();
        hardware = driver.bound.get("dmar0");
    }

    private Domain serving(PageRequestHandler handler) {
        return core.allocateDomain(device(NIC), Set.of(), group -> {
            handled.add(group);
            handler.handle(group);
        });
    }

    private void ask(String device, int pasid, int group) {
        hardware.ask(device, pasid, 0x1000L * group, group, true);
        hardware.interrupt();
    }

    private List<String> responses(int count) {
        await(() -> hardware.responses.size() >= count);
        return List.copyOf(hardware.responses);
    }

    @Test
    void aGroupIsHandedOutWhenItIsClosedWithAllThatWasAskedAndAnsweredOnce() {
        bootWithPasids();
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(NIC), 5);
        hardware.ask(NIC, 5, 0x1000, 7, false);
        hardware.ask(NIC, 5, 0x9000, 8, false);
        hardware.ask(NIC, 5, 0x2000, 7, false);
        hardware.interrupt();
        assertThat(handled).as("nothing is closed").isEmpty();
        hardware.ask(NIC, 5, 0x3000, 7, true);
        hardware.interrupt();
        assertThat(responses(1)).containsExactly("SUCCESS 5/7");
        var group = handled.remove();
        assertThat(group.requests()).extracting(PageRequest::iova).containsExactly(0x1000L, 0x2000L, 0x3000L);
        assertThat(group.device()).isSameAs(device(NIC));
        assertThat(group.pasid()).isEqualTo(5);
        assertThat(group.respond(PageResponse.FAILURE)).as("a second answer").isFalse();
        assertThat(hardware.responses).hasSize(1);
        assertThat(device(NIC).pageRequests().received()).isEqualTo(4);
        assertThat(device(NIC).pageRequests().outstanding()).isZero();
    }

    @Test
    void aDeviceThatGoesOnFindsItsAnswerCounted() {
        bootWithPasids();
        var counted = new ConcurrentLinkedQueue<PageRequestCounts>();
        hardware.onResponse = () -> counted.add(device(NIC).pageRequests());
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        responses(1);
        assertThat(counted.remove()).isEqualTo(new PageRequestCounts(1, 0, 1, 0, 0, 0, false));
    }

    @Test
    void aHandlerMayAnswerLaterFromAnyThread() {
        bootWithPasids();
        serving(group -> { }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        ask(NIC, 5, 2);
        await(() -> handled.size() == 2);
        assertThat(device(NIC).pageRequests().outstanding()).isEqualTo(2);
        handled.forEach(group -> assertThat(group.respond(PageResponse.SUCCESS)).isTrue());
        assertThat(responses(2)).containsExactly("SUCCESS 5/1", "SUCCESS 5/2");
    }

    @Test
    void whatNobodyServesIsInvalid() {
        bootWithPasids();
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(NIC), 5);
        domainFor("00:02.0").attach(device(NIC), 6);
        ask(NIC, 6, 1);
        ask(NIC, 7, 2);
        ask(NIC, Pasid.MAX, 3);
        ask(NIC, Pasid.NONE, 4);
        ask(GPU, 5, 5);
        assertThat(responses(5)).containsExactly("INVALID 6/1", "INVALID 7/2", "INVALID " + Pasid.MAX + "/3", "INVALID -/4", "INVALID 5/5");
        assertThat(handled).isEmpty();
    }

    @Test
    void requestsWithoutAPasidGoToTheDomainOfTheDeviceItself() {
        bootWithPasids();
        var domain = serving(group -> group.respond(PageResponse.SUCCESS));
        domain.attach(device(NIC));
        ask(NIC, Pasid.NONE, 1);
        assertThat(responses(1)).containsExactly("SUCCESS -/1");
        assertThat(handled.remove().domain()).isSameAs(domain);
        hardware.ask(NIC, Pasid.NONE, 0x1000, 2, true);
        domain.detach(device(NIC));
        assertThat(responses(2)).endsWith("INVALID -/2");
        assertThat(handled).isEmpty();
    }

    @Test
    void aHandlerThatThrowsIsAFailureOfThatGroupAlone() {
        bootWithPasids();
        serving(group -> {
            if (group.requests().get(0).group() == 1) {
                throw new IllegalStateException("as the test says");
            }
            group.respond(PageResponse.SUCCESS);
        }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        ask(NIC, 5, 2);
        assertThat(responses(2)).containsExactly("FAILURE 5/1", "SUCCESS 5/2");
    }

    @Test
    void aHandlerThatIsStuckHoldsUpNeitherOtherDevicesNorOtherPasids() throws InterruptedException {
        bootWithPasids();
        var stuck = new CountDownLatch(1);
        var entered = new CountDownLatch(1);
        serving(group -> {
            entered.countDown();
            try {
                stuck.await();
            } catch (InterruptedException coreEnds) {
                Thread.currentThread().interrupt();
            }
            group.respond(PageResponse.SUCCESS);
        }).attach(device(NIC), 5);
        var other = serving(group -> group.respond(PageResponse.SUCCESS));
        other.attach(device(NIC), 6);
        other.attach(device(GPU), 5);
        ask(NIC, 5, 1);
        entered.await();
        ask(NIC, 6, 2);
        ask(GPU, 5, 3);
        assertThat(responses(2)).containsExactlyInAnyOrder("SUCCESS 6/2", "SUCCESS 5/3");
        other.detach(device(GPU), 5);
        stuck.countDown();
        responses(3);
    }

    @Test
    void detachingAnswersWhatAHandlerHoldsAndItsOwnAnswerComesTooLate() {
        bootWithPasids();
        var attachment = serving(group -> { }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        await(() -> handled.size() == 1);
        hardware.ask(NIC, 5, 0x2000, 2, true);
        attachment.detach();
        assertThat(hardware.responses).as("all is answered when detaching returns").containsExactlyInAnyOrder("INVALID 5/1", "INVALID 5/2");
        assertThat(handled.remove().respond(PageResponse.SUCCESS)).isFalse();
        assertThat(hardware.responses).hasSize(2);
    }

    @Test
    void aPasidIsTornDownInTheOrderOfB9() {
        bootWithPasids();
        var attachment = serving(group -> { }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        await(() -> handled.size() == 1);
        driver.log.clear();
        driver.onCall = operation -> {
            if (operation.equals("setDevPasid blocked")) {
                driver.log.add("block");
                assertThat(device(NIC).attachment(5)).as("while hardware is told").isEmpty();
            }
        };
        attachment.detach();
        assertThat(driver.log).containsExactly("block", "drain " + NIC + " 5", "respond 5/1");
    }

    @Test
    void aDeviceThatFloodsIsRefusedAndOthersAreServed() {
        bootWithPasids();
        var domain = serving(group -> { });
        domain.attach(device(NIC), 5);
        for (int i = 0; i < DevicePageRequests.MAX_GROUPS + 10; i++) {
            ask(NIC, 5, i);
        }
        assertThat(responses(10)).hasSize(10).allMatch(response -> response.startsWith("FAILURE"));
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(GPU), 5);
        ask(GPU, 5, 1);
        assertThat(responses(11)).contains("SUCCESS 5/1");
        domain.detach(device(NIC), 5);
        assertThat(hardware.unanswered).isEmpty();
    }

    @Test
    void groupsThatAreNeverClosedTakeBoundedRoom() {
        bootWithPasids();
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(NIC), 5);
        for (int i = 0; i < 10 * DevicePageRequests.MAX_PARTIAL; i++) {
            hardware.ask(NIC, 5, 0x1000L * i, i, false);
        }
        hardware.interrupt();
        assertThat(device(NIC).pageRequests().discarded()).isEqualTo(9L * DevicePageRequests.MAX_PARTIAL);
        hardware.ask(NIC, 5, 0, 1, true);
        hardware.interrupt();
        assertThat(responses(1)).containsExactly("SUCCESS 5/1");
        assertThat(handled.remove().requests()).as("the first part of the group was dropped").hasSize(1);
    }

    @Test
    void anOverflowDropsWhatWasNotClosed() {
        bootWithPasids();
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(NIC), 5);
        hardware.ask(NIC, 5, 0x1000, 1, false);
        hardware.interrupt();
        driver.faults("dmar0").overflow();
        hardware.ask(NIC, 5, 0x2000, 1, true);
        hardware.interrupt();
        responses(1);
        assertThat(handled.remove().requests()).extracting(PageRequest::iova).containsExactly(0x2000L);
    }

    @Test
    void aDeviceThatIsRemovedGetsAllItsAnswersFirst() {
        bootWithPasids();
        serving(group -> { }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        await(() -> handled.size() == 1);
        hardware.ask(NIC, 5, 0x2000, 2, true);
        machine.bus.remove(device(NIC).busDevice());
        assertThat(hardware.responses).containsExactlyInAnyOrder("INVALID 5/1", "INVALID 5/2");
        assertThat(handled.remove().respond(PageResponse.SUCCESS)).isFalse();
    }

    @Test
    void aDriverThatLeavesHasAnsweredAllAndTheNextServesOnUnderTheSameAttachment() {
        bootWithPasids();
        var attachment = serving(group -> { }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        await(() -> handled.size() == 1);
        var before = hardware;
        core.removeDriver(entry);
        assertThat(before.responses).containsExactly("INVALID 5/1");
        assertThat(handled.remove().respond(PageResponse.SUCCESS)).isFalse();
        core.addDriver(driver.entry(1));
        hardware = driver.bound.get("dmar0");
        assertThat(attachment.current()).isTrue();
        ask(NIC, 5, 2);
        await(() -> handled.size() == 1);
        assertThat(handled.remove().respond(PageResponse.SUCCESS)).isTrue();
        assertThat(hardware.responses).containsExactly("SUCCESS 5/2");
    }

    @Test
    void aResetEndsWhatTheDeviceHadAskedFor() {
        bootWithPasids();
        serving(group -> { }).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        await(() -> handled.size() == 1);
        device(NIC).prepareReset();
        assertThat(hardware.responses).containsExactly("INVALID 5/1");
        ask(NIC, 5, 2);
        assertThat(hardware.responses).as("in its reset nobody is served").endsWith("INVALID 5/2");
        device(NIC).resetDone();
        ask(NIC, 5, 3);
        await(() -> handled.size() == 2);
    }

    @Test
    void aReplacedDomainIsNotAskedAnyMoreAndTheNewOneOnlyForItself() {
        bootWithPasids();
        var old = serving(group -> { });
        var fresh = serving(group -> group.respond(PageResponse.SUCCESS));
        var first = old.attach(device(NIC), 5);
        ask(NIC, 5, 1);
        await(() -> handled.size() == 1);
        hardware.ask(NIC, 5, 0x2000, 2, true);
        var second = fresh.replace(device(NIC), 5);
        assertThat(hardware.responses).as("told to try again").containsExactlyInAnyOrder("SUCCESS 5/1", "SUCCESS 5/2");
        assertThat(handled).as("the request in the queue was nobody's").hasSize(1);
        assertThat(first.current()).isFalse();
        assertThat(second.current()).isTrue();
        failing(first::detach, Errno.EINVAL);
        old.close();
        ask(NIC, 5, 3);
        responses(3);
        assertThat(List.copyOf(handled).get(1).domain()).isSameAs(fresh);
    }

    @Test
    void aReplacementThatFailsLeavesTheOldDomainServing() {
        bootWithPasids();
        var old = serving(group -> group.respond(PageResponse.SUCCESS));
        var attachment = old.attach(device(NIC), 5);
        var fresh = domainFor("00:02.0");
        driver.onAttach = (device, part) -> {
            throw FakeDomain.error(Errno.EOPNOTSUPP);
        };
        failing(() -> fresh.replace(device(NIC), 5), Errno.EOPNOTSUPP);
        driver.onAttach = (device, part) -> { };
        assertThat(device(NIC).attachment(5)).contains(attachment);
        ask(NIC, 5, 1);
        assertThat(responses(1)).containsExactly("SUCCESS 5/1");
        fresh.close();
    }

    @Test
    void threadsEndWithTheCore() {
        bootWithPasids();
        serving(group -> group.respond(PageResponse.SUCCESS)).attach(device(NIC), 5);
        ask(NIC, 5, 1);
        responses(1);
        core.close();
        // A pool has terminated a moment before its last thread has ended.
        await(() -> Thread.getAllStackTraces().keySet().stream().noneMatch(thread -> thread.getName().startsWith("iommu-iopf")));
    }
}
