package sluicegate.inspect;

import java.util.List;
import java.util.Optional;

/**
 * What a kernel would make of a machine.
 *
 * @param name of the machine
 * @param groups by number
 * @param ungrouped functions without a unit in front of them
 * @param links every function with the bridge above it, by address, those that have no group among them
 * @param uncertain what the source does not say, or says oddly, and what that makes uncertain
 */
public record MachineReport(String name, List<GroupReport> groups, List<GroupReport.Member> ungrouped, List<Link> links,
        List<String> uncertain) {
    public MachineReport {
        groups = List.copyOf(groups);
        ungrouped = List.copyOf(ungrouped);
        links = List.copyOf(links);
        uncertain = List.copyOf(uncertain);
    }

    /**
     * A function in the tree.
     *
     * @param upstream name of the bridge that leads to its bus; empty on a root bus
     * @param isolates whether nothing that passes it can turn round
     */
    public record Link(String name, String description, Optional<String> upstream, boolean bridge, boolean isolates) {}

    /** The group of a device. */
    public Optional<GroupReport> groupOf(String device) {
        return groups.stream().filter(group -> group.devices().stream().anyMatch(member -> member.name().equals(device))).findFirst();
    }
}
