package sluicegate.machine;

import sluicegate.api.platform.Machine;

/** A machine that {@link RunningMachines} can put on the service registry. */
public interface PublishableMachine extends Machine {

    /** Says what to do first when the machine goes off: its services are withdrawn before anything of it stops. */
    void onPowerOff(Runnable action);
}
