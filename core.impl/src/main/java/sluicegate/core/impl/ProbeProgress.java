package sluicegate.core.impl;

import java.time.Duration;
import sluicegate.api.platform.Machine;

/** Says when the core has caught up with a machine. Inside this bundle only. */
public interface ProbeProgress {

    /**
     * Waits until all units, buses and devices of {@code machine} are known and probed as far as that is possible now.
     *
     * @return whether that came about in time
     */
    boolean awaitProbed(Machine machine, Duration time);
}
