package sluicegate.core.impl;

import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.platform.PciFunction;

/**
 * The last resort for a unit whose driver did not leave it blocked: PCI functions behind it are kept from sending anything, by
 * their bus master bits, until the next driver has taken over. Also for a single function that goes on asking
 * for pages when that was switched off; then under its group's mutex. Thread-safe.
 */
final class Fence {
    private static final Logger LOG = LoggerFactory.getLogger(Fence.class);
    /** Command register and its Bus Master Enable (PCI Local Bus Specification 6.2.2). */
    private static final int COMMAND = 4;
    private static final int BUS_MASTER_ENABLE = 1 << 2;

    /** Those that could send before. */
    private final List<PciFunction> silenced = new ArrayList<>();

    synchronized void raise(CoreUnit unit) {
        for (var device : unit.deviceMap().values()) {
            if (device.busDevice() instanceof PciFunction function) {
                silence(function);
            } else {
                LOG.error("{}: nothing keeps {}, which is not on a PCI bus, from sending until the next driver comes", unit.name(),
                        device.name());
            }
        }
    }

    /** Keeps one function from sending. */
    synchronized void silence(PciFunction function) {
        attempt(function.name(), () -> clear(function));
    }

    private void clear(PciFunction function) {
        int command = function.config().read16(COMMAND);
        if ((command & BUS_MASTER_ENABLE) != 0) {
            function.config().write16(COMMAND, command & ~BUS_MASTER_ENABLE);
            silenced.add(function);
        }
    }

    /** Keeps those silent as well that another one has silenced. */
    synchronized void join(Fence other) {
        silenced.addAll(other.silenced);
    }

    synchronized void lower() {
        silenced.forEach(function -> attempt(function.name(), () ->
                function.config().write16(COMMAND, function.config().read16(COMMAND) | BUS_MASTER_ENABLE)));
        silenced.clear();
    }

    /** A function that does not answer sends nothing either, and must not keep the others from being reached. */
    private static void attempt(String function, Runnable access) {
        try {
            access.run();
        } catch (RuntimeException e) {
            LOG.error("The bus master bit of {} can't be reached", function, e);
        }
    }
}
