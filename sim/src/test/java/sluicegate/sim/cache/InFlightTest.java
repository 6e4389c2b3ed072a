package sluicegate.sim.cache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class InFlightTest {
    private final InFlight inFlight = new InFlight();

    /** Each thread is new, and so counts where perhaps nobody did before. */
    @Test
    void drainingWaitsForADmaOfAnyThreadAndForNoneThatHasEnded() throws Exception {
        for (int i = 0; i < 40; i++) {
            inFlight.drain();
            var begun = new CountDownLatch(1);
            var mayEnd = new CountDownLatch(1);
            var dma = new Thread(() -> {
                int slot = inFlight.enter();
                begun.countDown();
                try {
                    mayEnd.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                inFlight.exit(slot);
            });
            dma.start();
            begun.await();
            var drainer = Executors.newSingleThreadExecutor();
            try {
                var drained = drainer.submit(inFlight::drain);
                while (inFlight.side() == i % 2 && !drained.isDone()) {
                    Thread.onSpinWait();
                }
                assertThat(drained.isDone()).as("drained while DMA %d was in flight", i).isFalse();
                mayEnd.countDown();
                drained.get(10, TimeUnit.SECONDS);
            } finally {
                mayEnd.countDown();
                drainer.shutdownNow();
                dma.join();
            }
        }
    }
}
