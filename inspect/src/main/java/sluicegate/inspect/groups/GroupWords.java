package sluicegate.inspect.groups;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import sluicegate.api.grouping.Isolation;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.platform.PciFunction;
import sluicegate.spec.Field;
import sluicegate.spec.pci.AcsCapability;

/** Reasons in words. */
final class GroupWords {
    private static final List<Field> BITS = List.of(AcsCapability.SV, AcsCapability.RR, AcsCapability.CR, AcsCapability.UF);

    private GroupWords() {}

    /** What a function is, for a sentence: {@code root port 0000:00:1c.0}. */
    static String what(PciFunction function) {
        return switch (function.pcieType()) {
            case ROOT_PORT -> "root port ";
            case UPSTREAM_PORT -> "upstream port ";
            case DOWNSTREAM_PORT -> "downstream port ";
            case PCIE_TO_PCI_BRIDGE -> "PCI Express to PCI bridge ";
            case PCI_TO_PCIE_BRIDGE -> "PCI to PCI Express bridge ";
            case CONVENTIONAL -> function.busesBehind().isPresent() ? "conventional bridge " : "";
            default -> "";
        } + function.name();
    }

    static String isolation(Isolation isolation) {
        var name = what(isolation.function());
        return switch (isolation.basis()) {
            case SHARED_BUS -> name + (isolation.function().busesBehind().isPresent()
                    ? " leads to conventional PCI, where every device sees all DMA of the others"
                    : " has no PCI Express capability, so it counts as conventional PCI, which cannot isolate");
            case EVENT_COLLECTOR -> name + " is an event collector, which counts as not isolating";
            case ALONE -> name + " is the only function in its slot, so it has no siblings to reach";
            case NO_CAPABILITY -> name + " has no ACS capability, so requests may turn round in it";
            case VENDOR -> name + (isolation.isolates() ? " isolates without an ACS capability, as its vendor says"
                    : " does not isolate, whatever its ACS capability says") + " (" + isolation.source() + ")";
            case OVERRIDE -> name + " counts as isolating because of pcie_acs_override";
            case BITS -> bits(name, isolation);
        };
    }

    private static String bits(String name, Isolation isolation) {
        var hardWired = names((int) AcsCapability.ISOLATION & ~isolation.wanted());
        if (!isolation.isolates()) {
            return String.format("ACS of %s has %s off, which it offers", name, names(isolation.missing()));
        }
        if (isolation.wanted() == 0) {
            return String.format("ACS of %s offers no control over peers, which counts as: it cannot let them reach each other", name);
        }
        return String.format("ACS of %s has %s on%s", name, names(isolation.wanted()),
                hardWired.isEmpty() ? "" : " (" + hardWired + " it does not offer, which counts as hard-wired)");
    }

    static String names(int bits) {
        return BITS.stream().filter(bit -> (bits & bit.mask()) != 0).map(Field::name).collect(Collectors.joining(" "));
    }

    /**
     * Why a function is in its group.
     *
     * @param shared whether others are in it
     */
    static String reason(PciGroup.Reason reason, boolean shared) {
        var function = reason.function().name();
        var with = what(reason.with());
        return switch (reason.kind()) {
            case ALONE -> shared ? function + " is the first of its group" + because(blame(reason)) : alone(reason);
            case ALIAS -> reason.with().busesBehind().isPresent()
                    ? String.format("%s shares the group of %s: the bridge puts its own requester id in place of the device's", function, with)
                    : String.format("%s shares the group of %s, which sends its requests as its own", function, with);
            case ID -> String.format("%s shares the group of %s: one of them uses the requester id of the other", function, with);
            case PATH -> String.format("%s shares the group of %s, which leads to it%s", function, with, because(blame(reason)));
            case SLOT -> String.format("%s shares the group of %s: functions of one device, and neither keeps its requests from the other%s",
                    function, with, because(blame(reason)));
            case BELOW -> String.format("%s shares the group of %s: all below that bus is one group%s", function, with, because(blame(reason)));
            case SWITCH -> String.format("%s shares the group of the ports of its switch%s", function, because(blame(reason)));
        };
    }

    /** A function that shares its group with nobody may not isolate itself: it needs a sibling to reach. */
    private static String alone(PciGroup.Reason reason) {
        var function = reason.function();
        var above = reason.decisive().stream().filter(isolation -> isolation.function() != function && isolation.isolates()).toList();
        var own = reason.decisive().stream().filter(isolation -> isolation.function() == function).findFirst();
        var text = function.name() + " has a group of its own: " + own.map(isolation -> isolation.isolates() ? isolation(isolation)
                : "no sibling that it could reach is behind the unit (by itself it would not isolate: " + isolation(isolation) + ")")
                .orElse("nothing shares its ids");
        return above.isEmpty() ? text : text + "; on its way, " + above.stream().map(GroupWords::isolation).collect(Collectors.joining("; "));
    }

    private static String because(List<Isolation> isolations) {
        return isolations.isEmpty() ? "" : ": " + isolations.stream().map(GroupWords::isolation).collect(Collectors.joining("; "));
    }

    /** What does not isolate, and so is to blame that a function is not alone. */
    static List<Isolation> blame(PciGroup.Reason reason) {
        return reason.decisive().stream().filter(isolation -> !isolation.isolates()).toList();
    }

    /** A step of the path from a device to the root. */
    static String step(PciFunction function, Isolation isolation) {
        return String.format("%-14s %s: %s", function.name(), function.pcieType().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                (isolation.isolates() ? "isolates; " : "does NOT isolate; ") + isolation(isolation));
    }
}
