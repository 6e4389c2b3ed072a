package sluicegate.inspect.groups;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.stream.Collectors;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.Isolation;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.grouping.PciGroups;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.platform.PciFunction.PcieType;

/** What would make a group smaller, and what that costs. */
final class Remedies {
    private static final int MANY = 4;

    private final PciGroups rules;
    private final Collection<? extends PciFunction> functions;
    private final GroupingRules generation;

    /** @param functions all of the machine that have groups */
    Remedies(PciGroups rules, Collection<? extends PciFunction> functions, GroupingRules generation) {
        this.rules = rules;
        this.functions = functions;
        this.generation = generation;
    }

    List<String> of(PciGroup group) {
        if (group.members().size() < 2) {
            return List.of();
        }
        var culprits = new LinkedHashMap<PciFunction, Isolation>();
        boolean aliased = false;
        for (var reason : group.reasons()) {
            GroupWords.blame(reason).forEach(isolation -> culprits.putIfAbsent(isolation.function(), isolation));
            aliased |= reason.kind() == PciGroup.Kind.ALIAS || reason.kind() == PciGroup.Kind.ID;
        }
        var advice = new LinkedHashSet<String>();
        var alike = new LinkedHashMap<Kind, List<Isolation>>();
        culprits.values().forEach(isolation -> alike.computeIfAbsent(Kind.of(isolation), kind -> new ArrayList<>()).add(isolation));
        alike.forEach((kind, isolations) -> advice.add(about(kind, isolations)));
        if (aliased) {
            advice.add("Requester ids are shared, so nothing in software can tell the devices apart; a PCI Express slot of its own would");
        }
        override(group, culprits.values().stream().toList()).forEach(advice::add);
        return List.copyOf(advice);
    }

    /** What the same advice is for. */
    private enum Kind {
        BITS_OFF,
        ROOT_PORT,
        SWITCH,
        FUNCTION,
        CHIPSET,
        SHARED_BUS,
        OTHER;

        static Kind of(Isolation isolation) {
            var function = isolation.function();
            return switch (isolation.basis()) {
                case BITS -> BITS_OFF;
                case NO_CAPABILITY -> switch (function.pcieType()) {
                    case ROOT_PORT -> ROOT_PORT;
                    case DOWNSTREAM_PORT, UPSTREAM_PORT -> SWITCH;
                    default -> FUNCTION;
                };
                case SHARED_BUS -> function.upstreamBridge().isEmpty() && function.busesBehind().isEmpty() ? CHIPSET : SHARED_BUS;
                default -> OTHER;
            };
        }
    }

    private String about(Kind kind, List<Isolation> isolations) {
        var names = isolations.stream().limit(MANY).map(isolation -> isolation.function().name()).collect(Collectors.joining(", "))
                + (isolations.size() > MANY ? " and " + (isolations.size() - MANY) + " more" : "");
        boolean one = isolations.size() == 1;
        var first = isolations.get(0);
        return switch (kind) {
            case BITS_OFF -> String.format("%s can isolate: switch %s on (the kernel does at boot unless pci=disable_acs_redir or config_acs says"
                    + " otherwise; some firmware switches it off again)", names, GroupWords.names(first.missing()));
            case ROOT_PORT -> String.format("Root port%s %s cannot isolate as %s: look for an ACS or AER setting in the BIOS (many boards hide the"
                    + " capability), or put the card below another port%s", one ? "" : "s", names, one ? "it is" : "they are", otherPorts(first.function()));
            case SWITCH -> String.format("%s %s of a switch without ACS: use another switch, or a slot of its own%s", names,
                    one ? "is part" : "are parts", otherPorts(first.function()));
            case FUNCTION -> String.format("%s: functions of a device that does not keep them apart; nothing but its vendor's word (a quirk in the"
                    + " kernel) or an override can part them", names);
            case CHIPSET -> String.format("%s: functions of one device of the chipset without PCI Express capabilities; nothing can part them", names);
            case SHARED_BUS -> String.format("%s: behind or on conventional PCI nothing can be told apart; only a PCI Express slot helps", names);
            case OTHER -> GroupWords.isolation(first);
        };
    }

    /** Ports with ACS; those with nothing behind them first. */
    private String otherPorts(PciFunction blamed) {
        var ports = functions.stream().<PciFunction>map(port -> port).filter(port -> port != blamed && port.pcieType() == PcieType.ROOT_PORT
                && rules.isolation(port, generation).isolates()).toList();
        var used = functions.stream().flatMap(function -> function.upstreamBridge().stream()).collect(Collectors.toSet());
        var free = ports.stream().filter(port -> !used.contains(port)).toList();
        var named = free.isEmpty() ? ports : free;
        if (named.isEmpty()) {
            return "; this machine shows none that isolates";
        }
        return String.format(" (%s isolate%s%s)", named.stream().limit(MANY).map(PciFunction::name).collect(Collectors.joining(", ")),
                named.size() == 1 ? "s" : "", free.isEmpty() ? "" : ", with nothing behind");
    }

    /** What the override would do, tried. */
    private List<String> override(PciGroup group, List<Isolation> culprits) {
        if (culprits.isEmpty()) {
            return List.of();
        }
        var tried = new GroupingRules(generation.generation(), generation.vendorsCount(),
                new GroupingRules.AcsOverride(true, true, java.util.Set.of()));
        var after = rules.group(functions, tried);
        var parts = new ArrayList<String>();
        for (var other : after) {
            var inside = other.members().stream().filter(group.members()::contains).map(PciFunction::name).toList();
            if (!inside.isEmpty()) {
                parts.add(inside.size() > MANY ? inside.get(0) + " with " + (inside.size() - 1) + " others" : String.join(" ", inside));
            }
        }
        return parts.size() < 2 ? List.of("pcie_acs_override (a patch that some distributions carry) would not part this group")
                : List.of(String.format("pcie_acs_override=downstream,multifunction (a patch that some distributions carry) would make %d groups"
                        + " of it: %s. It changes no hardware: these devices can still reach each other unseen by the IOMMU, so a guest that"
                        + " owns one can read and write the others", parts.size(), String.join(" | ", parts)));
    }
}
