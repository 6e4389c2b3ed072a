package sluicegate.hw.amdvi;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.Interrupts;
import sluicegate.api.platform.RegisterWindow;
import sluicegate.hw.common.Patience;
import sluicegate.spec.amdvi.StatusRegister;

/** The interrupt of a unit. */
class UnitInterruptTest {
    /** A unit with nothing but a status register. */
    private static final class Status implements RegisterWindow {
        private final AtomicLong bits = new AtomicLong();

        @Override
        public long size() {
            return 0x4000;
        }

        @Override
        public int read32(long offset) {
            return (int) bits.get();
        }

        @Override
        public void write32(long offset, int value) {
            bits.updateAndGet(old -> old & ~(long) value);
        }

        @Override
        public long read64(long offset) {
            return bits.get();
        }

        @Override
        public void write64(long offset, long value) {
            bits.updateAndGet(old -> old & ~value);
        }
    }

    private record Vector(long address, int data) implements Interrupts.Vector {
        @Override
        public void close() {
        }
    }

    @Test
    void whoRunsItsHandlerWaitsForTheRunThatHasTakenTheEvent() throws Exception {
        var status = new Status();
        var handlers = new ArrayList<Runnable>();
        var interrupt = new UnitInterrupt(new AmdviWindow("ivhd0", status, Patience.ofMillis(1)),
                new AmdviCapabilities(0, 0, 6, false, false, 0), new UnitFunction(Optional.empty(), Map.of()));
        var atWork = new CountDownLatch(1);
        var mayReport = new CountDownLatch(1);
        var reported = new AtomicBoolean();
        interrupt.open((name, handler) -> {
            handlers.add(handler);
            return new Vector(0xfee0_0000L, 0x30);
        }, () -> {
            atWork.countDown();
            await(mayReport);
            reported.set(true);
        });
        status.bits.set(StatusRegister.EVENTLOGINT.mask());
        var first = CompletableFuture.runAsync(handlers.get(0));
        await(atWork);
        var second = new Thread(handlers.get(0));
        second.start();
        while (second.getState() != Thread.State.BLOCKED && second.getState() != Thread.State.TERMINATED) {
            Thread.onSpinWait();
        }
        assertThat(second.getState()).as("nothing is pending, and nothing is reported").isEqualTo(Thread.State.BLOCKED);
        mayReport.countDown();
        second.join(10_000);
        assertThat(reported).isTrue();
        first.get(10, TimeUnit.SECONDS);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
