package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

@DisplayName("VIOT and RIMT tables")
class OtherIommusTest {
    private static final String TOPOLOGY = "00:00.0 1b36:0008 class 060000\n00:01.0 1af4:1057 class 088000\n00:05.0 1234:11e8 class 00ff00\n";
    private static final int FIRST = 0x30;

    /** All but the header of the table that QEMU 7.2 makes for q35 with a virtio-iommu at 00:01.0. */
    private static final String OF_QEMU = "0200300000000000000000000300100000000800000000000000000001001800000000000000000000"
            + "00ff003000000000000000";

    /** The same by the specification: the functions of bus 0 behind it, under their requester ids. */
    private static AcpiBuilder viot() {
        return new AcpiBuilder("VIOT").revision(0).u16(2, FIRST).u64(0)
                .u8(3, 0).u16(16, 0, 0x0008).u64(0)
                .u8(1, 0).u16(24).u32(0).u16(0, 0, 0, 0xff, FIRST).u16(0, 0, 0);
    }

    /** An IOMMU in memory with a wire, one on PCI, a root complex that is behind both, a device. */
    private static AcpiBuilder rimt() {
        var table = new AcpiBuilder("RIMT").revision(1).u32(4, FIRST, 0);
        table.u8(0, 1).u16(48, 0, 1).text("RSCV0004").u64(0x3010000).u32(2, 3).u16(0, 0, 1, 40).u32(96, 3);
        table.u8(0, 1).u16(40, 0, 2).text("RSCV0004").u64(0).u32(1, 0).u16(0, 0x0008, 0, 0);
        table.u8(1, 1).u16(60, 0, 3).u32(1).u16(0, 0, 20, 2);
        table.u32(0, 0x100, 0x1000, FIRST, 0).u32(0x100, 0xff00, 0, FIRST + 48, 0);
        return table.u8(2, 1).u16(42, 0, 4).u16(22, 1).text("\\_SB.DMA0\0").u32(0, 1, 0x77, FIRST, 0);
    }

    private static MachineDescription machine(String name, AcpiBuilder table) {
        var files = Map.of("topology.txt", TOPOLOGY.getBytes(StandardCharsets.UTF_8), name, table.bytes());
        return MachineDescription.read(FirmwareFolder.of("machine", files.keySet(), files::get));
    }

    @Test
    @DisplayName("say which functions are behind a virtio-iommu, itself not among them")
    void viotGroups() {
        assertThat(HexFormat.of().formatHex(viot().bytes()).substring(2 * 0x24)).isEqualTo(OF_QEMU);
        var table = Viot.parse(new FirmwareFile("test.bin", viot().bytes()));
        assertThat(table.iommus()).containsExactly(new Viot.Iommu(FIRST, Optional.of(PciAddress.parse("00:01.0")), 0));
        assertThat(table.pciRanges()).containsExactly(new Viot.PciRange(FIRST + 16, 0, 0, 0, 0, 0xff, FIRST));
        assertThat(table.warnings()).isEmpty();
        var machine = machine("viot.bin", viot());
        var unit = machine.units().get(0);
        assertThat(unit.name()).isEqualTo("viommu0");
        assertThat(machine.inputOf(PciAddress.parse("00:05.0"))).contains(new UnitInput(unit, 0x28));
        assertThat(machine.inputOf(PciAddress.parse("00:01.0"))).as("the IOMMU itself").isEmpty();
    }

    @Test
    @DisplayName("count ids of a range from its start, 65536 for each segment")
    void viotRanges() {
        var range = new Viot.PciRange(0, 0x500, 1, 2, 0x100, 0x1ff, FIRST);
        assertThat(range.contains(1, 0x100)).isTrue();
        assertThat(range.contains(2, 0x1ff)).isTrue();
        assertThat(range.contains(0, 0x100)).isFalse();
        assertThat(range.contains(1, 0x200)).as("in each segment").isFalse();
        assertThat(range.idOf(2, 0x108)).isEqualTo(0x1_0508);
    }

