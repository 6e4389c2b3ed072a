package sluicegate.qemu;

import java.util.ArrayList;
import java.util.List;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.PciTree;
import sluicegate.machine.memory.AddressMap;
import sluicegate.qemu.dma.UnitTrace;
import sluicegate.qemu.dma.VtdTrace;
import sluicegate.qemu.firmware.AcpiTables;
import sluicegate.qemu.firmware.FwCfg;
import sluicegate.qemu.pci.Ecam;
import sluicegate.qemu.pci.PciSetup;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.spec.acpi.DmarTable;

/**
 * A PC of 2009 (Intel Q35 and ICH9) with a VT-d unit.
 *
 * @param rootBuses further root buses than 0, ascending
 * @param devices {@code -device} arguments behind those that every such machine has
 */
record Q35Vtd(String name, String description, List<Integer> furtherRootBuses, List<String> devices) implements MachineModel {
    /**
     * Room for tables and data, below the hole that a PC has under 4 GiB. From 640 KiB to 1 MiB it is memory here and, as on
     * every PC, something else for devices; allocators leave that alone.
     */
    static final long MEMORY_BYTES = 256L << 20;

    private static final int CONFIG_ADDRESS = 0xcf8;
    private static final int CONFIG_DATA = 0xcfc;
    private static final int CONFIG_ENABLE = 1 << 31;
    /** PCIEXBAR of the host bridge (Intel 3 Series Express Chipset datasheet 5.1.13): 256 buses, enabled. */
    private static final int PCIEXBAR = 0x60;
    private static final long ECAM_BASE = 0xb000_0000L;
    private static final int ENABLE = 1;
    private static final PciSetup.Window WINDOW = new PciSetup.Window(0xc000_0000L, 0xfe00_0000L);
    /** Of a processor that is not there. */
    private static final long MESSAGE_ADDRESS = 0xfee0_1000L;
    private static final int FW_CFG_DMA_HIGH = 0x514;
    private static final int FW_CFG_DMA_LOW = 0x518;
    private static final int ROM_BYTES = 1 << 16;
    private static final int RESET_VECTOR = 0xfff0;
    /** cli; hlt; jmp to the hlt. */
    private static final byte[] PARK = {(byte) 0xfa, (byte) 0xf4, (byte) 0xeb, (byte) 0xfd};

    /** One unit with two engines for DMA on the root bus. */
    static Q35Vtd plain() {
        return new Q35Vtd("qemu:q35-vtd", "QEMU: Q35 with one VT-d unit; DMA by edu (00:05.0) and an SD host controller (00:06.0)",
                List.of(), List.of(
                "e1000e,bus=pcie.0,addr=02.0",
                "edu,bus=pcie.0,addr=05.0,dma_mask=0xffffffffffffffff",
                "sdhci-pci,bus=pcie.0,addr=06.0,id=sd"));
    }

    /** What makes grouping and requester ids interesting: root ports, a switch, conventional buses, a second root bus. */
    static Q35Vtd rich() {
        var edu = "edu,dma_mask=0xffffffffffffffff,";
        return new Q35Vtd("qemu:q35-vtd-rich", "QEMU: Q35 with one VT-d unit, root ports, a switch, conventional buses",
                List.of(0x20), List.of(
                "e1000e,bus=pcie.0,addr=02.0",
                "pcie-root-port,bus=pcie.0,id=port1,addr=04.0,chassis=1,slot=1",
                edu + "bus=port1",
                edu + "bus=pcie.0,addr=05.0",
                "pcie-root-port,bus=pcie.0,id=port2,addr=06.0,chassis=2,slot=2",
                "pcie-pci-bridge,id=pci2,bus=port2",
                edu + "bus=pci2,addr=03.0",
                edu + "bus=pci2,addr=04.0",
                "pcie-root-port,bus=pcie.0,id=port3,addr=07.0,chassis=3,slot=3",
                "x3130-upstream,id=up3,bus=port3",
                "xio3130-downstream,id=down30,bus=up3,addr=00.0,chassis=30,slot=30",
                "xio3130-downstream,id=down31,bus=up3,addr=01.0,chassis=31,slot=31",
                edu + "bus=down30",
                "e1000e,bus=down31",
                "pxb-pcie,bus=pcie.0,id=root20,addr=08.0,bus_nr=0x20",
                "pcie-root-port,id=port4,bus=root20,addr=00.0,chassis=4,slot=4",
                edu + "bus=port4",
                "sdhci-pci,bus=pcie.0,addr=0c.0,id=sd",
                "i82801b11-bridge,bus=pcie.0,id=pci8,addr=1e.0",
                edu + "bus=pci8,addr=01.0"));
    }

    @Override
    public String program() {
        return "qemu-system-x86_64";
    }

    @Override
    public String debianPackage() {
        return "qemu-system-x86";
    }

    /** Without the timers that tick by themselves: where virtual time jumps, they would keep QEMU busy for ever. */
    @Override
    public String machine() {
        return "q35,pit=off,hpet=off";
    }

    @Override
    public List<String> arguments() {
        var arguments = new ArrayList<String>(List.of("-device", "intel-iommu,aw-bits=48"));
        devices.forEach(device -> arguments.addAll(List.of("-device", device)));
        return arguments;
    }

    @Override
    public AddressMap memory() {
        return new AddressMap(List.of(new AddressMap.Range(0, MEMORY_BYTES)));
    }

    @Override
    public byte[] parkedProcessor() {
        var rom = new byte[ROM_BYTES];
        System.arraycopy(PARK, 0, rom, RESET_VECTOR, PARK.length);
        return rom;
    }

    @Override
    public long messageAddress() {
        return MESSAGE_ADDRESS;
    }

    @Override
    public UnitTrace trace() {
        return new VtdTrace();
    }

    @Override
    public Ecam wake(QtestChannel channel) {
        channel.begin();
        try {
            channel.out32(CONFIG_ADDRESS, CONFIG_ENABLE | PCIEXBAR + Integer.BYTES);
            channel.out32(CONFIG_DATA, 0);
            channel.out32(CONFIG_ADDRESS, CONFIG_ENABLE | PCIEXBAR);
            channel.out32(CONFIG_DATA, (int) ECAM_BASE | ENABLE);
            channel.run();
        } finally {
            channel.end();
        }
        return new Ecam(ECAM_BASE);
    }

    @Override
    public PciSetup.Window window() {
        return WINDOW;
    }

    @Override
    public List<Integer> rootBuses() {
        var all = new ArrayList<Integer>(List.of(0));
        all.addAll(furtherRootBuses);
        return all;
    }

    @Override
    public FwCfg.Doorbell fwCfg() {
        return (channel, address) -> {
            channel.out32(FW_CFG_DMA_HIGH, Integer.reverseBytes((int) (address >>> 32)));
            channel.out32(FW_CFG_DMA_LOW, Integer.reverseBytes((int) address));
        };
    }

    @Override
    public UnitPlan plan(FwCfg fwCfg, PciTree tree) {
        var dmar = AcpiTables.read(name, fwCfg).find(DmarTable.SIGNATURE)
                .orElseThrow(() -> IommuException.of(Errno.EIO, "%s: QEMU makes no DMAR table", name));
        return new DmarPlan(Dmar.parse(dmar), tree);
    }
}
