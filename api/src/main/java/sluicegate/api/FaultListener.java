package sluicegate.api;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Hears of every fault. Register it as a service. Called from a thread that handles interrupts: return soon. What it throws
 * is logged and reaches nobody.
 */
@ConsumerType
@FunctionalInterface
public interface FaultListener {
    void fault(Fault fault);
}
