package sluicegate.shell;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.types.Hex;
import sluicegate.inspect.GroupReport;
import sluicegate.inspect.MachineExplainer;
import sluicegate.inspect.MachineReport;

/** Explained groups, for a person and for scripts. */
final class ExplainPictures {
    private static final List<String> COLUMNS = List.of("group", "devices", "reasons", "reserved", "guest");
    private static final int DESCRIPTION = 78;

    private ExplainPictures() {}

    static Listing machine(MachineReport report, Optional<String> html) {
        var parts = new ArrayList<String>();
        long shared = report.groups().stream().filter(group -> group.devices().size() > 1).count();
        parts.add(String.format("%s: %d groups, %d of them shared", report.name(), report.groups().size(), shared));
        report.groups().forEach(group -> parts.add(group(group)));
        if (!report.ungrouped().isEmpty()) {
            var lines = new ArrayList<String>();
            lines.add("without an IOMMU in front, so without a group:");
            report.ungrouped().forEach(member -> lines.add("  " + member(member)));
            parts.add(String.join("\n", lines));
        }
        uncertain(report.uncertain(), parts);
        html.ifPresent(file -> parts.add("The page is in " + file + "."));
        return Listing.of(COLUMNS, report.groups().stream().map(ExplainPictures::item).toList(), "There are no groups.")
                .shownAs(String.join("\n\n", parts));
    }

    private static void uncertain(List<String> texts, List<String> parts) {
        if (!texts.isEmpty()) {
            parts.add("uncertain:\n  - " + String.join("\n  - ", texts));
        }
    }

    private static String group(GroupReport group) {
        var lines = new ArrayList<String>();
        lines.add("group " + group.group());
        group.devices().forEach(member -> lines.add("  " + member(member)));
        section(lines, group.devices().size() > 1 ? "why together:" : "why alone:", group.reasons());
        section(lines, "what would change it:", group.remedies());
        section(lines, "reserved:", group.reserved().stream().map(ExplainPictures::range).toList());
        lines.add("  to a guest: " + (group.guest().allowed() ? "yes, " : "no, ") + group.guest().why());
        return String.join("\n", lines);
    }

    private static void section(List<String> lines, String title, List<String> texts) {
        if (!texts.isEmpty()) {
            lines.add("  " + title);
            texts.forEach(text -> lines.add("    - " + text));
        }
    }

    private static String member(GroupReport.Member member) {
        var text = member.description();
        return member.name() + " " + (text.length() > DESCRIPTION ? text.substring(0, DESCRIPTION - 3) + "..." : text);
    }

    private static String range(GroupReport.Reserved range) {
        return String.format("%s %s: %s%s", Hex.range(range.region().start(), range.region().length()), range.region().type().word(), range.owner(),
                range.devices().isEmpty() ? "" : ", for " + String.join(" ", range.devices()));
    }

    private static Item item(GroupReport group) {
        return Item.of("group", group.group(), "devices", group.devices().stream().map(GroupReport.Member::name).toList(), "reasons",
                group.reasons(), "reserved", group.reserved().stream().map(range -> Item.of("start", Hex.of(range.region().start()), "end",
                        Hex.of(range.region().end()), "type", range.region().type().word(), "owner", range.owner(), "devices", range.devices())).toList(),
                "guest", Item.of("allowed", group.guest().allowed(), "why", group.guest().why()), "remedies", group.remedies());
    }

    static Listing device(MachineExplainer.DeviceReport report) {
        var lines = new ArrayList<String>();
        lines.add(report.device().name() + " " + report.device().description());
        section(lines, "its way to memory:", report.path());
        section(lines, "why:", report.why());
        report.group().ifPresent(group -> {
            lines.add(group.devices().size() == 1 ? "  alone in group " + group.group() : "  group " + group.group() + " is shared by:");
            if (group.devices().size() > 1) {
                group.devices().forEach(member -> lines.add("    " + member(member)));
            }
            section(lines, "what would change it:", report.change());
            section(lines, "reserved:", group.reserved().stream().map(ExplainPictures::range).toList());
            lines.add("  to a guest: " + (group.guest().allowed() ? "yes, " : "no, ") + group.guest().why());
        });
        section(lines, "uncertain:", report.uncertain());
        var items = report.group().map(group -> List.of(item(group))).orElse(List.of());
        return Listing.of(COLUMNS, items, String.join("\n", lines)).shownAs(String.join("\n", lines));
    }

    static Listing whatIf(MachineExplainer.WhatIf result) {
        var lines = new ArrayList<String>();
        lines.add(String.format("%d groups become %d; %d devices have other company", result.before().groups().size(),
                result.after().groups().size(), result.changed().size()));
        for (var change : result.changed()) {
            lines.add(String.format("  %s: with %s -> with %s", change.device(), company(change.before()), company(change.after())));
        }
        var items = result.changed().stream().map(change -> Item.of("device", change.device(), "before", change.before(), "after", change.after()))
                .toList();
        return Listing.of(List.of("device", "before", "after"), items, "Nothing changes.").shownAs(String.join("\n", lines));
    }

    private static String company(List<String> names) {
        if (names.isEmpty()) {
            return "no group";
        }
        return names.size() == 1 ? "nobody" : names.size() > 6 ? names.size() - 1 + " others" : String.join(" ", names);
    }
}
