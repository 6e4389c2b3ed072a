package sluicegate.api.grouping;

import java.util.List;
import sluicegate.api.platform.PciFunction;

/**
 * Functions that cannot be kept apart.
 *
 * @param members by address
 * @param reasons why each member is where it is, in the order in which they came; the first one founded the group
 */
public record PciGroup(List<PciFunction> members, List<Reason> reasons) {
    public PciGroup {
        members = List.copyOf(members);
        reasons = List.copyOf(reasons);
    }

    /**
     * Why a function joined a group, or founded one.
     *
     * @param with whose group it joined; the function itself if it founded the group
     * @param decisive what isolates or does not, in the order in which it was looked at; the one to blame is the last
     */
    public record Reason(PciFunction function, Kind kind, PciFunction with, List<Isolation> decisive) {
        public Reason {
            decisive = List.copyOf(decisive);
        }
    }

    /** Ways into a group. */
    public enum Kind {
        /** Everything on the way isolates: a group of its own, as long as nobody joins. */
        ALONE,
        /** Its requests arrive under an id that {@code with} puts in place of its own, or under the id of {@code with}. */
        ALIAS,
        /** It uses an id of {@code with}, a function of the same bus, or the other way round. */
        ID,
        /** Above the bus that {@code with} leads to, something does not isolate. */
        PATH,
        /** Neither isolates it from {@code with}, a function of its slot. */
        SLOT,
        /** The bus that {@code with} leads to does not isolate, so all below is one group ({@link GroupingRules.Generation#BUSES}). */
        BELOW,
        /** Ports of one switch that do not isolate ({@link GroupingRules.Generation#BUSES}). */
        SWITCH
    }
}
