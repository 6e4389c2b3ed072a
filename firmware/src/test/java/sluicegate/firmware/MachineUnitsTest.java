package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

@DisplayName("The units of a machine description")
class MachineUnitsTest {
    private static final String TOPOLOGY = "00:00.0 1b36:0008 class 060000\n00:05.0 1234:11e8 class 00ff00\n"
            + "00:06.0 1b36:000c class 060400 bridge pri 00 sec 01 sub 01\n01:00.0 8086:10d3 class 020000\n";
    private static final long SMMU = 0x0905_0000L;

    @Test
    @DisplayName("come from the device tree where no table describes them, with its memory and its devices")
    void readsDeviceTree() {
        var machine = read("", Map.of("x.dtb", tree().node("eth@1").cells("iommus", 1, 0x77, 1, 0x78).flag("dma-can-stall")
                .cells("pasid-num-bits", 16).end().node("off").cells("iommus", 1, 3).text("status", "disabled").end().bytes()));

        assertThat(machine.memory()).containsExactly(new MemoryRange(0x4000_0000L, 0x1000_0000L));
        var unit = smmu(machine, 0);
        assertThat(unit.base()).isEqualTo(SMMU);
        assertThat(unit.coherent()).isTrue();
        assertThat(machine.inputOf(PciAddress.parse("01:00.0"))).contains(new UnitInput(unit, 0x1100));
        assertThat(machine.inputOf(PciAddress.parse("01:00.0"), 0x80)).as("as a bridge").contains(new UnitInput(unit, 0x1080));
        assertThat(machine.atsAllowed(PciAddress.parse("01:00.0"))).isTrue();
        assertThat(machine.devices()).containsExactly(new DeviceDescription("/eth@1",
                List.of(new UnitInput(unit, 0x77), new UnitInput(unit, 0x78)), true, 16, false, -1L, Optional.empty()));
    }

    @Test
    @DisplayName("are not described twice: beside a table the device tree tells of memory alone")
    void prefersTheTable() {
        var machine = read("", Map.of("x.dtb", tree().bytes(), "iort.bin", iort(0x7fff)));

        assertThat(machine.memory()).containsExactly(new MemoryRange(0x4000_0000L, 0x1000_0000L));
        assertThat(machine.units()).singleElement().satisfies(unit -> assertThat(unit.origin()).contains("iort.bin"));
        assertThat(machine.inputOf(PciAddress.parse("01:00.0"))).map(UnitInput::id).as("not as the tree says").contains(0x100L);
    }

    @Test
    @DisplayName("may be told to do as much as the settings say")
    void readsSettings() {
        var features = smmu(read("""
                memory = 1G-2G
                smmuv3.granules = 4K, 64K
                smmuv3.output-bits = 44
                smmuv3.stage-2 = no
                smmuv3.stream-bits = 8
                smmu0.stream-bits = 16
                smmuv3.substream-bits = 20
                smmuv3.hardware-updates = dirty
                smmuv3.stalls = choice
                smmuv3.break-before-make = 2
                smmuv3.ats = yes
                smmuv3.pri = yes
                smmuv3.event-queue-bits = 7
                smmuv3.enhanced-command-queues = yes
                smmuv3.control-page-bits = 1
                """, Map.of("iort.bin", iort(0xffff))), 0).features();
        assertThat(features.granuleShifts()).containsExactly(12, 16);
        assertThat(features.outputBits()).isEqualTo(44);
        assertThat(features.has(Smmuv3Flag.STAGE_2)).isFalse();
        assertThat(features.has(Smmuv3Flag.STAGE_1)).isTrue();
        assertThat(features.has(Smmuv3Flag.PRI)).isTrue();
        assertThat(features.streamBits()).as("its own setting counts").isEqualTo(16);
        assertThat(features.substreamBits()).isEqualTo(20);
        assertThat(features.updates()).isEqualTo(Smmuv3Features.Updates.DIRTY);
        assertThat(features.stalls()).isEqualTo(Smmuv3Features.Stalls.CHOICE);
        assertThat(features.breakBeforeMake()).isEqualTo(2);
        assertThat(features.eventQueueBits()).isEqualTo(7);
        assertThat(features.commandQueueBits()).isEqualTo(Smmuv3Features.DEFAULT.commandQueueBits());
        assertThat(features.has(Smmuv3Flag.ENHANCED_COMMAND_QUEUES)).isTrue();
        assertThat(features.controlPageBits()).isEqualTo(1);
        assertThat(features.controlPageQueueBits()).isEqualTo(Smmuv3Features.DEFAULT.controlPageQueueBits());

        var amd = (UnitDescription.Amdvi) read("""
                amdvi.host-levels = 4
                amdvi.guest-translation = yes
                amdvi.guest-levels = 5
                amdvi.guest-cr3-levels = 2
                amdvi.invalidate-all = no
                ivhd0.device-table-segments = 8
                """, Map.of("ivrs.bin", ivrs())).units().get(0);
        assertThat(amd.features()).isEqualTo(new AmdviFeatures(EnumSet.of(AmdviFlag.GUEST_TRANSLATION, AmdviFlag.IOTLB,
                AmdviFlag.COHERENT), 4, 5, 2, 16, 48, 8));
    }

