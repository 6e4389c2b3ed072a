package sluicegate.sim.vtd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.sim.unit.Devices;
import sluicegate.sim.unit.RequestAccess;
import sluicegate.spec.vtd.DescriptorType;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.FaultRecord;
import sluicegate.spec.vtd.FaultStatusRegister;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.InvalidationQueueHeadRegister;
import sluicegate.spec.vtd.InvalidationWaitDescriptor;
import sluicegate.spec.vtd.PageGroupResponseDescriptor;
import sluicegate.spec.vtd.PageRequestDescriptor;
import sluicegate.spec.vtd.PageRequestEventAddressRegister;
import sluicegate.spec.vtd.PageRequestEventControlRegister;
import sluicegate.spec.vtd.PageRequestEventDataRegister;
import sluicegate.spec.vtd.PageRequestQueueAddressRegister;
import sluicegate.spec.vtd.PageRequestQueueHeadRegister;
import sluicegate.spec.vtd.PageRequestQueueTailRegister;
import sluicegate.spec.vtd.PageRequestStatusRegister;
import sluicegate.spec.vtd.RequestType;
import sluicegate.spec.vtd.RootTableAddressRegister;
import sluicegate.spec.vtd.ScalableContextEntry;

/** Page requests of devices (VT-d 7.4 to 7.7): the queue, its event, answers by software and by the unit, draining. */
class PageRequestTest {
    private static final long QUEUE = 0x1c_0000;
    private static final int PASID = 0x77;
    private static final int ENTRIES = 128;
    private static final int SUCCESS = PageGroupResponseDescriptor.SUCCESS;
    private static final int INVALID = PageGroupResponseDescriptor.INVALID;
    private static final long PRO = PageRequestStatusRegister.PRO.mask();
    private static final long PPR = PageRequestStatusRegister.PPR.mask();
    private static final long FLAGS = ScalableContextEntry.DTE.mask() | ScalableContextEntry.PASIDE.mask()
            | ScalableContextEntry.PRE.mask();

    private final List<String> answers = new ArrayList<>();
    private volatile Runnable whenAnswered = () -> { };
    private ScalableRig rig;

