package sluicegate.machine.pci;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import sluicegate.api.platform.PciFunction;

/**
 * Under which ids a function's requests arrive at the root complex. PCI Express switches and root ports pass an id on;
 * bridges to conventional PCI, where requests have none, put their own: a bridge from PCI Express the first id of the bus behind
 * it (PCI Express to PCI/PCI-X Bridge Specification 2.3), a conventional bridge its own id (the kernel's
 * {@code pci_for_each_dma_alias}; QEMU's {@code pci_req_id_cache_get} comes to the same).
 */
public final class RequesterIds {
    private RequesterIds() {}

    /** The id that the function's requests have when they reach the unit: the last bridge that replaced it decides. */
    public static int atRoot(PciFunction function) {
        var all = aliases(function);
        return all.get(all.size() - 1);
    }

    /**
     * The function's own id, then wrong ones that it is known to use, then each that a bridge on the way may put in place; each
     * once, in this order.
     */
    public static List<Integer> all(PciFunction function) {
        var ids = new LinkedHashSet<Integer>();
        ids.add(function.address().requesterId());
        function.dmaAliases().forEach(devfn -> ids.add(function.address().bus() << 8 | devfn));
        ids.addAll(aliases(function));
        return List.copyOf(ids);
    }

    private static List<Integer> aliases(PciFunction function) {
        var ids = new ArrayList<Integer>();
        ids.add(function.address().requesterId());
        for (var bridge = function.upstreamBridge(); bridge.isPresent(); bridge = bridge.get().upstreamBridge()) {
            replacement(bridge.get()).ifPresent(ids::add);
        }
        return ids;
    }

    private static Optional<Integer> replacement(PciFunction bridge) {
        return switch (bridge.pcieType()) {
            case PCIE_TO_PCI_BRIDGE -> bridge.busesBehind().map(buses -> buses.secondary() << 8);
            case CONVENTIONAL, PCI_TO_PCIE_BRIDGE -> Optional.of(bridge.address().requesterId());
            default -> Optional.empty();
        };
    }
}
