package sluicegate.sim.device;

import java.util.Optional;
import sluicegate.api.platform.RegisterWindow;

/** A device behind its base address registers. Thread-safe. */
public interface DeviceModel {

    /** The memory behind a base address register; empty if that names none. */
    Optional<RegisterWindow> bar(int index);
}
