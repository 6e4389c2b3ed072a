package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.IommuException;
import sluicegate.sim.unit.Devices;
import sluicegate.spec.smmuv3.CmdqControlPageBaseRegister;
import sluicegate.spec.smmuv3.CmdqControlPageCfgRegister;
import sluicegate.spec.smmuv3.CmdqControlPageStatusRegister;
import sluicegate.spec.smmuv3.CommandError;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Cr1Register;
import sluicegate.spec.smmuv3.EcmdqBaseRegister;
import sluicegate.spec.smmuv3.EcmdqConsRegister;
import sluicegate.spec.smmuv3.EcmdqProdRegister;
import sluicegate.spec.smmuv3.GerrorIrqCfg0Register;
import sluicegate.spec.smmuv3.GerrorIrqCfg1Register;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr6Register;
import sluicegate.spec.smmuv3.IrqCtrlRegister;
import sluicegate.spec.smmuv3.Smmuv3Registers;
import sluicegate.spec.smmuv3.SyncCommand;
import sluicegate.spec.smmuv3.TlbiNhVaCommand;

/** Enhanced command queues (3.5.6): pages, switching on and off, errors, and that queues have nothing to do with each other. */
class EnhancedCommandQueueTest {
    private static final long MESSAGE = 0x60_0000;
    private static final int PAGES = 2;
    private static final int QUEUES = 4;
    private static final int SPACING = 0x10000 / QUEUES;
    private static final long EN = EcmdqProdRegister.EN.mask();
    private static final long ENACK = EcmdqConsRegister.ENACK.mask();
    private static final long ERR = EcmdqConsRegister.ERR.mask();
    private static final long CMDQP = GerrorRegister.CMDQP_ERR.mask();

    private final Rig rig = new Rig(Smmuv3Capabilities.FULL.withEnhancedQueues(1, 2));

    @AfterEach
    void close() {
        rig.close();
    }

    /** One queue, driven by hand. */
    private final class Queue {
        private final int registers;
        private final long ring;
        private int producer;
        private long acknowledged;

        /** Programs a queue of 2^3 entries; it is off. */
        Queue(int number) {
            registers = Smmuv3Registers.WINDOW_BYTES + number / QUEUES * 0x10000 + number % QUEUES * SPACING;
            ring = 0x70_0000 + number * 0x1000L;
            rig.write64(registers + EcmdqBaseRegister.OFFSET, ring | Rig.QUEUE_BITS);
        }

        Queue on() {
            prod(EN);
            return this;
        }

        void prod(long bits) {
            rig.write(registers + EcmdqProdRegister.OFFSET, bits | producer);
        }

        long prod() {
            return rig.read(registers + EcmdqProdRegister.OFFSET);
        }

        long cons() {
            return rig.read(registers + EcmdqConsRegister.OFFSET);
        }

        void put(long low, long high) {
            long slot = ring + (producer & (1 << Rig.QUEUE_BITS) - 1) * 16L;
            rig.memory.set64(slot, low);
            rig.memory.set64(slot + 8, high);
            producer = producer + 1 & (1 << Rig.QUEUE_BITS + 1) - 1;
        }

        void command(long low, long high) {
            put(low, high);
            prod(EN | acknowledged);
        }

        boolean done() {
            return EcmdqConsRegister.RD.get(cons()) == producer;
        }

        boolean stopped() {
            return ((prod() ^ cons()) & ERR) != 0;
        }

        CommandError reason() {
            return CommandError.of(EcmdqConsRegister.ERR_REASON.get(cons())).orElseThrow();
        }

        void acknowledge() {
            acknowledged = cons() & ERR;
            prod(EN | acknowledged);
        }

        /** Puts something harmless in place of the command that can't be carried out. */
        void replace() {
            long slot = ring + (EcmdqConsRegister.RD.get(cons()) & (1 << Rig.QUEUE_BITS) - 1) * 16;
            rig.memory.set64(slot, sync(SyncCommand.CS_NONE));
            rig.memory.set64(slot + 8, 0);
        }
    }

    private static long sync(int signal) {
        return SyncCommand.CS.set(CommandOpcode.SYNC, signal);
    }

    private static long message(int data) {
        return SyncCommand.MSIDATA.set(sync(SyncCommand.CS_IRQ), data);
    }

    private boolean reported() {
        return ((rig.read(GerrorRegister.OFFSET) ^ rig.read(GerrorNRegister.OFFSET)) & CMDQP) != 0;
    }

