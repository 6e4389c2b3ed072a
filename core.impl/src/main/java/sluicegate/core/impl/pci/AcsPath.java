package sluicegate.core.impl.pci;

import java.util.Optional;
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
        return AcsQuirks.isolates(function).orElseGet(() -> isolatesByRule(function));
    }

    private static boolean isolatesByRule(PciFunction function) {
        return switch (function.pcieType()) {
            // A shared bus: every device on it sees all DMA. What leads to one counts as one (6.12.1).
            case CONVENTIONAL, PCI_TO_PCIE_BRIDGE, PCIE_TO_PCI_BRIDGE, ROOT_COMPLEX_EVENT_COLLECTOR -> false;
            // These must say what they do even if they are single functions (6.12.1.1).
            case ROOT_PORT, DOWNSTREAM_PORT -> enforces(function);
            // These need ACS only as part of a multifunction device (6.12.1.2); alone, they have no peers (6.12.1.3).
            case ENDPOINT, LEGACY_ENDPOINT, UPSTREAM_PORT, ROOT_COMPLEX_INTEGRATED_ENDPOINT ->
                    !multifunction(function) || enforces(function);
        };
    }

    /** A function above 0 has siblings, whatever its own header says ({@code pci_scan_slot}). */
    static boolean multifunction(PciFunction function) {
        return function.multifunction() || function.address().function() != 0;
    }

    /** Whether {@code from} and every bridge above it isolate. */
    public static boolean isolatedToRoot(PciFunction from) {
        for (var at = Optional.of(from); at.isPresent(); at = at.get().upstreamBridge()) {
            if (!isolates(at.get())) {
                return false;
            }
        }
        return true;
    }

    /** What the capability register does not offer is not controllable, and counts as hard-wired on. */
    private static boolean enforces(PciFunction function) {
        if (!function.hasAcs()) {
            return false;
        }
        int wanted = REQUIRED & function.acsCapabilities();
        return (function.acsControl() & wanted) == wanted;
    }
}
