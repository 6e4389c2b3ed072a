package sluicegate.shell;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Component;
import sluicegate.api.Fault;
import sluicegate.api.FaultListener;

/**
 * Lets a command wait for faults: the one that its own DMA causes, or all that come. A fault reaches the core by way of an
 * interrupt, after the device was told that its request failed, so a command has to be listening before it asks for trouble.
 */
@Component(service = {FaultListener.class, FaultWatch.class})
public class FaultWatch implements FaultListener {
    /** What a reader that does not keep up may fall behind; later faults are lost to it, as in the hardware's own log. */
    private static final int BACKLOG = 1024;

    private final List<Watch> watches = new CopyOnWriteArrayList<>();

    @Override
    public void fault(Fault fault) {
        for (var watch : watches) {
            watch.offer(fault);
        }
    }

    /** Starts to collect the faults that {@code wanted} accepts, from now until the watch is closed. */
    Watch open(Predicate<Fault> wanted) {
        var watch = new Watch(wanted);
        watches.add(watch);
        return watch;
    }

    /** Collects faults; used by one thread. */
    final class Watch implements AutoCloseable {
        private final Predicate<Fault> wanted;
        private final BlockingQueue<Fault> faults = new ArrayBlockingQueue<>(BACKLOG);

        private Watch(Predicate<Fault> wanted) {
            this.wanted = wanted;
        }

        private void offer(Fault fault) {
            if (wanted.test(fault)) {
                faults.offer(fault);
            }
        }

        /** Waits for the next fault. */
        Fault take() throws InterruptedException {
            return faults.take();
        }

        /** Waits for the next fault, but not longer than {@code limit}; empty if none came or the thread was interrupted. */
        Optional<Fault> take(Duration limit) {
            try {
                return Optional.ofNullable(faults.poll(limit.toNanos(), TimeUnit.NANOSECONDS));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }

        @Override
        public void close() {
            watches.remove(this);
        }
    }
}
