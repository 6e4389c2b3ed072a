package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.smmuv3.Rig.assertErrno;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.api.types.DecodedRegister;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.smmuv3.CmdqControlPageBaseRegister;
import sluicegate.spec.smmuv3.CmdqControlPageStatusRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.EcmdqBaseRegister;
import sluicegate.spec.smmuv3.EcmdqConsRegister;
import sluicegate.spec.smmuv3.EcmdqProdRegister;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr6Register;

/** A unit with enhanced command queues: threads are spread over them, and errors, swaps and stops find each of them. */
class EnhancedQueuesTest {
    private static final int PAGES_AT = 0x2_0000;
    private static final int PAGE = 0x1_0000;
    private static final long ILLEGAL = 0xff;
    private static final int EN = (int) EcmdqProdRegister.EN.mask();
    private static final int ERR = (int) EcmdqConsRegister.ERR.mask();
    private static final int MISSING = 0x18;

    private static CommandQueue mine(Smmuv3Unit unit) {
        return unit.invalidator().queues().mine();
    }

    private static int place(int queue, int queueBits) {
        return PAGES_AT + queue * (PAGE >> queueBits);
    }

    private static int prod(Rig rig, int place) {
        return rig.registers().read32(place + EcmdqProdRegister.OFFSET);
    }

    private static int cons(Rig rig, int place) {
        return rig.registers().read32(place + EcmdqConsRegister.OFFSET);
    }

    private static boolean isOn(Rig rig, int place) {
        return EcmdqConsRegister.ENACK.isSet(cons(rig, place));
    }

    private static void assertAcknowledged(Rig rig) {
        assertThat(rig.registers().read32(GerrorRegister.OFFSET)).isEqualTo(rig.registers().read32(GerrorNRegister.OFFSET));
    }

    @Test
    void threadsAreSpreadOverQueuesAndKeepTheirs() throws Exception {
        try (var rig = Rig.enhanced(2)) {
            var unit = rig.start();
            assertThat(unit.enhancedQueues()).isEqualTo(8);
            assertThat(rig.registers().read32(CmdqProdRegister.OFFSET)).as("nobody uses the command queue").isZero();
            var queues = new HashSet<CommandQueue>();
            for (int i = 0; i < 8; i++) {
                var thread = new Thread(() -> {
                    var own = mine(unit);
                    unit.invalidator().asid(1);
                    assertThat(mine(unit)).isSameAs(own);
                    synchronized (queues) {
                        queues.add(own);
                    }
                });
                thread.start();
                thread.join();
            }
            assertThat(queues).as("threads with numbers in a row").hasSize(8);
            long rung = java.util.stream.IntStream.range(0, 8).filter(i -> (prod(rig, place(i, 2)) & ~EN) != 0).count();
            assertThat(rung).isEqualTo(8);
        }
    }

    @Test
    void noMoreThanSixteenAreUsedAndOnlyAPowerOfTwo() {
        try (var rig = Rig.enhanced(8)) {
            assertThat(rig.start().enhancedQueues()).isEqualTo(16);
        }
        try (var rig = Rig.enhanced(0)) {
            assertThat(rig.start().enhancedQueues()).isEqualTo(2);
        }
    }

    @Test
    void aRefusedCommandIsAnErrorOfItsSubmitterTimeAndAgain() {
        try (var rig = Rig.enhanced(0)) {
            var unit = rig.start();
            for (int i = 0; i < 5; i++) {
                assertThatExceptionOfType(IommuException.class).isThrownBy(() -> mine(unit).run(ILLEGAL, 0x1234_5000))
                        .withMessageContaining("0xff 0x12345000").withMessageContaining("CERROR_ILL")
                        .matches(e -> e.errno() == Errno.EINVAL);
                unit.invalidator().asid(2);
                assertAcknowledged(rig);
            }
            // The ring goes round many times after that.
            for (int i = 0; i < 1000; i++) {
                unit.invalidator().asid(2);
            }
            int place = place((int) Thread.currentThread().getId() & 1, 0);
            assertThat((prod(rig, place) ^ cons(rig, place)) & ERR).as("acknowledged").isZero();
        }
    }