    private void acknowledgeGlobally() {
        rig.write(GerrorNRegister.OFFSET, rig.read(GerrorRegister.OFFSET));
    }

    // Pages

    @Test
    void identificationSaysHowManyThereAreAndWhere() {
        assertThat(Idr1Register.ECMDQ.isSet(rig.read(Idr1Register.OFFSET))).isTrue();
        assertThat(rig.read(Idr6Register.OFFSET)).isEqualTo(1 << 24 | 2 << 16);
        for (int page = 0; page < PAGES; page++) {
            int behind = 32 * page;
            assertThat(rig.read64(CmdqControlPageBaseRegister.OFFSET + behind)).isEqualTo(0x2_0003 + page * 0x1_0000);
            assertThat(rig.read(CmdqControlPageCfgRegister.OFFSET + behind)).isEqualTo(1);
            assertThat(rig.read(CmdqControlPageStatusRegister.OFFSET + behind)).isEqualTo(1);
            rig.write(CmdqControlPageCfgRegister.OFFSET + behind, 0);
            assertThat(rig.read(CmdqControlPageStatusRegister.OFFSET + behind)).as("read-only").isEqualTo(1);
        }
        assertThat(rig.read64(CmdqControlPageBaseRegister.OFFSET + 32 * PAGES)).as("no more").isZero();
        assertThat(rig.unit.registers().size()).isEqualTo(0x4_0000);
    }

    @Test
    void aUnitWithoutThemHasNoneOfTheirRegisters() {
        try (var plain = new Rig()) {
            assertThat(Idr1Register.ECMDQ.isSet(plain.read(Idr1Register.OFFSET))).isFalse();
            plain.write(GerrorNRegister.OFFSET, CMDQP);
            plain.write(CmdqControlPageCfgRegister.OFFSET, 1);
            assertThat(plain.read(Idr6Register.OFFSET)).isZero();
            assertThat(plain.read64(CmdqControlPageBaseRegister.OFFSET)).isZero();
            assertThat(plain.read(CmdqControlPageCfgRegister.OFFSET)).isZero();
            assertThat(plain.read(GerrorNRegister.OFFSET)).isZero();
            assertThatThrownBy(() -> plain.read(Smmuv3Registers.WINDOW_BYTES)).isInstanceOf(IommuException.class)
                    .hasMessageContaining("outside its register window");
        }
    }

    @Test
    void identificationThatContradictsItselfIsRefused() {
        var full = Smmuv3Capabilities.FULL;
        assertThatThrownBy(() -> Rig.withIdr0(Idr0Register.MSI, 0).withEnhancedQueues(0, 0)).hasMessageContaining("COHACC and MSI");
        assertThatThrownBy(() -> Rig.withIdr0(Idr0Register.COHACC, 0).withEnhancedQueues(0, 0)).hasMessageContaining("COHACC and MSI");
        assertThatThrownBy(() -> full.withEnhancedQueues(9, 0)).hasMessageContaining("2^8");
        assertThatThrownBy(() -> new Smmuv3Capabilities(full.idr0(), full.idr1(), full.idr3(), full.idr5(), 2, 1 << 16))
                .hasMessageContaining("IDR1.ECMDQ");
    }

    @Test
    void allQueuesAreThereAndNothingBetweenThem() {
        for (int i = 0; i < PAGES * QUEUES; i++) {
            new Queue(i).on().command(message(i + 1), MESSAGE + 4 * i);
        }
        for (int i = 0; i < PAGES * QUEUES; i++) {
            assertThat(rig.memory.get32(MESSAGE + 4 * i)).isEqualTo(i + 1);
        }
        rig.write(Smmuv3Registers.WINDOW_BYTES + 16, -1);
        assertThat(rig.read(Smmuv3Registers.WINDOW_BYTES + 16)).isZero();
    }

    // On and off

    @Test
    void aQueueIsOffOutOfResetAndWaits() {
        var queue = new Queue(0);
        assertThat(queue.prod() & (EN | ERR)).isZero();
        assertThat(queue.cons() & (ENACK | ERR)).isZero();
        queue.put(message(1), MESSAGE);
        queue.prod(0);
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        queue.on();
        assertThat(queue.cons() & ENACK).as("acknowledged").isNotZero();
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
        assertThat(queue.done()).isTrue();
    }

