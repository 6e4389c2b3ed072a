package sluicegate.inspect;

import java.util.OptionalLong;

/**
 * Faults of a log that are of one kind: the same device, fault and access.
 *
 * @param example the first of them
 * @param count how many there are, at least 1
 * @param lowest the lowest address among them, unsigned; empty if none has one
 * @param highest the highest
 * @param lastLine the line of the last one, counted from 1
 */
public record FaultTally(DecodedFault example, int count, OptionalLong lowest, OptionalLong highest, int lastLine) {

    FaultTally and(DecodedFault fault) {
        return new FaultTally(example, count + 1, pick(lowest, fault.address(), -1), pick(highest, fault.address(), 1),
                fault.number());
    }

    private static OptionalLong pick(OptionalLong one, OptionalLong other, int sign) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        return Integer.signum(Long.compareUnsigned(other.getAsLong(), one.getAsLong())) == sign ? other : one;
    }
}
