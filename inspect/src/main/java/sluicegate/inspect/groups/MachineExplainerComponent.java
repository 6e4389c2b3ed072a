package sluicegate.inspect.groups;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.grouping.PciGroups;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.ReservedRegion;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MachineImport;
import sluicegate.inspect.GroupReport;
import sluicegate.inspect.MachineExplainer;
import sluicegate.inspect.MachineReport;

/** The service. */
@Component
public final class MachineExplainerComponent implements MachineExplainer {
    private final PciGroups rules;

    @Activate
    public MachineExplainerComponent(@Reference PciGroups rules) {
        this.rules = rules;
    }

    private static PaperMachine read(Path source) {
        return new PaperMachine(MachineDescription.read(MachineImport.folder(source)));
    }

    @Override
    public MachineReport explain(Path source, GroupingRules grouping) {
        return report(read(source), grouping);
    }

    private MachineReport report(PaperMachine machine, GroupingRules grouping) {
        var reserved = new Reservations(machine);
        var groups = new ArrayList<GroupReport>();
        var grouped = machine.translated();
        var remedies = new Remedies(rules, grouped, grouping);
        for (var group : rules.group(grouped, grouping)) {
            var ranges = reserved.of(group);
            groups.add(new GroupReport(groups.size(), group.members().stream().map(MachineExplainerComponent::member).toList(),
                    reasons(group), remedies.of(group), ranges,
                    GuestRules.of(group, ranges, machine.described().warnings().stream().noneMatch(warning -> warning.startsWith("There is no ")))));
        }
        var ungrouped = machine.functions().stream().filter(function -> !grouped.contains(function))
                .map(MachineExplainerComponent::member).toList();
        var links = machine.functions().stream().map(function -> new MachineReport.Link(function.name(), function.description(),
                function.upstreamBridge().map(PciFunction::name), function.busesBehind().isPresent(),
                rules.isolation(function, grouping).isolates())).toList();
        return new MachineReport(machine.name(), groups, ungrouped, links, machine.described().warnings());
    }

    private static List<String> reasons(PciGroup group) {
        return group.reasons().stream().map(reason -> GroupWords.reason(reason, group.members().size() > 1)).toList();
    }

    private static GroupReport.Member member(PciFunction function) {
        return new GroupReport.Member(function.name(), function.description());
    }

    @Override
    public DeviceReport explain(Path source, String device, GroupingRules grouping) {
        var machine = read(source);
        var function = find(machine, device);
        var report = report(machine, grouping);
        return device(function, report.groupOf(function.name()), machine.translated(), report.uncertain(), grouping);
    }

    @Override
    public DeviceReport explain(PciFunction device, Collection<? extends PciFunction> grouped, List<ReservedRegion> reserved, int number,
            GroupingRules grouping) {
        var group = rules.group(grouped, grouping).stream().filter(found -> found.members().contains(device)).findFirst();
        var ranges = reserved.stream().map(region -> new GroupReport.Reserved(region, "the unit's driver, from firmware and architecture",
                List.of(device.name()))).toList();
        var report = group.map(found -> new GroupReport(number, found.members().stream().map(MachineExplainerComponent::member).toList(),
                reasons(found), new Remedies(rules, grouped, grouping).of(found), ranges,
                GuestRules.of(found, ranges, true)));
        return device(device, report, grouped, List.of(), grouping);
    }

    private DeviceReport device(PciFunction function, Optional<GroupReport> group, Collection<? extends PciFunction> grouped,
            List<String> uncertain, GroupingRules grouping) {
        var path = new ArrayList<String>();
        for (Optional<PciFunction> at = Optional.of(function); at.isPresent(); at = at.get().upstreamBridge()) {
            path.add(GroupWords.step(at.get(), rules.isolation(at.get(), grouping)));
        }
        var why = new ArrayList<String>();
        if (group.isEmpty()) {
            why.add(function.name() + " has no unit in front of it, so it has no group and its DMA goes straight to memory");
        }
        var reasons = new HashMap<PciFunction, PciGroup.Reason>();
        rules.group(grouped, grouping).forEach(found -> found.reasons().forEach(reason -> reasons.put(reason.function(), reason)));
        chain(function, reasons, group.filter(found -> found.devices().size() > 1).isPresent(), why);
        group.ifPresent(found -> others(found, reasons, why));
        return new DeviceReport(member(function), group, path, why, group.map(GroupReport::remedies).orElse(List.of()), uncertain);
    }

    /** Why it joined, and why whom it joined is where it is. */
    private static void chain(PciFunction function, Map<PciFunction, PciGroup.Reason> reasons, boolean shared, List<String> why) {
        for (var reason = reasons.remove(function); reason != null; reason = reasons.remove(reason.with())) {
            why.add(GroupWords.reason(reason, shared));
        }
    }

    private static void others(GroupReport group, Map<PciFunction, PciGroup.Reason> reasons, List<String> why) {
        for (var reason : new TreeMap<>(byName(reasons)).values()) {
            if (group.devices().stream().anyMatch(member -> member.name().equals(reason.function().name()))) {
                why.add(GroupWords.reason(reason, group.devices().size() > 1));
            }
        }
    }

    private static Map<String, PciGroup.Reason> byName(Map<PciFunction, PciGroup.Reason> reasons) {
        var named = new HashMap<String, PciGroup.Reason>();
        reasons.forEach((function, reason) -> named.put(function.name(), reason));
        return named;
    }

    private static PaperFunction find(PaperMachine machine, String device) {
        return machine.function(PciAddress.parse(device)).orElseThrow(
                () -> IommuException.of(Errno.ENODEV, "There is no %s in %s; it has %d functions", device, machine.name(), machine.functions().size()));
    }

    @Override
    public String html(MachineReport report) {
        return new HtmlReport(report).text();
    }

    @Override
    public WhatIf whatIf(Path source, GroupingRules from, Change change) {
        var machine = read(source);
        var before = report(machine, from);
        var moved = machine;
        for (var move : change.moves()) {
            moved = new PaperMachine(Relocation.of(moved, find(moved, move.device()), find(moved, move.port())));
        }
        var after = report(moved, change.rules());
        var renamed = Relocation.names(machine, change.moves());
        var changed = new ArrayList<Difference>();
        for (var function : machine.functions()) {
            var was = mates(before, function.name());
            var is = mates(after, renamed.getOrDefault(function.name(), function.name()));
            if (!was.stream().map(name -> renamed.getOrDefault(name, name)).sorted().toList().equals(is.stream().sorted().toList())) {
                changed.add(new Difference(function.name(), was, is));
            }
        }
        return new WhatIf(before, after, changed);
    }

    private static List<String> mates(MachineReport report, String device) {
        return report.groupOf(device).map(group -> group.devices().stream().map(GroupReport.Member::name).toList()).orElse(List.of());
    }
}
