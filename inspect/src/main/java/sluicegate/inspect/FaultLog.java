package sluicegate.inspect;

import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;

/**
 * What a log says about faults.
 *
 * @param lines how many lines were read
 * @param faults in the order of the log
 */
public record FaultLog(int lines, List<DecodedFault> faults) {

    public FaultLog {
        faults = List.copyOf(faults);
    }

    /** The faults by kind, the most frequent first. */
    public List<FaultTally> tallies() {
        record Kind(Vendor vendor, Object device, String fault, Object access) {}
        var kinds = new LinkedHashMap<Kind, FaultTally>();
        for (var fault : faults) {
            var kind = new Kind(fault.vendor(), fault.device().or(fault::unit), fault.fault(), fault.access());
            kinds.merge(kind, new FaultTally(fault, 1, fault.address(), fault.address(), fault.number()),
                    (so, one) -> so.and(fault));
        }
        return kinds.values().stream().sorted(Comparator.comparingInt(FaultTally::count).reversed()).toList();
    }
}
