package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.hw.common.Patience;
import sluicegate.hw.common.rig.SharedQueue;
import sluicegate.hw.common.rig.WindowFilter;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.spec.amdvi.CommandBufferTailRegister;
import sluicegate.spec.amdvi.CommandCode;
import sluicegate.spec.amdvi.ControlRegister;

class CommandBufferTest {
    private static final int BROKEN = 0x0666;

    private final HeapMemory memory;
    private final UnitArena arena;
    private final ScriptedUnit unit;
    private final AtomicLong clock = new AtomicLong();

    CommandBufferTest() {
        var map = new AddressMap(List.of(new AddressMap.Range(0, 4 << 20)));
        memory = new HeapMemory(map);
        arena = new UnitArena("ivhd0", memory, new PageAllocator(map, List.of()));
        unit = new ScriptedUnit(memory);
        unit.write64(ControlRegister.OFFSET, ControlRegister.IOMMUEN.mask());
    }

    private CommandBuffer buffer(Patience patience) {
        var window = new AmdviWindow("ivhd0", unit, patience);
        var buffer = new CommandBuffer(window, memory, arena);
        var log = new EventLog(window, memory, arena, new Sink(), buffer.errors());
        log.ring().start();
        buffer.errors().readEventsWith(log::drain);
        return buffer;
    }

