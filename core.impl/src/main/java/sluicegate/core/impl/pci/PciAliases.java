package sluicegate.core.impl.pci;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;

/**
 * The requester ids under which a function's requests may arrive at the root, because bridges on their way replace it
 * ({@code pci_for_each_dma_alias}).
 */
public final class PciAliases {
    private PciAliases() {}

    /**
     * One of them.
     *
     * @param owner the function or the bridge that puts the id on the bus
     * @param requesterId the id, not always that of the owner; a PCI Express to PCI bridge uses device 0, function 0 of its secondary bus, which is the id
     *     of none of its functions (PCI Express to PCI/PCI-X Bridge Specification 1.0, section 2.3)
     */
    public record Alias(PciFunction owner, int requesterId) {}

    /** From the function itself upwards: its own id, wrong ones that it is known to use, and those of bridges. */
    public static List<Alias> of(PciFunction device) {
        var function = device.dmaSource();
        var aliases = new ArrayList<Alias>();
        aliases.add(new Alias(function, function.address().requesterId()));
        function.dmaAliases().forEach(devfn -> aliases.add(new Alias(function, function.address().bus() << 8 | devfn)));
        for (var up = function.upstreamBridge(); up.isPresent(); up = up.get().upstreamBridge()) {
            var bridge = up.get();
            switch (bridge.pcieType()) {
                case PCIE_TO_PCI_BRIDGE -> aliases.add(new Alias(bridge, secondaryBusId(bridge)));
                // Where the upstream bus is PCI or PCI-X, the bridge may take over any transaction.
                case PCI_TO_PCIE_BRIDGE, CONVENTIONAL -> aliases.add(new Alias(bridge, bridge.address().requesterId()));
                default -> { } // ports of root complexes and switches pass ids on
            }
        }
        return aliases;
    }

    /** The id with which the function's requests arrive at a unit above all bridges, if it uses its own. */
    public static int requesterId(PciFunction function) {
        var last = last(function);
        return last.owner() == function ? function.address().requesterId() : last.requesterId();
    }

    /** Whether the function's requests arrive at a unit above all bridges with the id of one of these. */
    public static boolean bridgeTakesOver(PciFunction function) {
        return last(function).owner() != function;
    }

    private static Alias last(PciFunction function) {
        var aliases = of(function);
        return aliases.get(aliases.size() - 1);
    }

    /** Whether one of them uses an id of the other ({@code pci_devs_are_dma_aliases}). Both are on one bus. */
    static boolean alias(PciFunction one, PciFunction other) {
        return one.dmaAliases().contains(other.address().devfn()) || other.dmaAliases().contains(one.address().devfn());
    }

    private static int secondaryBusId(PciFunction bridge) {
        return bridge.busesBehind()
                .map(buses -> new PciAddress(bridge.address().segment(), buses.secondary(), 0, 0).requesterId())
                .orElseGet(() -> bridge.address().requesterId());
    }
}
