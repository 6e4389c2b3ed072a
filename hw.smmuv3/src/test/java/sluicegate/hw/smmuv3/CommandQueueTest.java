package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.hw.smmuv3.Rig.assertErrno;

import java.util.ArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.hw.common.rig.SharedQueue;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.spec.smmuv3.CmdqConsRegister;
import sluicegate.spec.smmuv3.CmdqProdRegister;
import sluicegate.spec.smmuv3.CommandOpcode;
import sluicegate.spec.smmuv3.GerrorNRegister;
import sluicegate.spec.smmuv3.GerrorRegister;
import sluicegate.spec.smmuv3.Idr0Register;

class CommandQueueTest {
    private static final int BROKEN = 0x18;
    private static final long ILLEGAL = 0xff;

    private static Rig rig(boolean messages) {
        return Rig.full().idr0(Idr0Register.MSI, messages ? 1 : 0);
    }

    private static CommandQueue queue(Smmuv3Unit unit) {
        return unit.invalidator().queues().mine();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theRingGoesRoundManyTimes(boolean messages) {
        try (var rig = rig(messages)) {
            var unit = rig.start();
            for (int i = 0; i < 5000; i++) {
                unit.invalidator().asid(2);
            }
            assertThat(rig.registers().read32(CmdqProdRegister.OFFSET)).isEqualTo(rig.registers().read32(CmdqConsRegister.OFFSET));
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRefusedCommandIsAnErrorOfItsSubmitterAndTheQueueGoesOn(boolean messages) {
        try (var rig = rig(messages)) {
            var unit = rig.start();
            assertThatExceptionOfType(IommuException.class).isThrownBy(() -> queue(unit).run(ILLEGAL, 0x1234_5000))
                    .withMessageContaining("0xff 0x12345000").withMessageContaining("CERROR_ILL")
                    .matches(e -> e.errno() == Errno.EINVAL);
            assertErrno(Errno.EINVAL, () -> queue(unit).run(Commands.stream(3) | 1 << 10, 0));
            assertThat(rig.registers().read32(GerrorRegister.OFFSET)).as("acknowledged")
                    .isEqualTo(rig.registers().read32(GerrorNRegister.OFFSET));
            for (int i = 0; i < 3000; i++) {
                unit.invalidator().asid(2);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void oneOfSeveralThatIsRefusedFailsThemTogetherAndTheQueueGoesOn(boolean messages) {
        try (var rig = rig(messages)) {
            var queue = queue(rig.start());
            long good = Commands.tlb(CommandOpcode.TLBI_NH_ASID, 0, 2);
            assertErrno(Errno.EINVAL, () -> queue.run(new long[] {good, 0, ILLEGAL, 0, good, 0}, 3));
            queue.run(new long[] {good, 0, good, 0, good, 0}, 3);
            assertThat(CmdqConsRegister.RD.get(rig.registers().read32(CmdqConsRegister.OFFSET)))
                    .isEqualTo(rig.registers().read32(CmdqProdRegister.OFFSET));
        }
    }

    /** A SYNC that is refused itself is replaced by one that sends no message. */
    @Test
    void aRefusedSyncIsSeenAllTheSame() {
        try (var rig = rig(true)) {
            var unit = rig.start();
            long ticket = queue(unit).take(2);
            queue(unit).put(ticket, 0, Commands.sync() | 3 << 12, 0);
            assertErrno(Errno.EINVAL, () -> queue(unit).finish(ticket, 2));
            unit.invalidator().asid(2);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aDeviceThatDoesNotAnswerIsATimeOutOfWhoAskedIt(boolean messages) {
        try (var rig = rig(messages)) {
            var unit = rig.start();
            rig.devicesAnswer = false;
            assertThatExceptionOfType(IommuException.class).isThrownBy(() -> unit.invalidator().device(BROKEN, Pasid.NONE))
                    .withMessageContaining("CERROR_ATC_INV_SYNC").matches(e -> e.errno() == Errno.ETIMEDOUT);
            unit.invalidator().asid(2);
            rig.devicesAnswer = true;
            unit.invalidator().device(BROKEN, Pasid.NONE);
            assertThat(rig.toDevices).hasSize(2);
        }
    }

    @Test
    void aFetchThatFailsIsTriedAgain() {
        try (var rig = rig(true)) {
            var pretended = new AtomicBoolean();
            var shown = new AtomicInteger();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == CmdqProdRegister.OFFSET && pretended.get()) {
                        return;
                    }
                    if (offset == GerrorNRegister.OFFSET && pretended.getAndSet(false)) {
                        // The fetch works now: what was written is carried out.
                        super.write32(CmdqProdRegister.OFFSET, shown.get());
                        return;
                    }
                    super.write32(offset, value);
                }

                @Override
                public int read32(long offset) {
                    int value = super.read32(offset);
                    if (pretended.get()) {
                        return offset == GerrorRegister.OFFSET ? value ^ 1 : offset == CmdqConsRegister.OFFSET ? value | 2 << 24
                                : value;
                    }
                    return value;
                }
            });
            var unit = rig.start();
            shown.set(rig.registers().read32(CmdqProdRegister.OFFSET) + 2);
            pretended.set(true);
            unit.invalidator().asid(2);
            assertThat(pretended).isFalse();
        }
    }

    @Test
    void aQueueThatStaysFullIsATimeOutAndNothingIsTaken() {
        try (var rig = rig(true)) {
            var deaf = new AtomicBoolean();
            rig.registers(real -> WindowFilter.deaf(real, CmdqProdRegister.OFFSET, deaf));
            var unit = rig.start();
            deaf.set(true);
            int most = queue(unit).most();
            long ticket = queue(unit).take(most);
            for (int i = 0; i < most - 1; i++) {
                queue(unit).put(ticket, i, Commands.of(CommandOpcode.TLBI_NSNH_ALL), 0);
            }
            assertErrno(Errno.ETIMEDOUT, () -> queue(unit).finish(ticket, most));
            assertErrno(Errno.ETIMEDOUT, () -> unit.invalidator().asid(1));
            deaf.set(false);
            rig.registers().write32(CmdqProdRegister.OFFSET, (int) (ticket >>> 1) + most);
            unit.invalidator().asid(1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void threadsShareTheQueueAndOnlyTheOffenderFails(boolean messages) throws Exception {
        try (var rig = rig(messages)) {
            assertOnlyOffendersFail(rig.startInRealTime(), 4, 1);
        }
    }

    /** Threads invalidate at the same time, some of them with commands that hardware refuses; everybody has the errors of his own. */
    static void assertOnlyOffendersFail(Smmuv3Unit unit, int threads, int offenders) throws Exception {
        SharedQueue.onlyOffendersFail(threads, offenders, 400, 8,
                round -> unit.invalidator().stage1Range(3, 0, (round % 90 << 12) + 4095, 4096, true),
                round -> queue(unit).run(ILLEGAL, round));
    }

    /** While one thread publishes, others only fill slots: the register is written less often than there are submissions. */
    @Test
    void oneThreadPublishesForMany() throws Exception {
        try (var rig = rig(true)) {
            var writes = new AtomicInteger();
            var held = new AtomicBoolean();
            rig.registers(real -> new WindowFilter(real) {
                @Override
                public void write32(long offset, int value) {
                    if (offset == CmdqProdRegister.OFFSET) {
                        writes.incrementAndGet();
                        while (held.get()) {
                            Thread.onSpinWait();
                        }
                    }
                    super.write32(offset, value);
                }
            });
            var unit = rig.startInRealTime();
            writes.set(0);
            held.set(true);
            var pool = Executors.newFixedThreadPool(6);
            try {
                var first = pool.submit(() -> unit.invalidator().asid(1));
                while (writes.get() == 0) {
                    Thread.onSpinWait();
                }
                long taken = queue(unit).take(2) >>> 1;
                var others = new ArrayList<java.util.concurrent.Future<?>>();
                for (int i = 0; i < 4; i++) {
                    others.add(pool.submit(() -> unit.invalidator().asid(2)));
                }
                // Ours is the first of the next round: the others have taken their slots behind it.
                queue(unit).put(taken << 1, 0, Commands.of(CommandOpcode.TLBI_NSNH_ALL), 0);
                while (!queue(unit).hasTaken(taken + 2 + 8)) {
                    Thread.onSpinWait();
                }
                held.set(false);
                queue(unit).finish(taken << 1, 2);
                first.get();
                for (var other : others) {
                    other.get();
                }
                assertThat(writes.get()).isEqualTo(2);
            } finally {
                held.set(false);
                pool.shutdownNow();
            }
        }
    }
}
