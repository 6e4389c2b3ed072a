package sluicegate.core.impl;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the JDK forget the types of a driver that is gone. What compares, hashes and prints records is linked by {@link ObjectMethods},
 * whose three static method handles each keep the last type that they were adapted to ({@code MethodHandle.asTypeCache}; strongly up
 * to Java 20): if that was a component of a driver's record, it keeps the driver's class loader. So they are adapted once more,
 * to a type of the JDK.
 */
final class RecordCaches {
    private static final Logger LOG = LoggerFactory.getLogger(RecordCaches.class);

    private RecordCaches() {}

    /** Stands in for a record that nobody else has; its component is what the handles are adapted to. */
    private record Neutral(String component) {}

    static void forgetDrivers() {
        try {
            var lookup = MethodHandles.lookup();
            var getter = lookup.findGetter(Neutral.class, "component", String.class);
            adapt(lookup, getter, "equals", MethodType.methodType(boolean.class, Neutral.class, Object.class));
            adapt(lookup, getter, "hashCode", MethodType.methodType(int.class, Neutral.class));
            adapt(lookup, getter, "toString", MethodType.methodType(String.class, Neutral.class));
        } catch (Throwable e) { // as bootstrap methods declare it
            LOG.warn("Types of a driver may be kept by the Java runtime", e);
        }
    }

    private static void adapt(MethodHandles.Lookup lookup, MethodHandle getter, String method, MethodType type) throws Throwable {
        ObjectMethods.bootstrap(lookup, method, type, Neutral.class, "component", getter);
    }
}
