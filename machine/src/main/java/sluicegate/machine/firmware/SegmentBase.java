package sluicegate.machine.firmware;

import java.util.Optional;
import sluicegate.api.platform.PciAddress;

/**
 * Where the segments of a machine are on the platform: every machine counts its own from 0, the core hands out numbers that
 * are unique.
 *
 * @param first the platform's number of the machine's segment 0
 */
public record SegmentBase(int first) {

    /** A segment of the machine as the platform counts. */
    public int onPlatform(int segment) {
        return first + segment;
    }

    /** An address in the machine as the platform writes it. */
    public PciAddress onPlatform(PciAddress address) {
        return new PciAddress(onPlatform(address.segment()), address.bus(), address.device(), address.function());
    }

    /** A platform's address as the machine writes it; empty if it is below the machine's first segment. */
    public Optional<PciAddress> inMachine(PciAddress address) {
        return address.segment() < first
                ? Optional.empty()
                : Optional.of(new PciAddress(address.segment() - first, address.bus(), address.device(), address.function()));
    }
}