    @Test
    @DisplayName("are refused for settings that make no sense, with the line")
    void refusesBadSettings() {
        var iort = Map.of("iort.bin", iort(0xffff));
        assertRefused("smmuv3.stage1 = no\n", iort, "line 1", "no such key", "smmuv3.stage-1", "smmu0.*");
        assertRefused("smmu1.stage-1 = no\n", iort, "line 1", "no such unit; there are 1");
        assertRefused("vtd.levels = 4\n", iort, "line 1", "no VT-d unit");
        assertRefused("amdvi.iotlb = no\n", iort, "line 1", "no AMD IOMMU");
        assertRefused("memory = 0-256M\n", iort, "line 1", "registers", "iort.bin");
        var ivrs = Map.of("ivrs.bin", ivrs());
        assertRefused("smmuv3.stage-1 = no\n", ivrs, "line 1", "no SMMUv3");
        assertRefused("memory = 1024T\n", ivrs, "line 1", "48 bits of host addresses");
    }

    @Test
    @DisplayName("can't be if their own settings make no sense, and a warning names the line")
    void saysWhichUnitsCannotBe() {
        var iort = Map.of("iort.bin", iort(0xffff));
        assertNoUnit("smmuv3.granules = 8K\n", iort, "line 1", "'8K'", "4K, 16K, 64K");
        assertNoUnit("\nsmmuv3.output-bits = 45\n", iort, "line 2", "one of 32, 36, 40, 42, 44, 48, 52");
        assertNoUnit("smmuv3.stream-bits = 33\n", iort, "line 1", "between 0 and 32");
        assertNoUnit("smmuv3.stalls = maybe\n", iort, "line 1", "never, choice, always");
        assertNoUnit("smmuv3.pri = yes\n", iort, "line 1", "need ats");
        assertNoUnit("smmuv3.msi = no\nsmmuv3.enhanced-command-queues = yes\n", iort, "line 2", "need coherent and msi");
        assertNoUnit("smmuv3.control-page-bits = 9\n", iort, "line 1", "between 0 and 8");
        assertNoUnit("smmuv3.stage-1 = no\nsmmuv3.stage-2 = no\n", iort, "line 2", "neither stage 1 nor stage 2");
        assertNoUnit("smmuv3.output-bits = 52\nsmmuv3.granules = 4K\n", iort, "line 2", "granule of 64 KiB");
        var ivrs = Map.of("ivrs.bin", ivrs());
        assertNoUnit("amdvi.host-levels = 3\n", ivrs, "line 1", "between 4 and 6");
        assertNoUnit("amdvi.pasid-bits = 8\n", ivrs, "line 1", "need guest-translation");
        assertNoUnit("amdvi.page-requests = yes\namdvi.iotlb = no\n", ivrs, "line 2", "page-requests need iotlb");
        assertNoUnit("amdvi.device-table-segments = 3\n", ivrs, "line 1", "1, 2, 4, 8");
    }

