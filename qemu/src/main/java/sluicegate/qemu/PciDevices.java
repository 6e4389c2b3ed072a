package sluicegate.qemu;

import java.util.List;

/** What is on the buses of machines, as {@code -device} arguments: things that exist on boards of every kind. */
final class PciDevices {
    /** Number of the further root bus that {@link #many} has. */
    static final int SECOND_ROOT_BUS = 0x20;

    private static final String EDU = "edu,dma_mask=0xffffffffffffffff,";

    private PciDevices() {}

    /** Two engines for DMA and a network card. */
    static List<String> few(String bus) {
        return List.of(
                "e1000e,bus=" + bus + ",addr=02.0",
                EDU + "bus=" + bus + ",addr=05.0",
                "sdhci-pci,bus=" + bus + ",addr=06.0,id=sd");
    }

    /** What makes grouping and requester ids interesting: root ports, a switch, conventional buses, a second root bus. */
    static List<String> many() {
        return List.of(
                "e1000e,bus=pcie.0,addr=02.0",
                "pcie-root-port,bus=pcie.0,id=port1,addr=04.0,chassis=1,slot=1",
                EDU + "bus=port1",
                EDU + "bus=pcie.0,addr=05.0",
                "pcie-root-port,bus=pcie.0,id=port2,addr=06.0,chassis=2,slot=2",
                "pcie-pci-bridge,id=pci2,bus=port2",
                EDU + "bus=pci2,addr=03.0",
                EDU + "bus=pci2,addr=04.0",
                "pcie-root-port,bus=pcie.0,id=port3,addr=07.0,chassis=3,slot=3",
                "x3130-upstream,id=up3,bus=port3",
                "xio3130-downstream,id=down30,bus=up3,addr=00.0,chassis=30,slot=30",
                "xio3130-downstream,id=down31,bus=up3,addr=01.0,chassis=31,slot=31",
                EDU + "bus=down30",
                "e1000e,bus=down31",
                "pxb-pcie,bus=pcie.0,id=root20,addr=08.0,bus_nr=0x20",
                "pcie-root-port,id=port4,bus=root20,addr=00.0,chassis=4,slot=4",
                EDU + "bus=port4",
                "sdhci-pci,bus=pcie.0,addr=0c.0,id=sd",
                "i82801b11-bridge,bus=pcie.0,id=pci8,addr=1e.0",
                EDU + "bus=pci8,addr=01.0");
    }
}