    @Test
    void aQueueThatIsSwitchedOffSaysSoAndConsumesNoMore() {
        var queue = new Queue(0).on();
        queue.command(message(1), MESSAGE);
        queue.put(message(2), MESSAGE);
        queue.prod(0);
        assertThat(queue.cons() & ENACK).isZero();
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
        assertThat(EcmdqConsRegister.RD.get(queue.cons())).isEqualTo(1);
        queue.on();
        assertThat(rig.memory.get32(MESSAGE)).as("it goes on where it was").isEqualTo(2);
    }

    @Test
    void baseAndConsumerCanOnlyBeWrittenWhileItIsOff() {
        var queue = new Queue(0).on();
        long base = rig.read64(queue.registers);
        rig.write64(queue.registers, 0xabc_d000L);
        rig.write(queue.registers + EcmdqConsRegister.OFFSET, 5);
        assertThat(rig.read64(queue.registers)).isEqualTo(base);
        assertThat(queue.cons()).isEqualTo(ENACK);
        queue.prod(0);
        rig.write64(queue.registers, -1);
        rig.write(queue.registers + EcmdqConsRegister.OFFSET, -1);
        assertThat(rig.read64(queue.registers)).isEqualTo(~EcmdqBaseRegister.LAYOUT.reservedMask(0));
        assertThat(queue.cons()).as("but for what hardware says").isEqualTo(~EcmdqConsRegister.LAYOUT.reservedMask(0) & ~ENACK & 0xffff_ffffL);
    }

    @Test
    void attributesOfQueuesAreFixedWhileOneIsOn() {
        var queue = new Queue(PAGES * QUEUES - 1).on();
        rig.write(Cr1Register.OFFSET, 0xfff);
        assertThat(Cr1Register.QUEUE_SH.get(rig.read(Cr1Register.OFFSET))).isZero();
        assertThat(Cr1Register.TABLE_SH.get(rig.read(Cr1Register.OFFSET))).isEqualTo(3);
        queue.prod(0);
        rig.write(Cr1Register.OFFSET, 0xfff);
        assertThat(Cr1Register.QUEUE_SH.get(rig.read(Cr1Register.OFFSET))).isEqualTo(3);
    }

    @Test
    void theRingGoesRound() {
        var queue = new Queue(1).on();
        for (int i = 0; i < 40; i++) {
            queue.command(message(i), MESSAGE);
            assertThat(rig.memory.get32(MESSAGE)).isEqualTo(i);
            assertThat(queue.done()).isTrue();
        }
    }

    // Commands and errors

    @Test
    void itTakesTheCommandsThatTheCommandQueueTakes() {
        rig.start();
        var space = rig.stage1Space();
        long place = space.page(0x1000, 0x5000 | Rig.USER);
        rig.stage1(space);
        assertThat(rig.request(0x1000, StreamAccess.READ)).isEqualTo(0x5000);
        rig.memory.set64(place, 0x6000 | Rig.USER);
        assertThat(rig.request(0x1000, StreamAccess.READ)).as("still cached").isEqualTo(0x5000);
        var queue = new Queue(0).on();
        queue.command(TlbiNhVaCommand.ASID.set(CommandOpcode.TLBI_NH_VA, Rig.ASID), 0x1000);
        queue.command(sync(SyncCommand.CS_NONE), 0);
        assertThat(rig.request(0x1000, StreamAccess.READ)).isEqualTo(0x6000);
    }

    @Test
    void anIllegalCommandStopsThatQueueUntilItIsAcknowledgedThere() {
        rig.start();
        var queue = new Queue(0).on();
        var other = new Queue(1).on();
        queue.command(sync(SyncCommand.CS_NONE), 0);
        queue.command(0xff, 0);
        queue.command(message(1), MESSAGE);
        assertThat(queue.stopped()).isTrue();
        assertThat(queue.reason()).isEqualTo(CommandError.CERROR_ILL);
        assertThat(EcmdqConsRegister.RD.get(queue.cons())).as("in front of it").isEqualTo(1);
        assertThat(queue.cons() & ENACK).as("still on").isNotZero();
        assertThat(rig.read(GerrorRegister.OFFSET)).isEqualTo(CMDQP);

        other.command(message(2), MESSAGE + 4);
        rig.command(message(3), MESSAGE + 8);
        assertThat(rig.memory.get32(MESSAGE + 4)).as("others run").isEqualTo(2);
        assertThat(rig.memory.get32(MESSAGE + 8)).as("and the command queue does").isEqualTo(3);
        acknowledgeGlobally();
        assertThat(queue.stopped()).as("that is not for SMMU_GERRORN to say").isTrue();
        assertThat(rig.memory.get32(MESSAGE)).isZero();

        queue.replace();
        queue.acknowledge();
        assertThat(queue.stopped()).isFalse();
        assertThat(queue.done()).isTrue();
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);

