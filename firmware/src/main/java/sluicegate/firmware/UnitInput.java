package sluicegate.firmware;

import java.util.Objects;

/**
 * As whom a request arrives at a unit.
 *
 * @param unit the unit in front of the device
 * @param id what the unit knows the requester by, from 0 to 2^32 - 1: requester id for VT-d and AMD-Vi, stream id for an SMMU
 */
public record UnitInput(UnitDescription unit, long id) {
    public UnitInput {
        Objects.requireNonNull(unit, "unit");
    }
}
