package sluicegate.hw.common.rig;

import sluicegate.api.driver.FaultSink;
import sluicegate.api.driver.ProbeContext;
import sluicegate.api.platform.IommuUnit;

/** What the core tells a driver that is to bind a unit. */
public record TestProbe(IommuUnit unit, FaultSink faults, boolean held) implements ProbeContext {
    @Override
    public String unitName() {
        return "rig:" + unit.name();
    }
}
