package sluicegate.inspect;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.osgi.annotation.versioning.ProviderType;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;

/**
 * Explains the groups of machines that need not run: from what {@code lspci} printed, a sysfs tree, or a machine description, with
 * the tables of firmware where they are there. Thread-safe.
 */
@ProviderType
public interface MachineExplainer {

    /**
     * The groups of a machine, with reasons.
     *
     * @param source as {@link sluicegate.firmware.MachineImport} takes it
     * @throws IommuException EINVAL for malformed input, ENOENT, EIO
     */
    MachineReport explain(Path source, GroupingRules rules);

    /**
     * One device: where it is, link by link, and why.
     *
     * @param device its address; the segment may be missing
     * @throws IommuException as {@link #explain(Path, GroupingRules)}, and ENODEV if there is no such device
     */
    DeviceReport explain(Path source, String device, GroupingRules rules);

    /**
     * One device of a machine that runs.
     *
     * @param device the device
     * @param grouped all functions of its machine that have a unit in front of them
     * @param reserved what the device's mappings must leave alone
     * @param number of its group
     */
    DeviceReport explain(PciFunction device, Collection<? extends PciFunction> grouped, List<ReservedRegion> reserved, int number,
            GroupingRules rules);

    /** A page for a browser about a machine, with a picture of its tree; it needs no other files and no scripts. */
    String html(MachineReport report);

    /**
     * What changes if a machine is changed or grouped otherwise.
     *
     * @param from rules to begin with
     * @param change what is different
     * @throws IommuException as above; EINVAL if a device cannot be moved as asked
     */
    WhatIf whatIf(Path source, GroupingRules from, Change change);

    /**
     * A change to try.
     *
     * @param rules by which to group after it
     * @param moves devices that are put elsewhere
     */
    record Change(GroupingRules rules, List<Move> moves) {
        public Change {
            moves = List.copyOf(moves);
        }
    }

    /**
     * A card that is put into another slot, with all its functions.
     *
     * @param device one of its functions
     * @param port the port below which it is to be; nothing may be there yet
     */
    record Move(String device, String port) {}

    /**
     * Groups before and after a change.
     *
     * @param changed those that are different
     */
    record WhatIf(MachineReport before, MachineReport after, List<Difference> changed) {
        public WhatIf {
            changed = List.copyOf(changed);
        }
    }

    /**
     * What a change does to a device.
     *
     * @param before names of those in its group, itself among them; empty if it had none
     * @param after the same after the change
     */
    record Difference(String device, List<String> before, List<String> after) {
        public Difference {
            before = List.copyOf(before);
            after = List.copyOf(after);
        }
    }

    /**
     * A device explained.
     *
     * @param device its name and description
     * @param group its group; empty if no unit is in front of it
     * @param path itself and each bridge above it, from the device to the root, and what each does
     * @param why the chain of reasons
     * @param change what would change it
     */
    record DeviceReport(GroupReport.Member device, java.util.Optional<GroupReport> group, List<String> path, List<String> why,
            List<String> change, List<String> uncertain) {
        public DeviceReport {
            path = List.copyOf(path);
            why = List.copyOf(why);
            change = List.copyOf(change);
            uncertain = List.copyOf(uncertain);
        }
    }
}
