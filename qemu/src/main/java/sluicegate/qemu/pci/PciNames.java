package sluicegate.qemu.pci;

import java.util.Map;

/** What people call the devices that QEMU's machines have. */
public final class PciNames {
    private static final Map<Integer, String> NAMES = Map.ofEntries(
            Map.entry(0x104c_8232, "PCI bridge: Texas Instruments XIO3130 switch, upstream port"),
            Map.entry(0x104c_8233, "PCI bridge: Texas Instruments XIO3130 switch, downstream port"),
            Map.entry(0x1234_11e8, "Unclassified device: QEMU edu"),
            Map.entry(0x1b36_0007, "SD Host controller: QEMU SD host controller"),
            Map.entry(0x1b36_000b, "Host bridge: QEMU PCIe expander bridge"),
            Map.entry(0x1b36_000c, "PCI bridge: QEMU PCIe root port"),
            Map.entry(0x1b36_000e, "PCI bridge: QEMU PCIe-to-PCI bridge"),
            Map.entry(0x8086_10d3, "Ethernet controller: Intel 82574L (e1000e)"),
            Map.entry(0x8086_244e, "PCI bridge: Intel 82801 PCI bridge"),
            Map.entry(0x8086_2918, "ISA bridge: Intel 82801IB (ICH9) LPC interface"),
            Map.entry(0x8086_2922, "SATA controller: Intel 82801IR (ICH9R) AHCI"),
            Map.entry(0x8086_2930, "SMBus: Intel 82801I (ICH9) SMBus"),
            Map.entry(0x8086_29c0, "Host bridge: Intel 82G33/G31/P35/P31 (Q35) DRAM controller"));

    /** The name of a device, empty if it has none here. */
    public String of(int vendor, int device) {
        return NAMES.getOrDefault(vendor << 16 | device, "");
    }
}