    @Test
    void aDeviceThatDoesNotAnswerIsATimeOutOfWhoAskedIt() {
        try (var rig = Rig.enhanced(0)) {
            var unit = rig.start();
            rig.devicesAnswer = false;
            assertThatExceptionOfType(IommuException.class).isThrownBy(() -> unit.invalidator().device(MISSING, Pasid.NONE))
                    .withMessageContaining("CERROR_ATC_INV_SYNC").matches(e -> e.errno() == Errno.ETIMEDOUT);
            rig.devicesAnswer = true;
            unit.invalidator().device(MISSING, Pasid.NONE);
            assertThat(rig.toDevices).hasSize(2);
        }
    }

    /** Memory that can't be read for a while: the queue is moved there and back under the driver, which sees a fetch abort. */
    @Test
    void aFetchThatFailsIsTriedAgain() {
        try (var rig = Rig.enhanced(0)) {
            int place = place((int) Thread.currentThread().getId() & 1, 0);
            var broken = new AtomicBoolean();
            rig.registers(real -> new WindowFilter(real) {
                private long ring;

                @Override
                public void write32(long offset, int value) {
                    if (offset == place + EcmdqProdRegister.OFFSET && broken.get()) {
                        boolean again = (value & ERR) != 0;
                        int before = super.read32(offset);
                        ring = again ? ring : super.read64(place);
                        super.write32(offset, before & ~EN);
                        super.write64(place, again ? ring : EcmdqBaseRegister.LOG2SIZE.get(ring) | 0xff_ffff_0000L);
                        super.write32(offset, before);
                        broken.set(!again);
                    }
                    super.write32(offset, value);
                }
            });
            var unit = rig.start();
            broken.set(true);
            unit.invalidator().asid(2);
            assertThat(broken).as("acknowledged").isFalse();
            assertThat(cons(rig, place) & ERR).as("there was an error").isNotZero();
            unit.invalidator().asid(2);
        }
    }

    /** Whoever publishes meanwhile writes the same register as whoever acknowledges: neither may undo the other's part. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void threadsShareQueuesAndOnlyTheOffenderFails(int queueBits) throws Exception {
        try (var rig = Rig.enhanced(queueBits)) {
            CommandQueueTest.assertOnlyOffendersFail(rig.startInRealTime(), 8, 2);
            assertAcknowledged(rig);
        }
    }

    /** Of two queues, every second thread has the same. */
    private static Thread threadOfSameQueue(Thread as, Runnable work) {
        return Stream.generate(() -> new Thread(work)).filter(each -> (each.getId() - as.getId()) % 2 == 0).findFirst().orElseThrow();
    }

