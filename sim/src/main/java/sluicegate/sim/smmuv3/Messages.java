package sluicegate.sim.smmuv3;

import sluicegate.api.platform.PhysicalMemory;
import sluicegate.sim.interrupt.InterruptController;

/** Carries the messages that a unit sends: to the interrupt controller, or into memory where software polls (3.18). */
final class Messages {
    private final PhysicalMemory memory;
    private final InterruptController interrupts;

    Messages(PhysicalMemory memory, InterruptController interrupts) {
        this.memory = memory;
        this.interrupts = interrupts;
    }

    /** Raises a wired interrupt. */
    void raiseLine(String line) {
        interrupts.raiseLine(line);
    }

    /** Writes four bytes; false if there is nothing at the address. */
    boolean send(long address, int data) {
        if (InterruptController.isInterruptAddress(address)) {
            interrupts.raise(address, data);
            return true;
        }
        if (!memory.contains(address, Integer.BYTES)) {
            return false;
        }
        memory.set32Release(address, data);
        return true;
    }
}
