package sluicegate.machine.pci;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import sluicegate.api.platform.PciAddress;

/**
 * Functions that are known to use other requester ids than their own, or instead of it ({@code pci_add_dma_alias} in {@code
 * drivers/pci/quirks.c}), and bridges that hide what they are.
 */
final class DmaAliasQuirks {
    private static final Map<Integer, Set<Integer>> USE_FUNCTION_0 = Map.of(
            0x1180, Set.of(0xe832, 0xe476), // Ricoh card readers
            0x6766, Set.of(0x3d40, 0x3d41)); // Glenfly
    private static final Map<Integer, Set<Integer>> USE_FUNCTION_1 = Map.of(
            0x1b4b, Set.of(0x9120, 0x9123, 0x9125, 0x9128, 0x9130, 0x9170, 0x9172, 0x917a, 0x9182, 0x9183, 0x91a0, 0x9215, 0x9220,
                    0x9230, 0x9235), // Marvell storage controllers
            0x1103, Set.of(0x0642, 0x0645), // HighPoint
            0x197b, Set.of(0x2392), // JMicron JMB388
            0x1c28, Set.of(0x0122)); // Plextor M6E
    /** Conventional bridges by their header, PCI Express to PCI bridges by what they do. */
    private static final Map<Integer, Set<Integer>> HIDDEN_PCIE_BRIDGES = Map.of(
            0x1b21, Set.of(0x1080), // ASMedia ASM1083
            0x10e3, Set.of(0x8113), // Tundra
            0x1283, Set.of(0x8892, 0x8893), // ITE
            0x8086, Set.of(0x244e)); // Intel 82801
    private static final int ADAPTEC = 0x9005;
    private static final int INTEL = 0x8086;

    private DmaAliasQuirks() {}

    /** Device and function numbers on the function's own bus, ascending, itself not among them. */
    static List<Integer> of(int vendor, int device, int subVendor, int subDevice, PciAddress address) {
        int slot = address.device() << 3;
        if (in(USE_FUNCTION_0, vendor, device)) {
            return without(address, slot);
        }
        if (in(USE_FUNCTION_1, vendor, device)) {
            return without(address, slot | 1);
        }
        if (vendor == ADAPTEC && device == 0x0285 && subVendor == ADAPTEC && (subDevice == 0x02bb || subDevice == 0x02bc)) {
            return without(address, 1 << 3); // the processor behind the bridge that the card pretends to be
        }
        if (vendor == INTEL && (device == 0x2260 || device == 0x2264)) {
            return without(address, 0x10 << 3, 0x11 << 3, 0x12 << 3 | 3); // Xeon Phi x200, by its EEPROM
        }
        if (vendor == INTEL && device >= 0x2954 && device <= 0x295a && device != 0x2957) {
            // Visual Compute Accelerator: any slot, functions 0 to 4
            return without(address, IntStream.range(0, 256).filter(devfn -> (devfn & 7) < 5).toArray());
        }
        return List.of();
    }

    /**
     * Whether a bridge without a PCI Express capability is one from PCI Express all the same ({@code
     * PCI_DEV_FLAG_PCIE_BRIDGE_ALIAS}): some can be either, so what is above decides.
     */
    static boolean hiddenPcieBridge(int vendor, int device, boolean upstreamIsPcieAndNoBridgeToPci) {
        return upstreamIsPcieAndNoBridgeToPci && in(HIDDEN_PCIE_BRIDGES, vendor, device);
    }

    private static boolean in(Map<Integer, Set<Integer>> table, int vendor, int device) {
        return table.getOrDefault(vendor, Set.of()).contains(device);
    }

    private static List<Integer> without(PciAddress address, int... devfns) {
        return IntStream.of(devfns).filter(devfn -> devfn != address.devfn()).boxed().toList();
    }
}
