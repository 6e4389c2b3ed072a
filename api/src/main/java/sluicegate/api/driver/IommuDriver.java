package sluicegate.api.driver;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.IommuException;

/** A hardware driver: the service that a driver bundle registers, and all that the core needs of it to begin with. */
@ConsumerType
public interface IommuDriver {

    /** Short name for lists and logs, such as {@code intel-vtd}. */
    String name();

    /**
     * Whether {@link #probe} takes over in place what an earlier driver left translating, as {@link ProbeContext#held} asks for. A
     * driver that does not is never told of such a unit: it sets the unit up anew, so devices are blocked until they are attached.
     */
    default boolean adopts() {
        return false;
    }

    /**
     * Why this driver, though it {@linkplain #adopts adopts}, could not take over in place what another driver would leave of a unit as
     * it is now; empty if it could. Asked before the other driver is told to leave the unit translating, which it then is not, and
     * again before {@link #probe}. Reads registers and changes nothing.
     *
     * @return the end of a sentence whose subject is the unit, such as "uses tables of another mode"
     */
    default Optional<String> obstacle(IommuUnit unit) {
        return Optional.empty();
    }

    /**
     * Takes a unit: sets up its tables and queues, enables translation with every known or unknown source blocked, and
     * returns the operations for it. Called once at a time for a unit, from a thread of the core.
     *
     * @throws IommuException ENODEV if the unit is not for this driver after all; ETIMEDOUT, EIO or any other if the hardware
     *     does not do as it should. The unit is left blocked and the arena empty then
     */
    IommuOps probe(ProbeContext context);
}
