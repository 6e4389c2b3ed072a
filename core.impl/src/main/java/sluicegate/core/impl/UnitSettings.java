package sluicegate.core.impl;

import java.time.Duration;
import sluicegate.api.driver.LeavePolicy;

/**
 * How the drivers of a unit come and go.
 *
 * @param leavePolicy how a driver leaves it when its bundle goes
 * @param patience for how long operations wait for the next driver; zero if they fail at once
 * @param greedy whether a driver with a higher ranking takes the unit over when it arrives
 */
public record UnitSettings(LeavePolicy leavePolicy, Duration patience, boolean greedy) {
    /** Blocked between drivers, and nobody waits. */
    public static final UnitSettings DEFAULT = new UnitSettings(LeavePolicy.BLOCK, Duration.ZERO, false);

    public UnitSettings {
        patience = patience.isNegative() ? Duration.ZERO : patience;
    }
}
