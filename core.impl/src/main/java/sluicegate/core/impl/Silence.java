package sluicegate.core.impl;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import sluicegate.api.platform.PciConfig;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/** Keeps everything behind a unit from sending. */
final class Silence {
    /** As long as the kernel waits for a function that it is about to reset ({@code pci_wait_for_pending}). */
    private static final Duration PATIENCE = Duration.ofMillis(1500);
    private static final long PAUSE_NANOS = 100_000;
    /** Status register: there is a list of capabilities, beginning where the pointer says (PCI Local Bus Specification 6.7). */
    private static final int STATUS = 6;
    private static final int CAPABILITIES_LIST = 1 << 4;
    private static final int CAPABILITIES_POINTER = 0x34;
    private static final int MAX_CAPABILITIES = 48;
    private static final int PCI_EXPRESS = 0x10;
    /** Device Status and its Transactions Pending (PCI Express 7.5.3.5). */
    private static final int DEVICE_STATUS = 0xa;
    private static final int TRANSACTIONS_PENDING = 1 << 5;

    private Silence() {}

    /**
     * Does something meanwhile. If that fails, functions stay silent as the unit's own fence says.
     *
     * @throws IommuException EBUSY if something can't be silenced or has requests that get no answer: nothing was done then
     */
    static void during(CoreUnit unit, Runnable action) {
        var functions = functions(unit);
        var fence = new Fence();
        fence.raise(unit);
        try {
            functions.forEach(Silence::awaitWhatWasSent);
        } catch (RuntimeException e) {
            fence.lower();
            throw e;
        }
        try {
            action.run();
        } catch (RuntimeException | Error e) {
            unit.fence().join(fence);
            throw e;
        }
        fence.lower();
    }

    /**
     * Raises the unit's own fence, and waits until nothing is under way behind it.
     *
     * @throws IommuException EBUSY if something can't be silenced or has requests that get no answer; the others are silent
     */
    static void begin(CoreUnit unit) {
        unit.fence().raise(unit);
        functions(unit).forEach(Silence::awaitWhatWasSent);
    }

    private static List<PciFunction> functions(CoreUnit unit) {
        var functions = new ArrayList<PciFunction>();
        for (var device : unit.deviceMap().values()) {
            if (device.busDevice() instanceof PciFunction function) {
                functions.add(function);
            } else {
                throw IommuException.of(Errno.EBUSY, "nothing keeps %s, which is not on a PCI bus, from sending", device.name());
            }
        }
        return functions;
    }

    /** An answer to a read pushes writes ahead of it; a function knows itself which reads have no answer yet. */
    private static void awaitWhatWasSent(PciFunction function) {
        long begun = System.nanoTime();
        while (isPending(function.config())) {
            if (System.nanoTime() - begun > PATIENCE.toNanos()) {
                throw IommuException.of(Errno.EBUSY, "%s has requests under way that get no answer", function.name());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private static boolean isPending(PciConfig config) {
        try {
            int express = expressCapability(config);
            return express != 0 && (config.read16(express + DEVICE_STATUS) & TRANSACTIONS_PENDING) != 0;
        } catch (RuntimeException e) {
            return false; // who does not answer is not there to send
        }
    }

    /** Its place, or 0. */
    private static int expressCapability(PciConfig config) {
        if ((config.read16(STATUS) & CAPABILITIES_LIST) == 0) {
            return 0;
        }
        int at = config.read8(CAPABILITIES_POINTER) & 0xfc;
        for (int i = 0; i < MAX_CAPABILITIES && at != 0; i++) {
            int header = config.read16(at);
            if ((header & 0xff) == PCI_EXPRESS) {
                return at;
            }
            at = header >>> 8 & 0xfc;
        }
        return 0;
    }
}