    /**
     * A thread publishes with the old acknowledgement while another acknowledges: whoever acknowledges has to come after it, or its
     * acknowledgement is taken back and the queue stops for ever.
     */
    @Test
    void anAcknowledgementIsNotTakenBackByWhoPublishesMeanwhile() throws Exception {
        try (var rig = Rig.enhanced(0)) {
            var unit = new AtomicReference<Smmuv3Unit>();
            var offender = Thread.currentThread();
            var armed = new AtomicBoolean();
            var started = new AtomicBoolean();
            var publishing = new CountDownLatch(1);
            var written = new AtomicBoolean();
            var succeeded = new AtomicBoolean();
            var other = threadOfSameQueue(offender, () -> {
                unit.get().invalidator().asid(1);
                succeeded.set(true);
            });
            int register = place((int) offender.getId() & 1, 0) + EcmdqProdRegister.OFFSET;
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public int read32(long offset) {
                    // Whoever it is that finds the error, a waiting thread or the interrupt's.
                    if (offset == GerrorRegister.OFFSET && armed.get() && Thread.currentThread() != other) {
                        if (!started.getAndSet(true)) {
                            other.start();
                        }
                        await(() -> publishing.getCount() == 0);
                    }
                    return super.read32(offset);
                }

                @Override
                public void write32(long offset, int value) {
                    if (offset == register && Thread.currentThread() == other && publishing.getCount() != 0) {
                        publishing.countDown();
                        var queue = mine(unit.get());
                        await(() -> written.get() || queue.hasOwner());
                    }
                    super.write32(offset, value);
                    if (offset == register && publishing.getCount() == 0) {
                        written.set(true);
                    }
                }
            });
            unit.set(rig.startInRealTime());
            armed.set(true);
            assertErrno(Errno.EINVAL, () -> mine(unit.get()).run(ILLEGAL, 0));
            other.join(10_000);
            assertThat(succeeded).isTrue();
            unit.get().invalidator().asid(1);
        }
    }

    /** Whoever acknowledges writes the index that was published last: nobody may publish a later one before that is written. */
    @Test
    void nobodyPublishesWhileAnErrorIsAcknowledged() throws Exception {
        try (var rig = Rig.enhanced(0)) {
            var unit = new AtomicReference<Smmuv3Unit>();
            var offender = Thread.currentThread();
            var armed = new AtomicBoolean();
            var writes = new AtomicInteger();
            var succeeded = new AtomicBoolean();
            var other = threadOfSameQueue(offender, () -> {
                unit.get().invalidator().asid(1);
                succeeded.set(true);
            });
            int register = place((int) offender.getId() & 1, 0) + EcmdqProdRegister.OFFSET;
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    // The first one is the offender's doorbell, the second one the acknowledgement.
                    if (offset == register && armed.get() && Thread.currentThread() != other && writes.incrementAndGet() == 2) {
                        var queue = mine(unit.get());
                        long taken = 0;
                        while (queue.hasTaken(taken + 1)) {
                            taken++;
                        }
                        long next = taken + 1;
                        boolean excluded = queue.hasOwner();
                        other.start();
                        await(() -> excluded ? queue.hasTaken(next) : succeeded.get());
                    }
                    super.write32(offset, value);
                }
            });
            unit.set(rig.startInRealTime());
            armed.set(true);
            assertErrno(Errno.EINVAL, () -> mine(unit.get()).run(ILLEGAL, 0));
            other.join(10_000);
            assertThat(succeeded).isTrue();
            unit.get().invalidator().asid(1);
        }
    }

    /** SMMU_GERROR tells of it no second time while the first is not acknowledged. */
    @Test
    void aQueueThatStopsWhileAnotherIsLookedAtIsNotForgotten() throws Exception {
        try (var rig = Rig.enhanced(3)) {
            var unit = new AtomicReference<Smmuv3Unit>();
            var once = new AtomicBoolean();
            var refused = new AtomicReference<IommuException>();
            var other = Stream.generate(() -> new Thread(() -> {
                try {
                    mine(unit.get()).run(ILLEGAL, 0);
                } catch (IommuException e) {
                    refused.set(e);
                }
            })).filter(each -> (each.getId() - Thread.currentThread().getId()) % 16 != 0).findFirst().orElseThrow();
            int place = place((int) other.getId() & 15, 3);
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == GerrorNRegister.OFFSET && once.getAndSet(false)) {
                        other.start();
                        await(() -> ((prod(rig, place) ^ cons(rig, place)) & ERR) != 0);
                    }
                    super.write32(offset, value);
                }
            });
            unit.set(rig.startInRealTime());
            once.set(true);
            assertErrno(Errno.EINVAL, () -> mine(unit.get()).run(ILLEGAL, 0));
            other.join(10_000);
            assertThat(other.isAlive()).isFalse();
            assertThat(refused.get().errno()).isEqualTo(Errno.EINVAL);
        }
    }

    private static void await(BooleanSupplier condition) {
        long begun = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - begun > TimeUnit.SECONDS.toNanos(10)) {
                throw new AssertionError("nothing happens");
            }
            Thread.onSpinWait();
        }
    }

    /** A device keeps one queue busy; threads with others do not wait for that. */
    @Test
    void oneThreadDoesNotWaitForTheOther() throws Exception {
        try (var rig = Rig.enhanced(3)) {
            var inside = new CountDownLatch(1);
            var leave = new CountDownLatch(1);
            var unit = rig.startInRealTime();
            rig.model().connect(new sluicegate.sim.unit.Devices() {
                @Override
                public boolean invalidate(int sid, int pasid, boolean global, long address, long size) {
                    inside.countDown();
                    try {
                        return leave.await(10, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        return false;
                    }
                }

                @Override
                public void respond(int sid, int pasid, int group, int code) { }
            });
            var slow = new Thread(() -> unit.invalidator().device(MISSING, Pasid.NONE));
            var fast = new Thread(() -> unit.invalidator().asid(1));
            slow.start();
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            fast.start();
            fast.join(10_000);
            boolean done = !fast.isAlive() && slow.isAlive();
            leave.countDown();
            slow.join(10_000);
            assertThat(done).isTrue();
        }
    }

    // Where they can't be used

    private static void assertFallsBack(Rig rig, UnaryOperator<RegisterWindow> view) {
        long without;
        try (var plain = Rig.full()) {
            plain.start();
            without = plain.arena().allocatedBytes();
        }
        var unit = rig.registers(view).start();
        assertThat(unit.enhancedQueues()).isZero();
        unit.invalidator().asid(1);
        assertThat(rig.registers().read32(CmdqProdRegister.OFFSET)).as("the command queue is used").isPositive();
        assertThat(rig.arena().allocatedBytes()).isEqualTo(without);
    }

    @Test
    void pagesThatAreOffOrOutOfReachOrInMemoryAreLeftAlone() {
        var page1 = CmdqControlPageBaseRegister.STRIDE;
        try (var rig = Rig.enhanced(1)) {
            assertFallsBack(rig, real -> WindowFilter.never(WindowFilter.never(real, CmdqControlPageStatusRegister.OFFSET, 1),
                    CmdqControlPageStatusRegister.OFFSET + page1, 1));
        }
        try (var rig = Rig.enhanced(1)) {
            assertFallsBack(rig, real -> new WindowFilter(real) {
                @Override
                public long size() {
                    return PAGES_AT;
                }
            });
        }
        try (var rig = Rig.enhanced(1)) {
            var unit = rig.registers(real -> WindowFilter.never(real, CmdqControlPageBaseRegister.OFFSET, 1)).start();
            assertThat(unit.enhancedQueues()).as("those of the other page").isEqualTo(2);
            unit.invalidator().asid(1);
        }
    }

    @Test
    void aQueueThatIsNotSwitchedOnLeavesTheCommandQueue() {
        try (var rig = Rig.enhanced(1)) {
            int last = place(3, 1) + EcmdqConsRegister.OFFSET;
            assertFallsBack(rig, real -> WindowFilter.never(real, last, EcmdqConsRegister.ENACK.mask()));
            assertThat(isOn(rig, place(0, 1))).as("the others are off again").isFalse();
        }
    }

    @Test
    void identificationThatThereCannotBeIsRefused() {
        try (var rig = Rig.enhanced(1)) {
            rig.registers(real -> WindowFilter.changed(real, Idr6Register.OFFSET, idr6 -> 9 << 16));
            assertErrno(Errno.ENODEV, rig::start);
        }
    }

    // Drivers that come and go

    @ParameterizedTest
    @EnumSource(LeavePolicy.class)
    void aDriverThatLeavesSwitchesAllOffAndTheNextOneUsesThem(LeavePolicy policy) {
        try (var rig = Rig.enhanced(1)) {
            var first = rig.start();
            long bound = rig.arena().allocatedBytes();
            UnitLifeTest.translating(rig, first, 0x10);
            first.leave(policy);
            for (int i = 0; i < 4; i++) {
                assertThat(isOn(rig, place(i, 1))).isFalse();
            }
            var second = rig.start();
            assertThat(second.enhancedQueues()).isEqualTo(4);
            second.adopted();
            assertThat(rig.arena().allocatedBytes()).isEqualTo(bound);
            UnitLifeTest.translating(rig, second, 0x10);
        }
    }

    /** A driver that died: on, stopped by an error, about to be switched on, pointing anywhere, with indices that mean nothing. */
    @Test
    void queuesMayBeFoundInAnyState() {
        try (var rig = Rig.enhanced(1)) {
            var registers = rig.registers();
            for (int i = 0; i < 4; i++) {
                registers.write64(place(i, 1), i == 3 ? 0x7fff_ffff_f003L : 0x10_0003);
                registers.write32(place(i, 1) + EcmdqProdRegister.OFFSET, EN | i);
            }
            assertThat(GerrorRegister.CMDQP_ERR.isSet(registers.read32(GerrorRegister.OFFSET))).isTrue();
            registers.write32(place(1, 1) + EcmdqProdRegister.OFFSET, EN | ERR | 0xf_ffff);
            var seen = new HashSet<Integer>();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == Cr1Register.OFFSET) {
                        Set.of(0, 1, 2, 3).forEach(i -> seen.add(isOn(rig, place(i, 1)) ? 1 : 0));
                    }
                    super.write32(offset, value);
                }
            });
            var unit = rig.start();
            assertThat(seen).as("attributes of queues can only be set while all are off").containsExactly(0);
            assertThat(Cr1Register.QUEUE_SH.get(registers.read32(Cr1Register.OFFSET))).isEqualTo(3);
            assertThat(unit.enhancedQueues()).isEqualTo(4);
            for (int i = 0; i < 4; i++) {
                int place = place(i, 1);
                assertThat((prod(rig, place) ^ cons(rig, place)) & ERR).isZero();
                assertThat(isOn(rig, place)).isTrue();
            }
            unit.invalidator().asid(1);
        }
    }

    @Test
    void anErrorBitThatStaysIsAcknowledgedBeforeTheQueueIsSwitchedOn() {
        try (var rig = Rig.enhanced(0)) {
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    super.write32(offset, offset == place(0, 0) + EcmdqConsRegister.OFFSET || offset == place(1, 0) + EcmdqConsRegister.OFFSET
                            ? value | ERR : value);
                }
            });
            var unit = rig.start();
            unit.invalidator().asid(1);
            assertErrno(Errno.EINVAL, () -> mine(unit).run(ILLEGAL, 0));
            assertThat(prod(rig, place(0, 0)) & cons(rig, place(1, 0)) & EN).isNotZero();
        }
    }

    @Test
    void aQueueThatIsNotSwitchedOffKeepsTheUnitFromStarting() {
        try (var rig = Rig.enhanced(1)) {
            rig.registers().write32(place(2, 1) + EcmdqProdRegister.OFFSET, EN);
            rig.registers(real -> WindowFilter.always(real, place(2, 1) + EcmdqConsRegister.OFFSET, EcmdqConsRegister.ENACK.mask()));
            assertErrno(Errno.ETIMEDOUT, rig::start);
            assertThat(rig.arena().allocatedBytes()).isZero();
        }
    }

    @Test
    void registersOfPagesAndQueuesAreShown() {
        try (var rig = Rig.enhanced(1)) {
            var unit = rig.start();
            assertThat(unit.registers()).extracting(DecodedRegister::name).contains("SMMU_IDR6", "SMMU_CMDQ_CONTROL_PAGE_BASE1",
                    "SMMU_ECMDQ_BASE0", "SMMU_ECMDQ_PROD3", "SMMU_ECMDQ_CONS3");
            unit.leave(LeavePolicy.BLOCK);
            assertThat(rig.start().registers()).filteredOn(register -> register.name().equals("SMMU_ECMDQ_PROD2"))
                    .singleElement().satisfies(register -> assertThat(register.offset()).isEqualTo(place(2, 1) + 8));
        }
        try (var rig = Rig.full()) {
            assertThat(rig.start().registers()).extracting(DecodedRegister::name).noneMatch(name -> name.contains("ECMDQ_"));
        }
    }

    @Test
    void rangesOfManyPagesGoInSeveralSubmissions() {
        try (var rig = Rig.enhanced(0)) {
            var unit = rig.idr3(sluicegate.spec.smmuv3.Idr3Register.RIL, 0).start();
            unit.invalidator().stage1Range(3, 0, (400 << 12) - 1, 4096, true);
            int place = place((int) Thread.currentThread().getId() & 1, 0);
            int index = prod(rig, place) & 0x1ff;
            assertThat(index).as("in a ring of 256").isEqualTo(cons(rig, place) & 0x1ff);
            assertErrno(Errno.EINVAL, () -> mine(unit).run(new long[] {CommandOpcode.TLBI_NSNH_ALL, 0, ILLEGAL, 0}, 2));
        }
    }
}