        queue.command(0xff, 0);
        assertThat(queue.stopped()).as("ERR is toggled back").isTrue();
        assertThat(queue.cons() & ERR).isZero();
        assertThat(reported()).isTrue();
    }

    @Test
    void anErrorOfTheCommandQueueStopsNoOther() {
        rig.start();
        var queue = new Queue(0).on();
        rig.command(0xff, 0);
        queue.command(message(1), MESSAGE);
        assertThat(rig.commandError()).isEqualTo(CommandError.CERROR_ILL.code());
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
        assertThat(reported()).isFalse();
    }

    /** Nor does switching off the command queue, or never having switched it on. */
    @Test
    void itRunsWithoutTheCommandQueue() {
        assertThat(Cr0Register.CMDQEN.isSet(rig.read(Cr0Register.OFFSET))).isFalse();
        new Queue(0).on().command(message(1), MESSAGE);
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    @Test
    void aQueueOutsideMemoryIsAFetchAbort() {
        var queue = new Queue(0);
        rig.write64(queue.registers, Rig.MEMORY | Rig.QUEUE_BITS);
        queue.on();
        queue.producer = 1;
        queue.prod(EN);
        assertThat(queue.stopped()).isTrue();
        assertThat(queue.reason()).isEqualTo(CommandError.CERROR_ABT);
        assertThat(EcmdqConsRegister.RD.get(queue.cons())).isZero();
        // Acknowledged without a remedy it fails again.
        queue.acknowledge();
        assertThat(queue.stopped()).isTrue();
    }

    @Test
    void anInvalidationThatADeviceDoesNotAnswerFailsTheSyncOfItsOwnQueue() {
        rig.start();
        var told = new AtomicInteger();
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                told.incrementAndGet();
                return false;
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) { }
        });
        var queue = new Queue(0).on();
        var other = new Queue(1).on();
        queue.command(CommandOpcode.ATC_INV, 0);
        other.command(sync(SyncCommand.CS_NONE), 0);
        rig.command(sync(SyncCommand.CS_NONE), 0);
        assertThat(told).hasValue(1);
        assertThat(other.stopped()).isFalse();
        assertThat(rig.commandsDone()).isTrue();
        queue.command(message(1), MESSAGE);
        assertThat(queue.reason()).isEqualTo(CommandError.CERROR_ATC_INV_SYNC);
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        queue.acknowledge();
        assertThat(rig.memory.get32(MESSAGE)).as("then it completes").isEqualTo(1);
    }

    @Test
    void aMessageThatMeetsNothingIsTheSameErrorAsOfTheCommandQueue() {
        var queue = new Queue(0).on();
        queue.command(sync(SyncCommand.CS_IRQ), Rig.MEMORY);
        assertThat(queue.done()).isTrue();
        assertThat(rig.read(GerrorRegister.OFFSET)).isEqualTo(GerrorRegister.MSI_CMDQ_ABT_ERR.mask());
    }

    @Test
    void aSecondErrorIsReportedOnlyWhenTheFirstReportWasAcknowledged() {
        var vectorCalls = new AtomicInteger();
        try (var vector = rig.interrupts.allocate("gerror", vectorCalls::incrementAndGet)) {
            rig.write64(GerrorIrqCfg0Register.OFFSET, vector.address());
            rig.write(GerrorIrqCfg1Register.OFFSET, vector.data());
            rig.write(IrqCtrlRegister.OFFSET, IrqCtrlRegister.GERROR_IRQEN.mask());
            var queue = new Queue(0).on();
            var other = new Queue(1).on();
            queue.command(0xff, 0);
            other.command(0xff, 0);
            rig.settleInterrupts();
            assertThat(vectorCalls).hasValue(1);
            assertThat(queue.stopped() && other.stopped()).isTrue();
            acknowledgeGlobally();
            assertThat(reported()).isFalse();
            other.replace();
            other.acknowledge();
            other.command(0xff, 0);
            rig.settleInterrupts();
            assertThat(vectorCalls).hasValue(2);
            assertThat(reported()).isTrue();
        }
    }

    /** What a driver does with a queue that it finds: off, both bits alike, on. */
    @Test
    void aQueueThatHasStoppedIsSwitchedOffAllTheSameAndStartsAfresh() {
        var queue = new Queue(0).on();
        queue.command(0xff, 0);
        assertThat(queue.stopped()).isTrue();
        queue.prod(0);
        assertThat(queue.cons() & ENACK).isZero();
        rig.write(queue.registers + EcmdqConsRegister.OFFSET, 0);
        queue.producer = 0;
        queue.prod(0);
        queue.on().command(message(1), MESSAGE);
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    /** Software may not let them differ (3.5.6.3); here such a queue rests. */
    @Test
    void anAcknowledgementOfNothingKeepsTheQueueFromRunning() {
        var queue = new Queue(0).on();
        queue.put(message(1), MESSAGE);
        queue.prod(EN | ERR);
        assertThat(rig.memory.get32(MESSAGE)).isZero();
        queue.prod(EN);
        assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
    }

    @Test
    void indicesThatNoQueueCanHaveLeaveItAlone() {
        var queue = new Queue(0).on();
        queue.producer = 12;
        queue.prod(EN);
        assertThat(queue.cons()).isEqualTo(ENACK);
    }

    // Several at once

    /** The one rings its doorbell while a command of another, and a write of another register, are at work. */
    @Test
    void oneQueueDoesNotWaitForAnother() throws Exception {
        rig.start();
        var inside = new CountDownLatch(2);
        var leave = new CountDownLatch(1);
        rig.unit.connect(new Devices() {
            @Override
            public boolean invalidate(int requesterId, int pasid, boolean global, long address, long size) {
                inside.countDown();
                try {
                    return leave.await(10, TimeUnit.SECONDS);
                } catch (InterruptedException e) {
                    return false;
                }
            }

            @Override
            public void respond(int requesterId, int pasid, int group, int code) { }
        });
        var slow = new Queue(0).on();
        var fast = new Queue(1).on();
        var pool = Executors.newFixedThreadPool(2);
        try {
            var work = pool.submit(() -> slow.command(CommandOpcode.ATC_INV, 0));
            var main = pool.submit(() -> rig.command(CommandOpcode.ATC_INV, 0));
            assertThat(inside.await(10, TimeUnit.SECONDS)).isTrue();
            fast.command(CommandOpcode.TLBI_NSNH_ALL, 0);
            fast.command(message(1), MESSAGE);
            assertThat(rig.memory.get32(MESSAGE)).isEqualTo(1);
            assertThat(work.isDone() || main.isDone()).isFalse();
            leave.countDown();
            work.get(10, TimeUnit.SECONDS);
            main.get(10, TimeUnit.SECONDS);
            assertThat(slow.done()).isTrue();
        } finally {
            leave.countDown();
            pool.shutdownNow();
        }
    }

    /**
     * Threads change a page each, have it forgotten by a queue each, and must never meet the old one again, while others'
     * invalidations and requests go on beside them.
     */
    @Test
    void whatAQueueHasForgottenStaysForgottenWhileOthersRun() throws Exception {
        rig.start();
        var space = rig.stage1Space();
        int threads = 4;
        long[] places = new long[threads];
        for (int i = 0; i < threads; i++) {
            places[i] = space.page(0x1000L * (i + 1), 0x5000 | Rig.USER);
        }
        rig.stage1(space);
        var pool = Executors.newFixedThreadPool(threads);
        try {
            var all = new ArrayList<java.util.concurrent.Future<Integer>>();
            for (int i = 0; i < threads; i++) {
                int me = i;
                var queue = new Queue(i).on();
                all.add(pool.submit(() -> {
                    int wrong = 0;
                    long iova = 0x1000L * (me + 1);
                    for (int round = 1; round <= 5_000; round++) {
                        long page = 0x5000L + (long) (round & 0xff) * 0x1000;
                        rig.request(0x1000L * (1 + (me + round) % threads), StreamAccess.READ);
                        rig.memory.set64Release(places[me], page | Rig.USER);
                        queue.put(TlbiNhVaCommand.ASID.set(CommandOpcode.TLBI_NH_VA, Rig.ASID), iova);
                        queue.command(sync(SyncCommand.CS_NONE), 0);
                        wrong += queue.done() && rig.request(iova, StreamAccess.READ) == page ? 0 : 1;
                    }
                    return wrong;
                }));
            }
            for (var one : all) {
                assertThat(one.get(20, TimeUnit.SECONDS)).isZero();
            }
        } finally {
            pool.shutdownNow();
        }
    }
}
