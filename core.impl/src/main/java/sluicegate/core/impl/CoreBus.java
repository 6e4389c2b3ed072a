package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;

/**
 * Listens to one bus. What is there when it starts is handed on as one batch, so that it is probed in order; what comes later
 * one by one.
 */
final class CoreBus implements Bus.Listener {
    private final Bus bus;
    private final ProbeLock lock;
    private final Consumer<List<BusDevice>> added;
    private final Consumer<BusDevice> removed;
    private final List<BusDevice> early = new ArrayList<>();
    private final Set<BusDevice> present = new LinkedHashSet<>();
    private boolean started;
    private boolean stopped;
    private volatile Bus.Subscription subscription = () -> { };

    /** @param added called under the probe lock; so is {@code removed} */
    CoreBus(Bus bus, ProbeLock lock, Consumer<List<BusDevice>> added, Consumer<BusDevice> removed) {
        this.bus = bus;
        this.lock = lock;
        this.added = added;
        this.removed = removed;
    }

    /** Not under the probe lock: the bus may be telling us something on another thread, which waits for it. */
    void start() {
        subscription = bus.subscribe(this);
        lock.run(() -> {
            started = true;
            hand(List.copyOf(early));
            early.clear();
        });
    }

    /** Not under the probe lock either. */
    void stop() {
        subscription.close();
        lock.run(() -> {
            stopped = true;
            // What is behind bridges goes before them.
            var order = new ArrayList<>(present);
            Collections.reverse(order);
            order.forEach(removed);
            present.clear();
        });
    }

    /** Whether all that the bus tells of now was handed on; under the probe lock. */
    boolean upToDate() {
        return started && present.containsAll(bus.devices());
    }

    @Override
    public void added(BusDevice device) {
        lock.run(() -> {
            if (started) {
                hand(List.of(device));
            } else {
                early.add(device);
            }
        });
    }

    @Override
    public void removed(BusDevice device) {
        lock.run(() -> {
            early.remove(device);
            if (present.remove(device)) {
                removed.accept(device);
            }
        });
    }

    private void hand(List<BusDevice> devices) {
        if (!stopped) {
            present.addAll(devices);
            added.accept(devices);
        }
    }
}
