package sluicegate.inspect.groups;

import java.util.List;
import java.util.stream.Collectors;
import sluicegate.api.grouping.PciGroup;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.ReservedRegion.Type;
import sluicegate.inspect.GroupReport.Guest;
import sluicegate.inspect.GroupReport.Reserved;

/** Whether VFIO would let a guest have a group ({@code iommu_group_claim_dma_owner}, {@code vfio_dev_viable}). */
final class GuestRules {
    private static final int BRIDGES = 0x06;
    private static final int HOST_BRIDGE = 0x0600;
    private static final int ISA_BRIDGE = 0x0601;
    private static final int PCI_BRIDGE = 0x0604;

    private GuestRules() {}

    static Guest of(PciGroup group, List<Reserved> reserved, boolean tablesKnown) {
        var direct = reserved.stream().filter(range -> range.region().type() == Type.DIRECT).findFirst();
        if (direct.isPresent()) {
            return new Guest(false, String.format("firmware keeps using %s (%s) for %s, which must stay mapped one to one", range(direct.get()),
                    direct.get().owner(), String.join(" ", direct.get().devices())));
        }
        var devices = group.members().stream().filter(function -> function.classCode() >>> 8 != PCI_BRIDGE).toList();
        if (devices.stream().allMatch(function -> function.classCode() >>> 16 == BRIDGES)) {
            return new Guest(false, devices.isEmpty() ? "there are only bridges in it, and bridges stay with the host"
                    : "there are only parts of the chipset in it, which the host needs");
        }
        var hosts = devices.stream().filter(function -> function.classCode() >>> 8 == HOST_BRIDGE || function.classCode() >>> 8 == ISA_BRIDGE)
                .map(PciFunction::name).toList();
        var text = new StringBuilder(devices.size() == 1 ? "alone in its group" + (group.members().size() > 1 ? " but for bridges" : "")
                : "only all together, or the rest left without a driver: "
                        + devices.stream().map(PciFunction::name).collect(Collectors.joining(" ")));
        if (!hosts.isEmpty()) {
            text.append("; ").append(String.join(" ", hosts)).append(" is part of the chipset, which the host may need");
        }
        if (!tablesKnown) {
            text.append("; memory that firmware reserves is not known, and could forbid it");
        }
        return new Guest(true, text.toString());
    }

    private static String range(Reserved range) {
        return range.region().toString().replaceAll(" [a-z-]+$", "").replace(" ", "-");
    }
}