    @Test
    @DisplayName("are of one make")
    void refusesTwoMakes() {
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> read("", Map.of("ivrs.bin", ivrs(), "iort.bin", iort(0xffff))))
                .withMessageContaining("machine/ivrs.bin, machine/iort.bin").withMessageContaining("one kind");
    }

    @Test
    @DisplayName("say so where they are of a kind that no model is for")
    void leavesOutOthers() {
        var machine = read("", Map.of("x.dtb", DeviceTreeBuilder.tree().node("iommu@1").text("compatible", "arm,mmu-500")
                .cells("#iommu-cells", 1).cells("phandle", 1).end().node("a").cells("iommus", 1, 5).end().bytes()));
        assertThat(machine.units()).isEmpty();
        assertThat(machine.devices()).isEmpty();
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning).contains("arm,mmu-500", "not modelled"));
        var misplaced = read("", Map.of("x.dtb", tree().node("iommu@2").text("compatible", "arm,smmu-v3")
                .cells("#iommu-cells", 1).cells("reg", 0, 0x9080800, 0, 0x20000).end().bytes()));
        assertThat(misplaced.units()).hasSize(1);
        assertThat(misplaced.warnings()).anySatisfy(warning -> assertThat(warning).contains("/iommu@2", "64 KiB", "left out"));
    }

    @Test
    @DisplayName("of AMD serve devices that ACPI names and that share an id, as laptops have them, and say so")
    void ivrsDevicesMayShareAnId() {
        var table = new AcpiBuilder("IVRS").revision(2).u32(0x203043).u64(0)
                .u8(0x40, 0x30).u16(141, 2, 0x40).u64(0xfed8_0000L).u16(0, 0).u32(0).u64(0, 0)
                .u8(3, 0, 0, 0).u8(4, 0xff, 0xff, 0);
        for (int port = 0; port < 2; port++) {
            table.u8(0xf0).u16(0x00a5).u8(0x40).text("AMDI0020").u64(0).u8(2, 9).text("\\_SB.FUR" + port);
        }
        table.u8(0xf0).u16(0x0028).u8(0).text("AMDI0040").u64(0).u8(2, 9).text("\\_SB.DMA0");
        var machine = read("", Map.of("ivrs.bin", table.bytes()));

        assertThat(machine.devices()).extracting(DeviceDescription::name, device -> device.problem().isPresent())
                .containsExactly(tuple("AMDI0020:\\_SB.FUR0", false), tuple("AMDI0020:\\_SB.FUR1", false),
                        tuple("AMDI0040:\\_SB.DMA0", true));
        assertThat(machine.devices().get(1).inputs()).extracting(UnitInput::id).containsExactly(0xa5L);
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning)
                .isEqualTo("AMDI0020:\\_SB.FUR0, AMDI0020:\\_SB.FUR1 share the id 0xa5 at ivhd0, which can't tell them apart: they are "
                        + "one group"));
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning).contains("DMA0", "0000:00:05.0 has"));
    }

    @Test
    @DisplayName("can't tell devices apart to which firmware gives one id: the later ones are told, the others work")
    void findsIdsGivenTwice() {
        var machine = read("", Map.of("x.dtb", tree()
                .node("iommu@9080000").text("compatible", "arm,smmu-v3").cells("#iommu-cells", 1).cells("phandle", 2)
                .cells("reg", 0, 0x9080000, 0, 0x20000).end()
                .node("iommu@9050000x").text("compatible", "arm,smmu-v3").cells("#iommu-cells", 1)
                .cells("reg", 0, 0x9050000, 0, 0x20000).end()
                .node("first").cells("iommus", 1, 7, 1, 7).end()
                .node("again").cells("iommus", 1, 6, 1, 7).end()
                .node("as-pci").cells("iommus", 1, 0x1028).end()
                .node("torn").cells("iommus", 1, 8, 2, 8).end()
                .node("other").cells("iommus", 2, 7, 2, 6).end().bytes()));

        assertThat(machine.units()).hasSize(2);
        var problems = new HashMap<String, String>();
        machine.devices().forEach(device -> problems.put(device.name(), device.problem().orElse("")));
        assertThat(problems.get("/first")).as("its own id twice").isEmpty();
        assertThat(problems.get("/again")).contains("/again the id 0x7 at smmu3.0x0000000009050000, which /first has");
        assertThat(problems.get("/as-pci")).contains("0x1028", "0000:00:05.0");
        assertThat(problems.get("/torn")).contains("several units", "9050000", "9080000");
        assertThat(problems.get("/other")).as("at another unit").isEmpty();
        assertThat(machine.warnings()).filteredOn(warning -> warning.startsWith("firmware ")).hasSize(3);
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning).contains("/iommu@9050000x", "left out"));
    }

    @Test
    @DisplayName("of every real table and board are told, or it is said what is wrong")
    void readsRealFirmware() throws IOException {
        var refused = new TreeMap<String, String>();
        int units = 0;
        int devices = 0;
        for (var folder : new String[] {"acpi/iort", "acpi/ivrs", "devicetree"}) {
            for (var path : Shared.files(folder)) {
                var kind = folder.endsWith("iort") ? "iort.bin" : folder.endsWith("ivrs") ? "ivrs.bin" : "x.dtb";
                try {
                    var machine = read(kind.endsWith("dtb") ? "" : "memory = 64G-65G\n", Map.of(kind, Files.readAllBytes(path)));
                    units += machine.units().size();
                    devices += machine.devices().size();
                    assertThat(machine.units().isEmpty() ? machine.warnings().size() : 1).as("%s", path).isPositive();
                } catch (IommuException e) {
                    refused.put(path.getFileName().toString(), e.errno() + " " + e.getMessage());
                }
            }
        }
        assertThat(refused).isEmpty();
        assertThat(units).isEqualTo(65);
        assertThat(devices).isEqualTo(99);
    }

    @Test
    @DisplayName("know a device by its own id and by those that bridges and firmware put in its place, the last one counts")
    void tellsAllIds() {
        var nic = PciAddress.parse("01:00.0");
        var amd = read("", Map.of("ivrs.bin", new AcpiBuilder("IVRS").revision(2).u32(0x203043).u64(0)
                .u8(0x10, 0x10).u16(24 + 16, 2, 0x40).u64(0xfed8_0000L).u16(0, 0).u32(0).u8(2, 0x28, 0, 0x80)
                .u8(0x42).u16(0x0100).u8(0).u8(0).u16(0x0030).u8(0).u8(2, 0x30, 0, 0).bytes()));
        var unit = amd.units().get(0);
        assertThat(amd.inputOf(nic)).as("its alias").contains(new UnitInput(unit, 0x30));
        assertThat(amd.inputsOf(nic, List.of(0x100))).containsExactly(new UnitInput(unit, 0x100), new UnitInput(unit, 0x30));
        assertThat(amd.inputsOf(nic, List.of(0x100, 0x30))).containsExactly(new UnitInput(unit, 0x100), new UnitInput(unit, 0x30));
        assertThat(amd.inputsOf(PciAddress.parse("00:05.0"), List.of(0x28))).containsExactly(new UnitInput(unit, 0x28));
        var arm = read("", Map.of("x.dtb", tree().bytes()));
        assertThat(arm.inputsOf(nic, List.of(0x100, 0x30))).extracting(UnitInput::id).containsExactly(0x1100L, 0x1030L);
    }

    @Test
    @DisplayName("allow ATS as firmware does, unless the settings say otherwise")
    void knowsAts() {
        var nic = PciAddress.parse("01:00.0");
        assertThat(read("", Map.of("x.dtb", tree().bytes())).atsAllowed(nic)).isTrue();
        assertThat(read("ats = no\n", Map.of("x.dtb", tree().bytes())).atsAllowed(nic)).isFalse();
        assertThat(read("ats = firmware\n", Map.of("x.dtb", tree().bytes())).atsAllowed(nic)).isTrue();
        assertThat(read("memory = 1G-2G\nats = yes\n", Map.of("iort.bin", iort(0xffff))).atsAllowed(nic)).isTrue();
        assertRefused("ats = perhaps\n", Map.of("ivrs.bin", ivrs()), "line 1", "yes, no or firmware");
    }

    @Test
    @DisplayName("say how far addresses reach: root complexes, dma-ranges and settings, the lowest of them")
    void knowsDmaLimits() {
        var nic = PciAddress.parse("01:00.0");
        assertThat(read("memory = 1G-2G\n", Map.of("iort.bin", iort(0xffff))).dmaLimit(nic)).as("48 bits").isEqualTo((1L << 48) - 1);
        assertThat(read("memory = 1G-2G\ndma-bits = 32\n", Map.of("iort.bin", iort(0xffff))).dmaLimit(nic)).isEqualTo(0xffff_ffffL);
        assertThat(read("", Map.of("x.dtb", tree().bytes())).dmaLimit(nic)).as("nothing is said").isEqualTo(-1L);
        var limited = read("", Map.of("x.dtb", DeviceTreeBuilder.tree()
                .node("memory@40000000").text("device_type", "memory").cells("reg", 0, 0x40000000, 0, 0x10000000).end()
                .node("iommu@9050000").text("compatible", "arm,smmu-v3").cells("#iommu-cells", 1).cells("phandle", 1)
                .cells("reg", 0, 0x9050000, 0, 0x20000).end()
                .node("pci").text("device_type", "pci").cells("#address-cells", 3).cells("#size-cells", 2)
                .cells("dma-ranges", 0x3000000, 0, 0, 0, 0, 1, 0, 0x3000000, 2, 0, 2, 0, 1, 0).cells("iommu-map", 0, 1, 0, 0x10000).end()
                .node("soc").cells("#address-cells", 2).cells("#size-cells", 2).cells("dma-ranges", 0, 0, 0, 0, 0, 0x40000000)
                .node("bus").cells("#address-cells", 2).cells("#size-cells", 2).flag("dma-ranges")
                .node("eth@1").cells("iommus", 1, 0x77).end().end().end().bytes()));
        assertThat(limited.dmaLimit(nic)).as("the end of the highest of several").isEqualTo(0x2_ffff_ffffL);
        assertThat(limited.devices()).singleElement().satisfies(device -> assertThat(device.dmaLimit()).as("above an empty one").isEqualTo(0x3fff_ffffL));
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> read("", Map.of("x.dtb", tree()
                .node("odd").cells("dma-ranges", 1, 2, 3).cells("iommus", 1, 7).end().bytes()))).withMessageContaining("/odd").withMessageContaining("dma-ranges");
        assertRefused("dma-bits = 12\n", Map.of(), "line 1", "24 to 64");
    }

    @Test
    @DisplayName("name ports that lead outside; each has to be one of the machine's bridges")
    void knowsExternalFacingPorts() {
        assertThat(read("external-facing = 00:06.0\n", Map.of()).buses().externalFacing()).containsExactly(PciAddress.parse("00:06.0"));
        assertThat(read("", Map.of()).buses().externalFacing()).isEmpty();
        assertRefused("external-facing = 00:06.0, 01:00.0\n", Map.of(), "line 1", "01:00.0", "no bridge");
        assertRefused("external-facing = the left one\n", Map.of(), "line 1", "'the left one'");
    }

    private static UnitDescription.Smmuv3 smmu(MachineDescription machine, int index) {
        return (UnitDescription.Smmuv3) machine.units().get(index);
    }

    /** Memory, an SMMUv3, and PCI whose ids get 0x1000 on top; open for further nodes. */
    private static DeviceTreeBuilder tree() {
        return DeviceTreeBuilder.tree()
                .node("memory@40000000").text("device_type", "memory").cells("reg", 0, 0x40000000, 0, 0x10000000).end()
                .node("iommu@9050000").text("compatible", "arm,smmu-v3").cells("#iommu-cells", 1).cells("phandle", 1)
                .cells("reg", 0, 0x9050000, 0, 0x20000).flag("dma-coherent").end()
                .node("pci").text("device_type", "pci").flag("ats-supported").cells("iommu-map", 0, 1, 0x1000, 0x10000).end();
    }

    /** An SMMUv3 and a root complex whose ids up to a last one go there. */
    private static byte[] iort(int last) {
        var table = new AcpiBuilder("IORT").revision(5).u32(2, 0x30, 0);
        table.u8(4).u16(68).u8(5).u32(0, 0, 0).u64(SMMU).u32(1, 0).u64(0).u32(0, 0x4a, 0, 0, 0, 0, 0);
        table.u8(2).u16(56).u8(4).u32(0, 1, 36).u32(1).u8(0, 0, 0, 3).u32(1, 0).u8(48).u16(0).u8(0);
        return table.u32(0, last, 0, 0x30, 0).bytes();
    }

    private static byte[] ivrs() {
        return new AcpiBuilder("IVRS").revision(2).u32(0x203043).u64(0)
                .u8(0x10, 0x30).u16(32, 2, 0x40).u64(0xfed8_0000L).u16(0, 0).u32(0).u8(3, 0, 0, 0).u8(4, 0xff, 0xff, 0).bytes();
    }

    private static MachineDescription read(String settings, Map<String, byte[]> firmware) {
        var files = new HashMap<>(firmware);
        files.put("topology.txt", TOPOLOGY.getBytes(StandardCharsets.UTF_8));
        files.put("machine.properties", settings.getBytes(StandardCharsets.UTF_8));
        return MachineDescription.read(FirmwareFolder.of("machine", files.keySet(), files::get));
    }

    private static void assertRefused(String settings, Map<String, byte[]> firmware, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> read(settings, firmware))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).startsWith("machine/machine.properties, line ").contains(words));
    }

    private static void assertNoUnit(String settings, Map<String, byte[]> firmware, String... words) {
        var machine = read(settings + "memory = 1G-2G\n", firmware);
        assertThat(machine.units().get(0).problem()).hasValueSatisfying(problem ->
                assertThat(problem).startsWith("machine/machine.properties, line ").contains(words));
        assertThat(machine.warnings()).anySatisfy(warning ->
                assertThat(warning).contains(machine.units().get(0).name()).contains(words));
    }
}
