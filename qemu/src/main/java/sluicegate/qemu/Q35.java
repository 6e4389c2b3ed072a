package sluicegate.qemu;

import java.util.ArrayList;
import java.util.List;
import sluicegate.machine.memory.AddressMap;
import sluicegate.qemu.dma.AmdviTrace;
import sluicegate.qemu.dma.UnitTrace;
import sluicegate.qemu.dma.VtdTrace;
import sluicegate.qemu.firmware.FwCfg;
import sluicegate.qemu.pci.Ecam;
import sluicegate.qemu.pci.PciSetup;
import sluicegate.qemu.qtest.QtestChannel;

/**
 * A PC of 2009 (Intel Q35 and ICH9).
 *
 * @param unit {@code -device} argument of its unit
 * @param trace how the unit tells what it does
 * @param furtherRootBuses further root buses than 0, ascending
 * @param devices {@code -device} arguments of what is on its buses
 */
record Q35(String name, String description, String unit, UnitTrace trace, List<Integer> furtherRootBuses, List<String> devices)
        implements MachineModel {
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

    private static final String VTD = "intel-iommu,aw-bits=48";
    private static final String VTD_SCALABLE = VTD + ",x-scalable-mode=on";
    private static final String VTD_FIRST_STAGE = VTD_SCALABLE + ",x-flts=on";
    private static final int SINCE_FIRST_STAGE = 10;
    private static final String AMDVI = "amd-iommu";

    /** A VT-d unit with two engines for DMA on the root bus. */
    static Q35 vtd() {
        return new Q35("qemu:q35-vtd", "QEMU: Q35 with one VT-d unit; DMA by edu (00:05.0) and an SD host controller (00:06.0)",
                VTD, new VtdTrace(), List.of(), PciDevices.few("pcie.0"));
    }

    /** A VT-d unit with all that makes grouping and requester ids interesting. */
    static Q35 vtdRich() {
        return new Q35("qemu:q35-vtd-rich", "QEMU: Q35 with one VT-d unit, root ports, a switch, conventional buses",
                VTD, new VtdTrace(), List.of(PciDevices.SECOND_ROOT_BUS), PciDevices.many());
    }

    /** A VT-d unit that has scalable mode with the second stage and not the first. */
    static Q35 vtdScalable() {
        return new Q35("qemu:q35-vtd-scalable",
                "QEMU: Q35 with one VT-d unit in scalable mode; DMA by edu (00:05.0) and an SD host controller (00:06.0)",
                VTD_SCALABLE, new VtdTrace(), List.of(), PciDevices.few("pcie.0"));
    }

    /** A VT-d unit that has scalable mode with the first stage and not the second, as QEMU has since version 10. */
    static Q35 vtdFirstStage() {
        return new Q35("qemu:q35-vtd-first-stage",
                "QEMU 10: Q35 with one VT-d unit in scalable mode, first stage; DMA by edu (00:05.0) and an SD host controller (00:06.0)",
                VTD_FIRST_STAGE, new VtdTrace(), List.of(), PciDevices.few("pcie.0"));
    }

    /** An AMD IOMMU with two engines for DMA on the root bus. */
    static Q35 amdvi() {
        return new Q35("qemu:q35-amdvi", "QEMU: Q35 with one AMD IOMMU; DMA by edu (00:05.0) and an SD host controller (00:06.0)",
                AMDVI, new AmdviTrace(), List.of(), PciDevices.few("pcie.0"));
    }

    @Override
    public String program() {
        return "qemu-system-x86_64";
    }

    @Override
    public String debianPackage() {
        return "qemu-system-x86";
    }

    @Override
    public int since() {
        return unit.equals(VTD_FIRST_STAGE) ? SINCE_FIRST_STAGE : 0;
    }

    /** Without the timers that tick by themselves: where virtual time jumps, they would keep QEMU busy for ever. */
    @Override
    public String machine() {
        return "q35,pit=off,hpet=off";
    }

    @Override
    public List<String> arguments() {
        var arguments = new ArrayList<String>(List.of("-device", unit));
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
    public List<AddressMap.Range> inUse() {
        return List.of();
    }
}
