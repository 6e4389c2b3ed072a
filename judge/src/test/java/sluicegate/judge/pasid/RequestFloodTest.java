package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.FIRST;
import static sluicegate.judge.pasid.Accelerators.PAGE;
import static sluicegate.judge.pasid.Accelerators.RW;
import static sluicegate.judge.pasid.Accelerators.SECOND;
import static sluicegate.judge.pasid.Accelerators.await;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.PageRequestHandler;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.sim.unit.UnitModel;

/**
 * Devices that misuse page requests harm only themselves. Those that share a unit share its queue of page requests, so one that has
 * more outstanding than it was allowed (PCI Express 10.5.2.4) is stopped, and what hardware had to answer meanwhile because the
 * queue was full, others ask for again.
 */
@ParameterizedClass
@EnumSource
@Timeout(120)
class RequestFloodTest {
    private static final int PASID = 5;
    private static final int UNUSED = 6;
    /** Somebody serves it who never answers. */
    private static final int IGNORED = 7;
    private static final long IOVA = 0x4000_0000L;
    private static final int LIMIT = 32;
    private static final int GROUPS = 512;
    private static final int PRI_CONTROL_ENABLE = 1;
    private static final int BUS_MASTER = 4;

    private final PasidKind kind;
    private final Accelerators rig;
    private final Device rogue;
    private final Device neighbour;