    @BeforeEach
    void start() {
        rig = new ScalableRig();
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                return true;
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) {
                answers.add(requesterId + " " + pasid + " " + group + " " + code);
                whenAnswered.run();
            }
        });
        rig.start();
        rig.context(ScalableRig.SID, FLAGS, 0);
        rig.firstStage(PASID, ScalableRig.DID);
        rig.rig.write64(PageRequestQueueAddressRegister.OFFSET, QUEUE);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    private void request(int pasid, int group, boolean last) {
        rig.unit.requestPage(ScalableRig.SID, pasid, 0x1234_5678L, RequestAccess.READ, group, last);
    }

    private static String answer(int pasid, int group, int code) {
        return ScalableRig.SID + " " + pasid + " " + group + " " + code;
    }

    private long tail() {
        return rig.rig.read64(PageRequestQueueTailRegister.OFFSET);
    }

    private int status() {
        return rig.unit.registers().read32(PageRequestStatusRegister.OFFSET);
    }

    private void fill() {
        for (int i = 0; i < ENTRIES - 1; i++) {
            request(PASID, i, false);
        }
        assertThat(tail()).isEqualTo(PageRequestDescriptor.BYTES * (ENTRIES - 1L));
        assertThat(status()).isEqualTo((int) PPR);
    }

    @Test
    void aRequestStandsInTheQueueWithAllThatTheDeviceSaid() {
        rig.memory.set64(QUEUE + 16, -1);
        rig.memory.set64(QUEUE + 24, -1);
        rig.unit.requestPage(ScalableRig.SID, PASID, 0xffff_9234_5678_9abcL, RequestAccess.ATOMIC | RequestAccess.EXECUTE
                | RequestAccess.PRIVILEGED, 0x1a5, true);
        assertThat(rig.memory.get64(QUEUE)).isEqualTo(1L << 53 | 1L << 52 | (long) PASID << 32 | (long) ScalableRig.SID << 16
                | 1 << 8 | 1);
        assertThat(rig.memory.get64(QUEUE + 8)).isEqualTo(0xffff_9234_5678_9000L | 0x1a5L << 3 | 0b111);
        assertThat(rig.memory.get64(QUEUE + 16)).isZero();
        assertThat(rig.memory.get64(QUEUE + 24)).isZero();
        assertThat(tail()).isEqualTo(32);
        assertThat(status()).isEqualTo((int) PPR);
        assertThat(answers).as("software answers").isEmpty();
    }

    @Test
    void withoutPasidARequestIsForRidPasidAndClaimsNeitherPrivilegeNorExecution() {
        rig.context(ScalableRig.SID, FLAGS, 3);
        rig.secondStage(3, 6, 0);
        rig.unit.requestPage(ScalableRig.SID, Pasid.NONE, 0x5000, RequestAccess.WRITE | RequestAccess.EXECUTE
                | RequestAccess.PRIVILEGED, 0, false);
        assertThat(rig.memory.get64(QUEUE)).isEqualTo((long) ScalableRig.SID << 16 | 1);
        assertThat(rig.memory.get64(QUEUE + 8)).isEqualTo(0x5000 | PageRequestDescriptor.WR.mask());
    }

    @Test
    void requestsFollowEachOtherAroundTheQueue() {
        for (int i = 0; i < 3 * ENTRIES; i++) {
            long at = tail();
            request(PASID, i & 511, true);
            assertThat(PageRequestDescriptor.PRGI.get(rig.memory.get64(QUEUE + at + 8))).isEqualTo(i & 511);
            rig.rig.write64(PageRequestQueueHeadRegister.OFFSET, tail());
        }
        assertThat(tail()).isZero();
        assertThat(status()).isEqualTo((int) PPR);
        assertThat(answers).isEmpty();
    }

    @Test
    void aQueueOfSeveralPagesHasRoomForMore() {
        rig.rig.write64(PageRequestQueueAddressRegister.OFFSET, PageRequestQueueAddressRegister.PQS.set(QUEUE, 1));
        for (int i = 0; i < 2 * ENTRIES - 1; i++) {
            request(PASID, i, true);
        }
        assertThat(status()).isEqualTo((int) PPR);
        request(PASID, 0, true);
        assertThat(status()).isEqualTo((int) (PPR | PRO));
    }

    @Test
    void whatDoesNotFitIsAnsweredWithSuccessIfItIsLast() {
        fill();
        request(PASID, 3, false);
        assertThat(status()).isEqualTo((int) (PPR | PRO));
        assertThat(answers).as("nobody waits for an answer").isEmpty();
        request(PASID, 3, true);
        request(Pasid.NONE, 4, true);
        assertThat(answers).as("without RID_PASID's entry").containsExactly(answer(PASID, 3, SUCCESS),
                answer(Pasid.NONE, 4, INVALID));
        assertThat(tail()).isEqualTo(32 * (ENTRIES - 1L));
    }

    @Test
    void afterAnOverflowNothingIsTakenUntilSoftwareClearsIt() {
        fill();
        request(PASID, 3, true);
        rig.rig.write64(PageRequestQueueHeadRegister.OFFSET, tail());
        request(PASID, 4, true);
        assertThat(answers).containsExactly(answer(PASID, 3, SUCCESS), answer(PASID, 4, SUCCESS));
        rig.rig.write32(PageRequestStatusRegister.OFFSET, (int) PRO);
        assertThat(status()).isEqualTo((int) PPR);
        request(PASID, 5, true);
        assertThat(tail()).isZero();
        assertThat(answers).hasSize(2);
    }

    @Test
    void clearingAnOverflowOfAFullQueueBringsTheNextOne() {
        fill();
        request(PASID, 3, true);
        rig.rig.write32(PageRequestStatusRegister.OFFSET, (int) (PRO | PPR));
        assertThat(status()).isZero();
        request(PASID, 4, false);
        assertThat(status()).isEqualTo((int) PRO);
    }

    @Test
    void aStopMarkerIsHandedOnAndNeverAnswered() {
        rig.unit.requestPage(ScalableRig.SID, PASID, 0, 0, 0, true);
        assertThat(rig.memory.get64(QUEUE + 8)).isEqualTo(PageRequestDescriptor.LPIG.mask());
        fillUp();
        rig.unit.requestPage(ScalableRig.SID, PASID, 0, 0, 0, true);
        rig.unit.requestPage(ScalableRig.SID, 0x1fff, 0, 0, 0, true);
        assertThat(answers).isEmpty();
    }

    private void fillUp() {
        while ((status() & PRO) == 0) {
            request(PASID, 1, false);
        }
    }

    // The event

    private AtomicInteger events() {
        var count = new AtomicInteger();
        var vector = rig.rig.interrupts.allocate("page request", count::incrementAndGet);
        rig.rig.write32(PageRequestEventDataRegister.OFFSET, vector.data());
        rig.rig.write32(PageRequestEventAddressRegister.OFFSET, vector.address());
        rig.rig.write32(PageRequestEventControlRegister.OFFSET, 0);
        return count;
    }

    private void assertEvents(AtomicInteger events, int count) {
        rig.rig.settleInterrupts();
        assertThat(events).hasValue(count);
    }

    @Test
    void theFirstRequestMakesAnEventAndTheNextOnesDoNotUntilSoftwareHasSeenIt() {
        var events = events();
        request(PASID, 1, false);
        assertEvents(events, 1);
        request(PASID, 2, true);
        fillUp();
        assertEvents(events, 1);
        rig.rig.write64(PageRequestQueueHeadRegister.OFFSET, tail());
        rig.rig.write32(PageRequestStatusRegister.OFFSET, (int) (PPR | PRO));
        request(PASID, 3, true);
        assertEvents(events, 2);
    }

    @Test
    void anOverflowMakesAnEventIfNothingElseIsPending() {
        fill();
        rig.rig.write32(PageRequestStatusRegister.OFFSET, (int) PPR);
        var events = events();
        request(PASID, 3, true);
        request(PASID, 4, true);
        assertEvents(events, 1);
    }

    @Test
    void aMaskedEventWaits() {
        var events = events();
        rig.rig.write32(PageRequestEventControlRegister.OFFSET, (int) PageRequestEventControlRegister.IM.mask());
        request(PASID, 1, true);
        assertThat(PageRequestEventControlRegister.IP.isSet(rig.unit.registers().read32(PageRequestEventControlRegister.OFFSET)))
                .isTrue();
        assertEvents(events, 0);
        rig.rig.write32(PageRequestEventControlRegister.OFFSET, 0);
        assertEvents(events, 1);
    }

    @Test
    void aMaskedEventIsForgottenWhenItsCauseIsGone() {
        var events = events();
        rig.rig.write32(PageRequestEventControlRegister.OFFSET, (int) PageRequestEventControlRegister.IM.mask());
        request(PASID, 1, true);
        rig.rig.write32(PageRequestStatusRegister.OFFSET, (int) PPR);
        rig.rig.write32(PageRequestEventControlRegister.OFFSET, 0);
        assertEvents(events, 0);
    }

    // Requests that the tables do not allow

    private void assertRefused(FaultReason reason, int pasid) {
        answers.clear();
        request(pasid, 9, true);
        request(pasid, 9, false);
        assertThat(answers).as("table 31").containsExactly(answer(pasid, 9, INVALID));
        assertThat(tail()).isZero();
        assertThat(status()).isZero();
        for (int i = 0; i < 2; i++) {
            var record = rig.rig.takeRecord(i);
            assertThat(FaultReason.of(record.reason())).contains(reason);
            assertThat(RequestType.of(record.high())).isEqualTo(RequestType.PAGE_REQUEST);
            assertThat(record.sid()).isEqualTo(ScalableRig.SID);
            assertThat(FaultRecord.PP.isSet(record.high())).isEqualTo(pasid != Pasid.NONE);
            assertThat(record.address()).isEqualTo(0x1234_5000L);
        }
    }

    @Test
    void withTablesOfLegacyMode() {
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.LEGACY_MODE);
        assertRefused(FaultReason.TABLE_MODE_NO_PAGE_REQUEST, PASID);
    }

    @Test
    void inAbortMode() {
        rig.setRoot(ScalableRig.ROOT, RootTableAddressRegister.ABORT_DMA_MODE);
        assertRefused(FaultReason.TABLE_MODE_ABORT, PASID);
    }

    @Test
    void ofADeviceThatIsNotToAskForPages() {
        rig.context(ScalableRig.SID, FLAGS & ~ScalableContextEntry.PRE.mask(), 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_NO_PRE, PASID);
    }

    @Test
    void ofADeviceThatIsNotToSendPasids() {
        rig.context(ScalableRig.SID, FLAGS & ~ScalableContextEntry.PASIDE.mask(), 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_NO_PASIDE, PASID);
    }

    @Test
    void ofADeviceWithoutContextEntry() {
        rig.memory.set64(rig.contextAddress(ScalableRig.SID), 0);
        assertRefused(FaultReason.SM_CONTEXT_ENTRY_NOT_PRESENT, PASID);
    }

    @Test
    void withAPasidThatIsNotThere() {
        assertRefused(FaultReason.PASID_ENTRY_NOT_PRESENT, PASID + 1);
    }

    @Test
    void withAPasidBeyondTheDirectory() {
        assertRefused(FaultReason.SM_PASID_TOO_LARGE, 1 << 14);
    }

    @Test
    void withAPasidWhoseEntryIsMalformed() {
        rig.pasid(PASID, ScalableRig.kind(7), 0, 0);
        assertRefused(FaultReason.PASID_ENTRY_INVALID, PASID);
    }

    @Test
    void aFaultThatTheEntryKeepsSecretIsAnsweredButNotRecorded() {
        rig.context(ScalableRig.SID, FLAGS & ~ScalableContextEntry.PRE.mask() | ScalableContextEntry.FPD.mask(), 0);
        request(PASID, 9, true);
        assertThat(answers).containsExactly(answer(PASID, 9, INVALID));
        assertThat(rig.rig.faultStatus()).isZero();
    }

    @Test
    void whileTranslationIsOffNothingIsTakenOrRecorded() {
        rig.rig.commandOff(GlobalCommandRegister.TE.mask());
        request(PASID, 9, true);
        assertThat(answers).containsExactly(answer(PASID, 9, INVALID));
        assertThat(tail()).isZero();
        assertThat(rig.rig.faultStatus()).isZero();
    }

    @Test
    void aPermissionThatIsTakenAwayCountsWhenTheContextEntryIsInvalidated() {
        request(PASID, 1, false);
        rig.context(ScalableRig.SID, FLAGS & ~ScalableContextEntry.PRE.mask(), 0);
        request(PASID, 2, true);
        assertThat(tail()).as("the unit has not heard of it").isEqualTo(64);
        rig.submit(Rig.contextInvalidate(1, 0, 0, 0), 0);
        request(PASID, 3, true);
        assertThat(tail()).isEqualTo(64);
        assertThat(answers).containsExactly(answer(PASID, 3, INVALID));
    }

    @Test
    void aUnitWithoutPageRequestsSaysSo() {
        close();
        rig = new ScalableRig(ScalableRig.without(ExtendedCapabilityRegister.PRS)).start();
        assertThatThrownBy(() -> request(PASID, 1, true)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP));
        rig.rig.write64(PageRequestQueueHeadRegister.OFFSET, 0x40);
        assertThat(rig.rig.read64(PageRequestQueueHeadRegister.OFFSET)).isZero();
    }

    @Test
    void aQueueThatLiesInNoMemoryGetsNothing() {
        rig.rig.write64(PageRequestQueueAddressRegister.OFFSET, Rig.MEMORY);
        request(PASID, 1, true);
        assertThat(answers).containsExactly(answer(PASID, 1, INVALID));
        assertThat(tail()).isZero();
    }

    @Test
    void aTailOutsideTheQueueLeadsNowhere() {
        rig.rig.write64(PageRequestQueueTailRegister.OFFSET, 0x1000);
        request(PASID, 1, true);
        assertThat(answers).containsExactly(answer(PASID, 1, INVALID));
        assertThat(rig.memory.get64(QUEUE + 0x1000)).isZero();
        rig.rig.write64(PageRequestQueueTailRegister.OFFSET, 0x20);
        request(PASID, 1, true);
        assertThat(tail()).isEqualTo(0x40);
    }

    // What a request does to the IOTLB

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void aRequestMakesTheUnitForgetThePageItAsksFor(int kind) {
        long iova = 0x5000;
        rig.rig.entry(7, 0x30_0000, 1, 0x70_0000 | Rig.R);
        if (kind == PasidContext.FIRST_STAGE) {
            rig.firstStage(PASID, 7);
            rig.first(7, iova, 1, 0x70_0000 | ScalableRig.USER & ~ScalableRig.RW);
        } else if (kind == PasidContext.SECOND_STAGE) {
            rig.secondStage(PASID, 7, 0);
            rig.rig.entry(7, iova, 1, 0x70_0000 | Rig.R);
        } else {
            rig.nested(PASID, 7, 0);
            rig.guestTables(7, Rig.RW);
            rig.guest(7, iova, 1, 0x30_0000 | ScalableRig.USER);
        }
        assertThat(rig.request(PASID, iova, RequestAccess.READ)).isEqualTo(0x70_0000);
        if (kind == PasidContext.FIRST_STAGE) {
            rig.first(7, iova, 1, 0x71_0000 | ScalableRig.USER);
        } else {
            rig.rig.entry(7, kind == PasidContext.NESTED ? 0x30_0000 : iova, 1, 0x71_0000 | Rig.RW);
        }
        assertThat(rig.request(PASID, iova, RequestAccess.READ)).as("the old page is cached").isEqualTo(0x70_0000);
        rig.unit.requestPage(ScalableRig.SID, PASID, iova, RequestAccess.WRITE, 0, true);
        assertThat(rig.request(PASID, iova, RequestAccess.READ)).isEqualTo(0x71_0000);
        assertThat(rig.request(PASID, iova, RequestAccess.WRITE)).isEqualTo(0x71_0000);
    }

    // Answers of software

    @ParameterizedTest
    @CsvSource({"0", "1", "15"})
    void anAnswerOfSoftwareReachesTheDevice(int code) {
        long low = DescriptorType.PAGE_GROUP_RESPONSE | PageGroupResponseDescriptor.PP.mask();
        low = PageGroupResponseDescriptor.PASID.set(PageGroupResponseDescriptor.SID.set(low, 0x1234), 0xabcde);
        low = PageGroupResponseDescriptor.RC.set(low, code);
        rig.submit(low, PageGroupResponseDescriptor.PRGI.set(0, 0x1a5));
        rig.submit(low & ~PageGroupResponseDescriptor.PP.mask(), PageGroupResponseDescriptor.LPIG.mask());
        assertThat(answers).containsExactly(0x1234 + " " + 0xabcde + " " + 0x1a5 + " " + code,
                0x1234 + " " + Pasid.NONE + " 0 " + code);
        assertThat(rig.rig.faultStatus()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"5", "8", "52", "64", "65", "76", "127", "128", "255"})
    void anAnswerWithReservedBitsStopsTheQueue(int bit) {
        long[] words = {DescriptorType.PAGE_GROUP_RESPONSE, 0, 0, 0};
        words[bit / 64] |= 1L << bit % 64;
        rig.submit(words[0], words[1], words[2], words[3]);
        assertThat(FaultStatusRegister.IQE.isSet(rig.rig.faultStatus())).isTrue();
        assertThat(rig.rig.read64(InvalidationQueueHeadRegister.OFFSET)).isZero();
        assertThat(answers).isEmpty();
    }

    // Draining

    /** A request that the unit is still answering has been received: the wait descriptor waits for it, with PD. */
    @Test
    void aDrainWaitsForRequestsUnderWay() throws Exception {
        var answering = new CountDownLatch(1);
        var goOn = new CountDownLatch(1);
        whenAnswered = () -> {
            answering.countDown();
            awaitQuietly(goOn);
        };
        var device = CompletableFuture.runAsync(() -> request(PASID + 1, 1, true));
        assertThat(answering.await(10, TimeUnit.SECONDS)).isTrue();
        rig.submit(Rig.waitFor(1, InvalidationWaitDescriptor.SW.mask()), Rig.STATUS);
        assertThat(rig.memory.get32(Rig.STATUS)).as("without PD nothing is drained").isEqualTo(1);
        var driver = CompletableFuture.runAsync(() -> rig.submit(Rig.waitFor(2, InvalidationWaitDescriptor.SW.mask()
                | InvalidationWaitDescriptor.FN.mask() | InvalidationWaitDescriptor.PD.mask()), Rig.STATUS));
        request(PASID, 2, true);
        assertThat(tail()).as("later requests pass").isEqualTo(32);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(1);
        assertThat(driver).isNotDone();
        goOn.countDown();
        device.get(10, TimeUnit.SECONDS);
        driver.get(10, TimeUnit.SECONDS);
        assertThat(rig.memory.get32(Rig.STATUS)).isEqualTo(2);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** However many devices ask at once, each request stands in the queue once, or was answered. */
    @Test
    void noRequestIsLost() throws Exception {
        int devices = 4;
        int each = 60;
        var synchronizedAnswers = new AtomicInteger();
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                return true;
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) {
                synchronizedAnswers.incrementAndGet();
            }
        });
        var asking = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < devices; i++) {
            asking.add(CompletableFuture.runAsync(() -> {
                for (int k = 0; k < each; k++) {
                    request(PASID, k, true);
                }
            }));
        }
        for (var future : asking) {
            future.get(10, TimeUnit.SECONDS);
        }
        assertThat(tail()).isEqualTo(32L * (ENTRIES - 1));
        assertThat(synchronizedAnswers).hasValue(devices * each - (ENTRIES - 1));
        for (int i = 0; i < ENTRIES - 1; i++) {
            assertThat(PageRequestDescriptor.TYPE.get(rig.memory.get64(QUEUE + 32L * i)))
                    .isEqualTo(PageRequestDescriptor.PAGE_REQUEST);
        }
    }

    @Test
    void theEntryOfRequestsWithoutPasidMustBeThere() {
        assertRefused(FaultReason.PASID_DIRECTORY_ENTRY_NOT_PRESENT, Pasid.NONE);
    }
}
