package sluicegate.machine.pci;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.Bus.Listener;
import sluicegate.api.platform.Bus.Subscription;
import sluicegate.api.platform.BusDevice;

/**
 * Tells listeners of devices, each exactly once and in order. Every subscription has a queue of its own; whoever finds it
 * unattended delivers what is in it, without any lock. What a listener throws is logged.
 */
public final class Subscribers {
    private static final Logger LOG = LoggerFactory.getLogger(Subscribers.class);

    private final List<Queue> queues = new CopyOnWriteArrayList<>();

    private record Event(BusDevice device, boolean added) {}

    /**
     * A new subscription with everything that is there now in its queue. To be called under the lock that guards the set of
     * devices, and to be followed by {@link Queue#deliver} without it.
     */
    public Queue open(Listener listener, Collection<? extends BusDevice> present) {
        var queue = new Queue(listener);
        present.forEach(device -> queue.events.add(new Event(device, true)));
        queues.add(queue);
        return queue;
    }

    /** Queues an event for all. To be called under the lock that guards the set of devices. */
    public void post(BusDevice device, boolean added) {
        queues.forEach(queue -> queue.put(new Event(device, added)));
    }

    /** Delivers what nobody else is delivering. To be called without locks. */
    public void deliver() {
        queues.forEach(Queue::tryDeliver);
    }

    public final class Queue implements Subscription {
        private final Listener listener;
        private final ArrayDeque<Event> events = new ArrayDeque<>();
        /** Taken from the start: what is there already is delivered by the thread that subscribes. */
        private boolean attended = true;
        private volatile boolean closed;

        private Queue(Listener listener) {
            this.listener = listener;
        }

        private synchronized void put(Event event) {
            events.add(event);
        }

        private void tryDeliver() {
            synchronized (this) {
                if (attended) {
                    return;
                }
                attended = true;
            }
            deliver();
        }

        /** Delivers until the queue is empty; the caller attends it. */
        public void deliver() {
            while (true) {
                Event event;
                synchronized (this) {
                    event = events.poll();
                    if (event == null) {
                        attended = false;
                        return;
                    }
                }
                if (!closed) {
                    tell(event);
                }
            }
        }

        private void tell(Event event) {
            try {
                if (event.added) {
                    listener.added(event.device);
                } else {
                    listener.removed(event.device);
                }
            } catch (RuntimeException e) {
                LOG.error("A bus listener failed on {} {}", event.device.name(), event.added ? "added" : "removed", e);
            }
        }

        @Override
        public void close() {
            closed = true;
            queues.remove(this);
        }
    }
}