    RequestFloodTest(PasidKind kind) {
        this.kind = kind;
        rig = new Accelerators(kind);
        rogue = rig.device(FIRST);
        neighbour = rig.device(SECOND);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private Domain onDemand() {
        PageRequestHandler handler = group -> {
            for (var request : group.requests()) {
                group.domain().map(request.iova(), rig.page((int) (request.iova() / PAGE % 251)), PAGE, RW);
            }
            group.respond(PageResponse.SUCCESS);
        };
        return rig.serving(handler);
    }

    /** The neighbour touches so many pages for the first time; each DMA has to bring what is there. */
    private void neighbourReads(long from, int pages) {
        for (long page = from; page < from + pages; page++) {
            assertThat(rig.read(neighbour, PASID, IOVA + page * PAGE)).as("page %d", page)
                    .isEqualTo((int) ((IOVA / PAGE + page) % 251));
        }
    }

    /** Asks without waiting, under a PASID that is served by somebody who never answers, and is stopped. */
    private void storm() throws InterruptedException {
        rig.serving(group -> { }).attach(rogue, IGNORED);
        storm(number -> ask(number, IGNORED, Prot.READ, true), 10);
    }

    /** The rogue does something of that number again and again, until it is kept from it; the neighbour works meanwhile. */
    private void storm(LongConsumer ask, int pages) throws InterruptedException {
        onDemand().attach(neighbour, PASID);
        var over = new AtomicBoolean();
        var sent = new AtomicLong();
        var thread = new Thread(() -> {
            try {
                while (!over.get()) {
                    ask.accept(sent.getAndIncrement());
                }
            } catch (IommuException pageRequestsAreOff) {
                assertThat(pageRequestsAreOff.errno()).isEqualTo(Errno.EOPNOTSUPP);
            }
        });
        thread.start();
        try {
            neighbourReads(0, pages);
            await(() -> rogue.pageRequests().stopped());
            await(() -> !thread.isAlive());
        } finally {
            over.set(true);
            thread.join();
        }
        assertThat(sent.get()).isGreaterThan(LIMIT);
        neighbourReads(pages, 10);
        rig.allAnsweredOnce(neighbour);
        assertThat(neighbour.pageRequests().stopped()).isFalse();
        assertThat(neighbour.pageRequests().failed()).isZero();
    }

    private void ask(long number, int pasid, int prot, boolean last) {
        rig.engine(rogue).requestPage(pasid, number % (1 << 16) * PAGE, prot, (int) (number % GROUPS), last);
    }

    private List<String> reports() {
        return rig.core.recentFaults().stream().filter(fault -> fault.device().filter(FIRST::equals).isPresent())
                .map(fault -> fault.name()).filter(name -> name.startsWith("PAGE_REQUEST")).toList();
    }

    private void stoppedAndTold() {
        await(() -> rogue.pageRequests().outstanding() == 0); // the last thing that is done to it
        assertThat(reports()).as("said once").containsExactly("PAGE_REQUEST_FLOOD");
        assertThat(rig.core.recentFaults()).filteredOn(fault -> fault.name().equals("PAGE_REQUEST_FLOOD"))
                .allSatisfy(fault -> assertThat(fault.reason()).contains("where it may have 32").contains("reset"));
        assertThat(priControl(rogue) & PRI_CONTROL_ENABLE).as("page requests at the device").isZero();
        assertThat(priControl(neighbour) & PRI_CONTROL_ENABLE).isEqualTo(1);
    }

    /** The PRI capability is found by walking, as software does. */
    private static int priControl(Device device) {
        var config = ((PciFunction) device.busDevice()).config();
        int at = 0x100;
        while ((config.read32(at) & 0xffff) != 0x13) {
            at = config.read32(at) >>> 20;
        }
        return config.read16(at + 4);
    }

    @Test
    void whoNeverWaitsForAnswersIsStoppedAndOthersGoOn() throws InterruptedException {
        rig.serving(group -> { }).attach(rogue, PASID);
        storm(number -> ask(number, PASID, Prot.READ, true), 2000);
        stoppedAndTold();
    }

    @Test
    void soIsWhoAsksUnderAPasidThatNobodyServes() throws InterruptedException {
        rig.serving(group -> { }).attach(rogue, PASID);
        if (kind == PasidKind.VTD) {
            // The unit answers by itself where a PASID leads nowhere: nothing is queued, and there is nothing to stop.
            onDemand().attach(neighbour, PASID);
            for (int number = 0; number < 2000; number++) {
                ask(number, UNUSED, Prot.READ, true);
            }
            neighbourReads(0, 500);
            assertThat(rogue.pageRequests().received()).isZero();
            assertThat(rig.engine(rogue).pageRequests().invalid()).isEqualTo(2000);
            return;
        }
        storm(number -> ask(number, UNUSED, Prot.READ, true), 500);
        stoppedAndTold();
    }

    @Test
    void soIsWhoNeverClosesAGroup() throws InterruptedException {
        rig.serving(group -> { }).attach(rogue, PASID);
        storm(number -> ask(number, PASID, Prot.READ, false), 500);
        stoppedAndTold();
    }

    @Test
    void soIsWhoSendsNothingButStopMarkers() throws InterruptedException {
        rig.serving(group -> { }).attach(rogue, PASID);
        storm(number -> ask(number, PASID, 0, true), 500);
        stoppedAndTold();
    }

    @Test
    void soIsWhoAsksForWhatNobodyCanHave() throws InterruptedException {
        rig.serving(group -> { }).attach(rogue, PASID);
        storm(number -> rig.engine(rogue).requestPage(PASID, 0x8000_0000_0000_0000L >>> (number & 1) * 2, Prot.WRITE,
                (int) (number % GROUPS), true), 500);
        stoppedAndTold();
    }

    @Test
    void whatWasMappedBeforeIsStillReachedByWhoWasStopped() throws InterruptedException {
        var domain = rig.serving(group -> { });
        domain.map(IOVA, rig.page(9), PAGE, RW);
        domain.attach(rogue, PASID);
        assertThat(rig.read(rogue, PASID, IOVA)).isEqualTo(9);
        storm();
        assertThat(rig.read(rogue, PASID, IOVA)).isEqualTo(9);
        assertThat(rig.read(rogue, PASID, IOVA + PAGE)).as("nobody may be asked for this").isNegative();
    }

    @Test
    void aResetGivesTheRightBack() throws InterruptedException {
        var served = onDemand();
        served.attach(rogue, PASID);
        storm();
        stoppedAndTold();
        rogue.prepareReset();
        rogue.resetDone();
        assertThat(rogue.pageRequests().stopped()).isFalse();
        assertThat(priControl(rogue) & PRI_CONTROL_ENABLE).isEqualTo(1);
        assertThat(rig.read(rogue, PASID, IOVA + 7 * PAGE)).isEqualTo((int) ((IOVA / PAGE + 7) % 251));
        neighbourReads(100, 10);
        assertThat(rogue.pageRequests().stopped()).isFalse();
    }

    @Test
    void theNextDriverOfItsUnitGivesItBackToo() throws InterruptedException {
        onDemand().attach(rogue, PASID);
        storm();
        rig.core.removeDriver(rig.driver);
        rig.core.addDriver(rig.newDriver());
        await(() -> rogue.state() == Device.State.READY && neighbour.state() == Device.State.READY);
        assertThat(rig.read(rogue, PASID, IOVA + 7 * PAGE)).isEqualTo((int) ((IOVA / PAGE + 7) % 251));
    }

    /** A device that does not do what its configuration space says: it is past asking it. */
    @Test
    void whoAsksAlthoughItIsForbiddenReachesNoQueueOrMaySendNothing() throws InterruptedException {
        onDemand().attach(rogue, PASID);
        storm();
        await(() -> priControl(rogue) == 0);
        await(() -> rogue.pageRequests().outstanding() == 0);
        long received = rogue.pageRequests().received();
        for (int i = 0; i < 2000; i++) {
            past(rogue, PASID, IOVA + i * PAGE, i % GROUPS);
        }
        neighbourReads(100, 10);
        if (kind != PasidKind.SMMUV3) {
            assertThat(rogue.pageRequests().received()).as("of those none was queued").isEqualTo(received);
            assertThat(reports()).containsExactly("PAGE_REQUEST_FLOOD");
        } else {
            // An SMMU queues whatever arrives (section 8): no bit of an entry keeps it out. So does an AMD unit without EPHSup.
            await(() -> (command(rogue) & BUS_MASTER) == 0);
            assertThat(reports()).containsExactly("PAGE_REQUEST_FLOOD", "PAGE_REQUESTS_IGNORE_STOP");
            rogue.prepareReset();
            rogue.resetDone();
        }
        assertThat(command(rogue) & BUS_MASTER).isNotZero();
    }

    private static int command(Device device) {
        return ((PciFunction) device.busDevice()).config().read16(4);
    }

    /** A page request as it arrives at the unit, from whoever says that it is the device. */
    private void past(Device as, int pasid, long iova, int group) {
        requestPage(((PciFunction) as.busDevice()).address().requesterId(), pasid, iova, group);
    }

    private void requestPage(int requesterId, int pasid, long iova, int group) {
        model().requestPage(requesterId, pasid, iova, RequestAccess.READ, group, true);
    }

    private UnitModel model() {
        return rig.machine.models().get(0);
    }

    /**
     * What comes with the id of another device can't be told from what that sends: the answer goes there, where nobody waits for it. (That
     * is why devices that can forge each other's ids, because nothing on their way checks them, are in one group.)
     */
    @Test
    void forgedRequesterIdsChangeNothingForWhoReallyHasThem() {
        onDemand().attach(neighbour, PASID);
        rig.serving(group -> { }).attach(rogue, PASID);
        for (int i = 0; i < 10; i++) {
            past(neighbour, PASID, IOVA + (500 + i) * PAGE, i);
            past(neighbour, UNUSED, IOVA, 100 + i);
        }
        neighbourReads(0, 100);
        await(() -> neighbour.pageRequests().outstanding() == 0);
        var tally = rig.engine(neighbour).pageRequests();
        assertThat(tally.unexpected()).as("answers that it did not wait for: %s", tally).isPositive();
        assertThat(tally.outstanding()).isZero();
        assertThat(tally.invalid()).isZero();
        assertThat(rig.read(neighbour, PASID, IOVA + 3 * PAGE)).isEqualTo((int) ((IOVA / PAGE + 3) % 251));
    }

    @Test
    void idsThatNobodyHasAreAnsweredInvalidOrNotAtAll() {
        onDemand().attach(neighbour, PASID);
        for (int i = 0; i < 2000; i++) {
            requestPage(0xfff0 + i % 8, i % 3 == 0 ? Pasid.NONE : PASID, IOVA, i % GROUPS);
        }
        neighbourReads(0, 50);
        rig.allAnsweredOnce(neighbour);
        assertThat(neighbour.pageRequests().stopped()).isFalse();
    }

    /** Twenty times it begins a group, is stopped in the middle of it by its driver, and goes on with another one. */
    @Test
    void groupsThatAreNeverClosedEndWithTheirPasid() {
        var seen = new AtomicLong();
        var domain = rig.serving(group -> {
            seen.addAndGet(group.requests().size());
            group.respond(PageResponse.SUCCESS);
        });
        for (int round = 0; round < 20; round++) {
            var attachment = domain.attach(rogue, PASID);
            for (int i = 0; i < LIMIT - 1; i++) {
                rig.engine(rogue).requestPage(PASID, IOVA + i * PAGE, Prot.READ, round, false);
            }
            attachment.detach();
        }
        assertThat(rogue.pageRequests().discarded()).isEqualTo(20 * (LIMIT - 1));
        domain.attach(rogue, PASID);
        rig.ask(rogue, PASID, IOVA, 0);
        await(() -> rig.engine(rogue).pageRequests().outstanding() == 0);
        assertThat(seen).as("only the group that was closed").hasValue(1);
        assertThat(rogue.pageRequests().stopped()).isFalse();
        rig.allAnsweredOnce(rogue);
    }

    /** All that is allowed, all the time, in groups of all sizes: nobody is stopped who keeps to what he was told. */
    @Test
    void whoKeepsToHisAllocationIsNeverStopped() throws InterruptedException {
        var devices = List.of(rogue, neighbour);
        var domain = rig.serving(group -> group.respond(PageResponse.SUCCESS));
        var threads = devices.stream().map(device -> new Thread(() -> allThatIsAllowed(device))).toList();
        devices.forEach(device -> domain.attach(device, PASID));
        threads.forEach(Thread::start);
        for (var thread : threads) {
            thread.join();
        }
        assertThat(rig.core.recentFaults()).isEmpty();
        for (var device : devices) {
            assertThat(rig.engine(device).pageRequests().succeeded()).isEqualTo(rig.engine(device).pageRequests().sent());
            rig.allAnsweredOnce(device);
        }
    }

    private void allThatIsAllowed(Device device) {
        var engine = rig.engine(device);
        int group = 0;
        for (int round = 0; round < 200; round++) {
            int size = 1 << round % 6;
            for (int i = 0; i < LIMIT / size; i++) {
                for (int page = 0; page < size; page++) {
                    engine.requestPage(PASID, IOVA + page * PAGE, Prot.READ, group, page == size - 1);
                }
                group = (group + 1) % GROUPS;
            }
            while (engine.pageRequests().outstanding() != 0) {
                Thread.onSpinWait();
            }
        }
    }

    /** It waits for no answer and reads nothing: its requests are answered all the same, and its PASID can be taken away. */
    @Test
    void whoIsNeverHeardOfAgainHoldsNothingUp() {
        var asked = new AtomicLong();
        var attachment = rig.serving(group -> asked.incrementAndGet()).attach(rogue, PASID);
        for (int i = 0; i < LIMIT; i++) {
            rig.ask(rogue, PASID, IOVA + i * PAGE, i);
        }
        await(() -> asked.get() == LIMIT);
        attachment.detach();
        assertThat(rogue.attachment(PASID)).isEmpty();
        assertThat(rogue.pageRequests().outstanding()).isZero();
        assertThat(rig.engine(rogue).write(Pasid.NONE, 0, new byte[1], 0, 1)).isNotEqualTo(DmaStatus.OK);
        onDemand().attach(neighbour, PASID);
        neighbourReads(0, 10);
    }
}
