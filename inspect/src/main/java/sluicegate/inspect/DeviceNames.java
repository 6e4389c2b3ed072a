package sluicegate.inspect;

import java.util.Optional;
import java.util.OptionalInt;

/** Finds the device behind an id, on a machine that is known. */
@FunctionalInterface
public interface DeviceNames {
    /** Where no machine is known. */
    DeviceNames NONE = (segment, id) -> Optional.empty();

    /**
     * The device that a unit knows by an id.
     *
     * @param segment its PCI segment, where that was said
     * @param id requester or stream id, unsigned
     * @return its name and what it is, such as {@code 0000:00:1f.6 (Ethernet controller)}; empty if none or several have that id
     */
    Optional<String> of(OptionalInt segment, long id);
}
