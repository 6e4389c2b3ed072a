package sluicegate.shell;

import java.util.Optional;
import sluicegate.api.platform.DmaMaster;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** A device that asks for pages all the time, each in a group of its own, and does not wait for answers. */
final class RequestStorm {
    private static final int GROUPS = 512;
    private static final long PAGE = 4096;

    private final DmaMaster device;
    private final int pasid;
    private final Thread thread;
    private volatile boolean over;
    private volatile long sent;
    private volatile Optional<String> problem = Optional.empty();

    RequestStorm(String name, DmaMaster device, int pasid) {
        this.device = device;
        this.pasid = pasid;
        this.thread = new Thread(this::blow, "request-storm-" + name);
        thread.setDaemon(true);
    }

    /** @throws IommuException if the device can't ask at all */
    void start() {
        ask();
        thread.start();
    }

    private void ask() {
        long number = sent;
        device.requestPage(pasid, number % (1 << 20) * PAGE, Prot.READ, (int) (number % GROUPS), true);
        sent = number + 1;
    }

    private void blow() {
        try {
            while (!over) {
                ask();
            }
        } catch (IommuException e) {
            problem = Optional.of(e.getMessage());
        }
    }

    /** Why it ended by itself, if it did. */
    Optional<String> problem() {
        return problem;
    }

    /** Returns how many requests were sent. No more are when this returns. */
    long stop() {
        over = true;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return sent;
    }
}
