package sluicegate.inspect;

import java.util.List;
import sluicegate.api.types.ReservedRegion;

/**
 * A predicted group.
 *
 * @param group its number; numbers need not be those of a kernel
 * @param devices its members by address
 * @param reasons why they are together, a sentence each
 * @param remedies what would change it, a sentence each; empty for a group of one
 * @param reserved what mappings must leave alone
 * @param guest whether it may be given to a guest
 */
public record GroupReport(int group, List<Member> devices, List<String> reasons, List<String> remedies, List<Reserved> reserved, Guest guest) {
    public GroupReport {
        devices = List.copyOf(devices);
        reasons = List.copyOf(reasons);
        remedies = List.copyOf(remedies);
        reserved = List.copyOf(reserved);
    }

    /**
     * A member.
     *
     * @param name such as {@code 0000:00:1f.2}
     * @param description one line for people
     */
    public record Member(String name, String description) {}

    /**
     * A range that mappings must leave alone.
     *
     * @param owner who asks for it: a structure of firmware's, or the architecture
     * @param devices for whom; all members if empty
     */
    public record Reserved(ReservedRegion region, String owner, List<String> devices) {
        public Reserved {
            devices = List.copyOf(devices);
        }
    }

    /**
     * Whether a group may be given to a guest.
     *
     * @param why what forbids it or has to be minded
     */
    public record Guest(boolean allowed, String why) {}
}
