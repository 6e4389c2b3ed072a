package sluicegate.qemu;

import java.util.ArrayList;
import java.util.List;
import sluicegate.machine.memory.AddressMap;
import sluicegate.qemu.dma.SmmuTrace;
import sluicegate.qemu.dma.UnitTrace;
import sluicegate.qemu.firmware.FwCfg;
import sluicegate.qemu.pci.Ecam;
import sluicegate.qemu.pci.PciSetup;
import sluicegate.qemu.qtest.QtestChannel;

/**
 * QEMU's board for Arm with an SMMUv3 (QEMU, {@code hw/arm/virt.c}).
 *
 * @param stages which stages its unit has, as QEMU names them; empty for what the version of QEMU gives it
 * @param furtherRootBuses further root buses than 0, ascending
 * @param devices {@code -device} arguments of what is on its buses
 */
record Virt(String name, String description, String stages, List<Integer> furtherRootBuses, List<String> devices)
        implements MachineModel {
    private static final String BOTH_STAGES = "nested";
    private static final int SINCE_BOTH_STAGES = 10;
    private static final long MEMORY_BASE = 0x4000_0000L;
    private static final long MEMORY_BYTES = 256L << 20;
    /** Where the board puts its device tree at reset. */
    private static final AddressMap.Range DEVICE_TREE = new AddressMap.Range(MEMORY_BASE, 2L << 20);
    private static final long ECAM_BASE = 0x40_1000_0000L;
    private static final PciSetup.Window WINDOW = new PciSetup.Window(0x1000_0000L, 0x3eff_0000L);
    /** GITS_TRANSLATER of the interrupt translation service. */
    private static final long MESSAGE_ADDRESS = 0x0809_0040L;
    private static final long FW_CFG_DMA = 0x0902_0010L;
    private static final int ROM_BYTES = 1 << 16;
    /** wfi; b to the wfi. */
    private static final byte[] PARK = {0x7f, 0x20, 0x03, (byte) 0xd5, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x17};

    /** Two engines for DMA on the root bus. */
    static Virt plain() {
        return new Virt("qemu:virt-smmuv3",
                "QEMU: virt with one SMMUv3; DMA by edu (00:05.0) and an SD host controller (00:06.0)", "", List.of(),
                PciDevices.few("pcie.0"));
    }

    /** The same with a unit that has stage 2 beside stage 1. */
    static Virt nested() {
        return new Virt("qemu:virt-smmuv3-nested",
                "QEMU 10: virt with one SMMUv3 of both stages; DMA by edu (00:05.0) and an SD host controller (00:06.0)", BOTH_STAGES,
                List.of(), PciDevices.few("pcie.0"));
    }

    /** All that makes grouping and requester ids interesting. */
    static Virt rich() {
        return new Virt("qemu:virt-smmuv3-rich", "QEMU: virt with one SMMUv3, root ports, a switch, conventional buses", "",
                List.of(PciDevices.SECOND_ROOT_BUS), PciDevices.many());
    }

    @Override
    public String program() {
        return "qemu-system-aarch64";
    }

    @Override
    public String debianPackage() {
        return "qemu-system-arm";
    }

    @Override
    public int since() {
        return stages.equals(BOTH_STAGES) ? SINCE_BOTH_STAGES : 0;
    }

    @Override
    public String machine() {
        return "virt,iommu=smmuv3,gic-version=3,acpi=on";
    }

    @Override
    public List<String> arguments() {
        var arguments = new ArrayList<String>(List.of("-cpu", "cortex-a57"));
        if (!stages.isEmpty()) {
            arguments.addAll(List.of("-global", "arm-smmuv3.stage=" + stages));
        }
        devices.forEach(device -> arguments.addAll(List.of("-device", device)));
        return arguments;
    }

    @Override
    public AddressMap memory() {
        return new AddressMap(List.of(new AddressMap.Range(MEMORY_BASE, MEMORY_BYTES)));
    }

    @Override
    public List<AddressMap.Range> inUse() {
        return List.of(DEVICE_TREE);
    }

    @Override
    public byte[] parkedProcessor() {
        var rom = new byte[ROM_BYTES];
        System.arraycopy(PARK, 0, rom, 0, PARK.length);
        return rom;
    }

    @Override
    public long messageAddress() {
        return MESSAGE_ADDRESS;
    }

    @Override
    public UnitTrace trace() {
        return new SmmuTrace();
    }

    /** It is there from reset. */
    @Override
    public Ecam wake(QtestChannel channel) {
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
            channel.write32(FW_CFG_DMA, Integer.reverseBytes((int) (address >>> 32)));
            channel.write32(FW_CFG_DMA + Integer.BYTES, Integer.reverseBytes((int) address));
        };
    }
}
