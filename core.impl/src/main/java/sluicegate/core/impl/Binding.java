package sluicegate.core.impl;

import java.util.function.Function;
import sluicegate.api.driver.DriverDomain;
import sluicegate.api.driver.IommuOps;

/**
 * A driver bound to a unit. Gone, with all that it leads to, when the driver leaves. What does not change while it lasts is
 * asked once, so that blocking a device cannot fail for want of an answer.
 */
record Binding(DriverEntry driver, IommuOps ops, DriverDomain blocked, int maxPasids) {

    /** What the driver answers; whatever it throws instead is an error of this platform. */
    <R> R ask(String what, Function<IommuOps, R> question) {
        try {
            return question.apply(ops);
        } catch (RuntimeException | LinkageError e) {
            throw DriverErrors.of(e, what);
        }
    }
}