    @Test
    @DisplayName("say which functions and devices are behind IOMMUs of RISC-V")
    void rimtGroups() {
        var table = Rimt.parse(new FirmwareFile("test.bin", rimt().bytes()));
        assertThat(table.iommus()).containsExactly(
                new Rimt.Iommu(FIRST, "RSCV0004", Optional.empty(), 0x3010000, Optional.of(3L), List.of(new Rimt.Wire(96, true, true))),
                new Rimt.Iommu(FIRST + 48, "RSCV0004", Optional.of(PciAddress.parse("00:01.0")), 0, Optional.empty(), List.of()));
        assertThat(table.devices()).singleElement().satisfies(device -> {
            assertThat(device.path()).isEqualTo("\\_SB.DMA0");
            assertThat(device.mappings()).extracting(Rimt.Mapping::firstId).containsExactly(0x77L);
        });
        assertThat(table.warnings()).isEmpty();
        var machine = machine("rimt.bin", rimt());
        assertThat(machine.units()).extracting(UnitDescription::name).containsExactly("riscv-iommu0", "riscv-iommu1");
        assertThat(machine.inputOf(PciAddress.parse("00:05.0"))).contains(new UnitInput(machine.units().get(0), 0x1028));
        assertThat(machine.inputOf(PciAddress.parse("02:00.0"))).contains(new UnitInput(machine.units().get(1), 0x100));
        assertThat(machine.inputOf(PciAddress.parse("01:00.0"))).as("one more than there are, as the kernel has it")
                .contains(new UnitInput(machine.units().get(0), 0x10ff + 1));
        assertThat(machine.atsAllowed(PciAddress.parse("00:05.0"))).isTrue();
    }

    @Test
    @DisplayName("warn of what is unknown or leads nowhere, and refuse what passes the end")
    void findWhatIsWrong() {
        var unknown = Viot.parse(new FirmwareFile("test.bin", new AcpiBuilder("VIOT").u16(2, FIRST).u64(0).u8(9, 0).u16(4)
                .u8(2, 0).u16(24).u32(1).u64(0x1000).u16(0x30, 0, 0, 0).bytes()));
        assertThat(unknown.endpoints()).isEmpty();
        assertThat(unknown.warnings()).hasSize(2).allMatch(warning -> warning.startsWith("test.bin, offset 0x"));
        assertRefused(new AcpiBuilder("VIOT").u16(1, FIRST).u64(0).u8(1, 0).u16(12).u64(0), "PCI_RANGE", "24");
        assertRefused(new AcpiBuilder("VIOT").u16(1, 0x100).u64(0), "first node");
        assertRefused(new AcpiBuilder("VIOT").u16(1, FIRST).u64(0).u8(3, 0).u16(99).u64(0), "length of 99");
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> Rimt.parse(new FirmwareFile("test.bin",
                new AcpiBuilder("RIMT").u32(1, FIRST, 0).u8(1, 1).u16(20, 0, 1).u32(0).u16(0, 0, 20, 1).bytes()))).withMessageContaining("id mappings");
        var nowhere = Rimt.parse(new FirmwareFile("test.bin", new AcpiBuilder("RIMT").u32(1, FIRST, 0).u8(1, 1).u16(40, 0, 1).u32(0)
                .u16(0, 0, 20, 1).u32(0, 1, 0, 0x99, 0).bytes()));
        assertThat(nowhere.warnings()).singleElement().asString().contains("0x99", "no IOMMU");
    }

    @Test
    @DisplayName("give a value or a reason for every truncation and every byte gone wrong")
    void surviveBrokenInput() {
        for (var good : List.of(viot().bytes(), rimt().bytes())) {
            var broken = new BrokenInput(OtherIommusTest::use, BrokenInput::sealed);
            broken.truncated(good);
            assertThat(broken.everyByte(good)).isPositive();
            broken.random(good, 6, 2000);
        }
    }

    private static void use(FirmwareFile file) {
        if (new String(file.bytes(), StandardCharsets.ISO_8859_1).startsWith("RIMT")) {
            new OtherIommus(Optional.empty(), Optional.of(Rimt.parse(file))).inputOf(PciAddress.parse("00:05.0"), 0x28);
        } else {
            new OtherIommus(Optional.of(Viot.parse(file)), Optional.empty()).inputOf(PciAddress.parse("00:05.0"), 0x28);
        }
    }

    private static void assertRefused(AcpiBuilder table, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> Viot.parse(new FirmwareFile("test.bin", table.bytes())))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).contains(words).startsWith("test.bin, offset 0x"));
    }
}