    /** Its clock goes a millisecond with each look, so that no test waits. */
    private CommandBuffer buffer() {
        return buffer(new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L)));
    }

    @Test
    void theRingGoesRoundManyTimes() {
        var buffer = buffer();
        for (int i = 0; i < 2000; i++) {
            buffer.run(Commands.deviceEntry(i), 0);
        }
        assertThat(unit.take()).hasSize(2000).allMatch(command -> command.code() == CommandCode.INVALIDATE_DEVTAB_ENTRY);
        assertThat(unit.waits).isEqualTo(2000);
    }

    @Test
    void aBatchHasOneCompletionWait() {
        var buffer = buffer();
        long ticket = buffer.take(CommandBuffer.most());
        for (int i = 0; i < CommandBuffer.most(); i++) {
            buffer.put(ticket, i, Commands.deviceEntry(i), 0);
        }
        buffer.finish(ticket, CommandBuffer.most(), false);
        assertThat(unit.take()).hasSize(CommandBuffer.most());
        assertThat(unit.waits).isEqualTo(1);
    }

    @Test
    void manyThreadsShareOneCompletionWait() throws Exception {
        var buffer = buffer(Patience.ofMillis(20_000));
        // The owner has its slot and does not publish yet; meanwhile others take theirs.
        long owner = buffer.take(1);
        var others = new ArrayList<Long>();
        for (int i = 0; i < 3; i++) {
            others.add(buffer.take(1));
        }
        assertThat(owner & 1).as("nobody published").isZero();
        assertThat(others).allMatch(ticket -> (ticket & 1) == 1);
        for (long ticket : others) {
            buffer.put(ticket, 0, Commands.deviceEntry((int) (ticket >>> 1)), 0);
        }
        buffer.put(owner, 0, Commands.deviceEntry(0x100), 0);
        buffer.finish(owner, 1, false);
        for (long ticket : others) {
            buffer.finish(ticket, 1, false);
        }
        assertThat(unit.waits).isEqualTo(1);
        assertThat(unit.take()).extracting(command -> (int) command.low()).containsExactly(0x100, 1, 2, 3);
    }

    @Test
    void aRefusedCommandIsAnErrorOfItsSubmitterAndTheBufferGoesOn() {
        var buffer = buffer();
        unit.refuse(command -> command.code() == 0xf);
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> buffer.run(0xf000_0000_0000_0001L, 0))
                .withMessageContaining("0xf000000000000001").matches(e -> e.errno() == Errno.EINVAL);
        for (int i = 0; i < 1000; i++) {
            buffer.run(Commands.deviceEntry(1), 0);
        }
        assertThat(unit.take()).hasSize(1000);
    }

    @Test
    void oneOfSeveralThatIsRefusedFailsThemTogether() {
        var buffer = buffer();
        unit.refuse(command -> command.code() == 0xf);
        long good = Commands.deviceEntry(1);
        assertErrno(Errno.EINVAL, () -> buffer.run(new long[] {good, 0, 0xf000_0000_0000_0001L, 0, good, 0}, 3));
        buffer.run(new long[] {good, 0, good, 0}, 2);
        assertThat(unit.take()).hasSize(4);
    }

    @Test
    void whatTheLogDoesNotTellTheHeadDoes() {
        var buffer = buffer();
        unit.logNothing();
        unit.refuse(command -> command.code() == 0xf);
        assertErrno(Errno.EINVAL, () -> buffer.run(0xf000_0000_0000_0001L, 0));
        buffer.run(Commands.deviceEntry(1), 0);
        assertThat(unit.take()).hasSize(1);
    }

    @Test
    void theCommandsBehindARefusedOneAreCarriedOut() {
        var buffer = buffer();
        unit.refuse(command -> command.code() == 0xf);
        long ticket = buffer.take(3);
        buffer.put(ticket, 0, Commands.deviceEntry(1), 0);
        buffer.put(ticket, 1, 0xf000_0000_0000_0000L, 0);
        buffer.put(ticket, 2, Commands.deviceEntry(2), 0);
        assertErrno(Errno.EINVAL, () -> buffer.finish(ticket, 3, false));
        assertThat(unit.take()).extracting(command -> (int) command.low()).containsExactly(1, 2);
    }

    @Test
    void whatCannotBeReadOnceIsReadAgain() {
        var buffer = buffer();
        var attempts = new AtomicInteger();
        unit.failToRead(command -> command.code() == CommandCode.INVALIDATE_DEVTAB_ENTRY && attempts.incrementAndGet() < 3);
        buffer.run(Commands.deviceEntry(1), 0);
        assertThat(unit.take()).hasSize(1);
    }

    @Test
    void whatCanNeverBeReadIsAnErrorAndTheBufferGoesOn() {
        var buffer = buffer();
        unit.failToRead(command -> command.low() == Commands.deviceEntry(BROKEN));
        assertErrno(Errno.EIO, () -> buffer.run(Commands.deviceEntry(BROKEN), 0));
        buffer.run(Commands.deviceEntry(1), 0);
        assertThat(unit.take()).hasSize(1);
    }

    @Test
    void aDeviceThatDoesNotAnswerIsATimeOutOfWhoAskedIt() {
        var buffer = buffer();
        unit.leaveUnanswered(command -> command.code() == CommandCode.INVALIDATE_IOTLB_PAGES);
        long ticket = buffer.take(1);
        buffer.put(ticket, 0, Commands.deviceTlb(BROKEN, 32, -1), Commands.wholeDeviceTlbHigh(-1));
        assertErrno(Errno.ETIMEDOUT, () -> buffer.finish(ticket, 1, true));
        buffer.run(Commands.deviceEntry(1), 0);
    }

    @Test
    void aUnitThatCompletesNothingIsATimeOut() {
        var buffer = buffer();
        unit.hold(true);
        assertErrno(Errno.ETIMEDOUT, () -> buffer.run(Commands.deviceEntry(1), 0));
        unit.hold(false);
        buffer.run(Commands.deviceEntry(2), 0);
        assertThat(unit.take()).hasSize(2);
    }

    /** The unit stands still for longer than one of them waits, and goes on before the other has waited as long. */
    @Test
    @Timeout(20)
    void whoGivesUpTakesNothingFromWhoStillWaits() throws Exception {
        var looks = new AtomicInteger();
        var buffer = buffer(new Patience(1_000_000_000L, () -> {
            looks.incrementAndGet();
            return clock.get();
        }));
        unit.hold(true);
        var pool = Executors.newFixedThreadPool(2);
        try {
            var first = pool.submit(() -> buffer.run(Commands.deviceEntry(1), 0));
            awaitTail(2, looks);
            clock.set(900_000_000L);
            var second = pool.submit(() -> buffer.run(Commands.deviceEntry(2), 0));
            awaitTail(4, looks);
            clock.set(1_100_000_000L);
            assertThatExceptionOfType(ExecutionException.class).isThrownBy(first::get).havingCause()
                    .isInstanceOfSatisfying(IommuException.class, e -> assertThat(e.errno()).isEqualTo(Errno.ETIMEDOUT));
            assertThat(second.isDone()).isFalse();
            unit.hold(false);
            second.get();
            buffer.run(Commands.deviceEntry(3), 0);
            assertThat(unit.take()).as("each once, in their order").extracting(command -> (int) command.low()).containsExactly(1, 2, 3);
        } finally {
            unit.hold(false);
            pool.shutdownNow();
        }
    }

    /** Until so many commands are published and somebody has looked at the clock since. */
    private void awaitTail(int commands, AtomicInteger looks) {
        while (unit.get(CommandBufferTailRegister.OFFSET) != commands * 16L) {
            Thread.onSpinWait();
        }
        int before = looks.get();
        while (looks.get() < before + 2) {
            Thread.onSpinWait();
        }
    }

    @Test
    @Timeout(20)
    void aTailThatCouldNotBeWrittenDoesNotHoldUpTheNext() {
        var buffer = buffer();
        unit.loseTailWrite();
        assertErrno(Errno.EIO, () -> buffer.run(Commands.deviceEntry(1), 0));
        buffer.run(Commands.deviceEntry(2), 0);
        assertThat(unit.take()).as("both, since the tail passes over the first as well").hasSize(2);
    }

    @Test
    void aBufferThatStaysFullIsAnError() {
        var buffer = buffer(new Patience(2_000_000L, () -> clock.addAndGet(1_000_000L)));
        unit.hold(true);
        for (int i = 0; i < 255; i++) {
            assertErrno(Errno.ETIMEDOUT, () -> buffer.run(Commands.deviceEntry(1), 0));
        }
        assertErrno(Errno.EIO, () -> buffer.run(Commands.deviceEntry(1), 0));
        unit.hold(false);
        buffer.run(Commands.deviceEntry(2), 0);
        assertThat(unit.take()).as("nothing is lost, nothing is doubled").hasSize(256);
    }

    @Test
    void threadsShareTheBufferAndOnlyTheOffenderFails() throws Exception {
        var buffer = buffer(Patience.ofMillis(20_000));
        unit.refuse(command -> command.code() == 0xf);
        SharedQueue.onlyTheOffenderFails(800, 16, round -> buffer.run(Commands.deviceEntry(round), 0),
                round -> buffer.run(0xf000_0000_0000_0000L, 0));
        assertThat(unit.take()).hasSize(4 * 800 - 50);
    }

    @Test
    void aUnitThatDoesNotStartGetsNoMemory() {
        var deaf = new WindowFilter(unit) {
            @Override
            public void write64(long offset, long value) {
                if (offset != ControlRegister.OFFSET) {
                    super.write64(offset, value);
                }
            }
        };
        var window = new AmdviWindow("ivhd0", deaf, new Patience(1_000_000_000L, () -> clock.addAndGet(1_000_000L)));
        assertErrno(Errno.ETIMEDOUT, () -> new CommandBuffer(window, memory, arena));
        assertThat(arena.allocatedBytes()).isZero();
    }

    static void assertErrno(Errno errno, Runnable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call::run)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }
}
