package sluicegate.sim.interrupt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.Interrupts.Vector;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

class InterruptControllerTest {
    private final InterruptController controller = new InterruptController("test");

    @AfterEach
    void close() {
        controller.close();
    }

    private void raise(Vector vector) {
        controller.raise(vector.address(), vector.data());
    }

    private void settle() throws InterruptedException {
        var done = new CountDownLatch(1);
        try (var vector = controller.allocate("settle", done::countDown)) {
            raise(vector);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void aMessageRunsItsHandlerOnTheMachinesThread() throws Exception {
        var thread = new CompletableFuture<Thread>();
        raise(controller.allocate("a", () -> thread.complete(Thread.currentThread())));
        var dispatcher = thread.get(10, TimeUnit.SECONDS);
        assertThat(dispatcher).isNotSameAs(Thread.currentThread());
        assertThat(dispatcher.isDaemon()).isTrue();
        controller.close();
        assertThat(dispatcher.isAlive()).isFalse();
    }

    @Test
    void anInterruptDuringItsHandlerLeadsToOneMoreRun() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        var runs = new AtomicInteger();
        var vector = controller.allocate("a", () -> {
            runs.incrementAndGet();
            entered.countDown();
            awaitQuietly(leave);
        });
        raise(vector);
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 5; i++) {
            raise(vector);
        }
        leave.countDown();
        settle();
        assertThat(runs).hasValue(2);
    }

    @Test
    void aHandlerThatFailsHarmsNobody() throws Exception {
        raise(controller.allocate("bad", () -> {
            throw new IllegalStateException("as expected by the test");
        }));
        settle();
    }

    @Test
    void closingAVectorWaitsForItsHandler() throws Exception {
        var entered = new CountDownLatch(1);
        var leave = new CountDownLatch(1);
        var vector = controller.allocate("a", () -> {
            entered.countDown();
            awaitQuietly(leave);
        });
        raise(vector);
        assertThat(entered.await(10, TimeUnit.SECONDS)).isTrue();
        var closed = CompletableFuture.runAsync(vector::close);
        assertThat(closed).isNotDone();
        leave.countDown();
        closed.get(10, TimeUnit.SECONDS);
        raise(vector);
        assertThat(controller.spurious()).isEqualTo(1);
    }

    @Test
    void aHandlerMayCloseItsOwnVector() throws Exception {
        var vector = new AtomicReference<Vector>();
        vector.set(controller.allocate("a", () -> vector.get().close()));
        raise(vector.get());
        settle();
    }

    @Test
    void messagesForNobodyAreCounted() {
        controller.raise(InterruptController.BASE, 0x99);
        controller.raise(InterruptController.BASE | 3 << 12, 0x21);
        assertThat(controller.spurious()).isEqualTo(2);
    }

    @Test
    void vectorsRunOutAndComeBack() {
        Vector last = null;
        for (int i = 0; i < 223; i++) {
            last = controller.allocate("v" + i, () -> { });
        }
        assertThatThrownBy(() -> controller.allocate("one more", () -> { })).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.ENOSPC));
        last.close();
        assertThat(controller.allocate("again", () -> { }).data()).isEqualTo(last.data());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
