package sluicegate.sim.unit;

import java.util.Objects;

/**
 * Where the requests of a device arrive.
 *
 * @param unit the unit in front of the device
 * @param id by which the unit knows the requester: requester id for VT-d and AMD-Vi, stream id for an SMMU (32 bits, unsigned)
 */
public record Arrival(UnitModel unit, int id) {
    public Arrival {
        Objects.requireNonNull(unit, "unit");
    }
}
