package sluicegate.core.impl.pci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.api.grouping.Isolation;
import sluicegate.api.grouping.Isolation.Basis;
import sluicegate.api.platform.PciFunction;

/**
 * Whether Access Control Services keep peers from reaching each other without passing the IOMMU ({@code pci_acs_enabled},
 * {@code pci_acs_path_enabled}; PCI Express Base Specification 6.12).
 */
public final class AcsPath {
    /** Bits of the ACS capability and control registers that isolation needs (7.7.8.2): SV, RR, CR, UF. */
    static final int SOURCE_VALIDATION = 1;
    static final int REQUEST_REDIRECT = 1 << 2;
    static final int COMPLETION_REDIRECT = 1 << 3;
    static final int UPSTREAM_FORWARDING = 1 << 4;
    /** {@code REQ_ACS_FLAGS}. */
    public static final int REQUIRED = SOURCE_VALIDATION | REQUEST_REDIRECT | COMPLETION_REDIRECT | UPSTREAM_FORWARDING;

    private AcsPath() {}

    /** Whether nothing that passes {@code function} can turn round to a peer below or beside it. */
    public static boolean isolates(PciFunction function) {
        return isolation(function, GroupingRules.KERNEL).isolates();
    }

    /** The same, with what decides it. */
    static Isolation isolation(PciFunction function, GroupingRules rules) {
        if (overridden(function, rules.override())) {
            return new Isolation(function, true, Basis.OVERRIDE, 0, 0, "pcie_acs_override");
        }
        var word = rules.vendorsCount() ? AcsQuirks.isolates(function) : Optional.<AcsQuirks.Word>empty();
        return word.map(said -> new Isolation(function, said.isolates(), Basis.VENDOR, 0, 0, said.source()))
                .orElseGet(() -> byRule(function));
    }

    private static Isolation byRule(PciFunction function) {
        return switch (function.pcieType()) {
            // A shared bus: every device on it sees all DMA. What leads to one counts as one (6.12.1).
            case CONVENTIONAL, PCI_TO_PCIE_BRIDGE, PCIE_TO_PCI_BRIDGE -> plain(function, false, Basis.SHARED_BUS);
            case ROOT_COMPLEX_EVENT_COLLECTOR -> plain(function, false, Basis.EVENT_COLLECTOR);
            // These must say what they do even if they are single functions (6.12.1.1).
            case ROOT_PORT, DOWNSTREAM_PORT -> enforces(function);
            // These need ACS only as part of a multifunction device (6.12.1.2); alone, they have no peers (6.12.1.3).
            case ENDPOINT, LEGACY_ENDPOINT, UPSTREAM_PORT, ROOT_COMPLEX_INTEGRATED_ENDPOINT ->
                    multifunction(function) ? enforces(function) : plain(function, true, Basis.ALONE);
        };
    }

    private static Isolation plain(PciFunction function, boolean isolates, Basis basis) {
        return new Isolation(function, isolates, basis, 0, 0, "");
    }

    /** {@code pcie_acs_overrides} in the patch: nothing conventional, and nothing that has the capability. */
    private static boolean overridden(PciFunction function, GroupingRules.AcsOverride override) {
        if (function.pcieType() == PciFunction.PcieType.CONVENTIONAL || function.hasAcs()) {
            return false;
        }
        if (override.ids().contains(function.vendorId() << 16 | function.deviceId())) {
            return true;
        }
        return switch (function.pcieType()) {
            case ROOT_PORT, DOWNSTREAM_PORT -> override.downstream();
            case ENDPOINT, LEGACY_ENDPOINT, UPSTREAM_PORT, ROOT_COMPLEX_INTEGRATED_ENDPOINT ->
                    override.multifunction() && multifunction(function);
            default -> false;
        };
    }

    /** A function above 0 has siblings, whatever its own header says ({@code pci_scan_slot}). */
    static boolean multifunction(PciFunction function) {
        return function.multifunction() || !function.virtualFunction() && function.address().function() != 0;
    }

    /** What is asked from {@code from} up to the root, ending with the first that does not isolate. */
    static List<Isolation> toRoot(PciFunction from, GroupingRules rules) {
        var asked = new ArrayList<Isolation>();
        for (var at = Optional.of(from); at.isPresent(); at = at.get().upstreamBridge()) {
            var isolation = isolation(at.get(), rules);
            asked.add(isolation);
            if (!isolation.isolates()) {
                break;
            }
        }
        return asked;
    }

    /** What the capability register does not offer is not controllable, and counts as hard-wired on. */
    private static Isolation enforces(PciFunction function) {
        if (!function.hasAcs()) {
            return plain(function, false, Basis.NO_CAPABILITY);
        }
        int wanted = REQUIRED & function.acsCapabilities();
        int missing = wanted & ~function.acsControl();
        return new Isolation(function, missing == 0, Basis.BITS, wanted, missing, "");
    }
}
