package sluicegate.inspect.groups;

import java.util.ArrayList;
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

    /** Why a function is in its group. */
    static String reason(PciGroup.Reason reason) {
        var function = reason.function().name();
        var with = what(reason.with());
        return switch (reason.kind()) {
            case ALONE -> function + " has a group of its own" + because(reason);
            case ALIAS -> reason.with().busesBehind().isPresent()
                    ? String.format("%s shares the group of %s: the bridge puts its own requester id in place of the device's", function, with)
                    : String.format("%s shares the group of %s, which sends its requests as its own", function, with);
            case ID -> String.format("%s shares the group of %s: one of them uses the requester id of the other", function, with);
            case PATH -> String.format("%s shares the group of %s, which leads to it%s", function, with, because(reason));
            case SLOT -> String.format("%s shares the group of %s: functions of one device, and neither keeps its requests from the other%s",
                    function, with, because(reason));
            case BELOW -> String.format("%s shares the group of %s: all below that bus is one group%s", function, with, because(reason));
            case SWITCH -> String.format("%s shares the group of the ports of its switch%s", function, because(reason));
        };
    }

    private static String because(PciGroup.Reason reason) {
        var parts = new ArrayList<String>();
        reason.decisive().forEach(isolation -> parts.add(isolation(isolation)));
        return parts.isEmpty() ? "" : ": " + String.join("; ", parts);
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
