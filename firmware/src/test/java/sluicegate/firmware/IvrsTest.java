package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.Ivrs.AcpiDevice;
import sluicegate.firmware.Ivrs.Devices;
import sluicegate.firmware.Ivrs.Special;

@DisplayName("The IVRS table")
class IvrsTest {
    private static final long BASE = 0xfed80000L;

    private static AcpiBuilder table() {
        return new AcpiBuilder("IVRS").revision(2).u32(0x203043).u64(0);
    }

    private static AcpiBuilder ivhd(AcpiBuilder table, int type, int device, long base, int segment, int entryBytes) {
        int fixed = type == 0x10 ? 24 : 40;
        table.u8(type, 0x30).u16(fixed + entryBytes, device, 0x40).u64(base).u16(segment, 0x0003).u32(0);
        return type == 0x10 ? table : table.u64(0x222).u64(0x10);
    }

    private static AcpiBuilder ivmd(AcpiBuilder table, int type, int flags, int device, int last, long start, long length) {
        return table.u8(type, flags).u16(32, device, last).u64(0).u64(start, length);
    }

    /** One of each, twice described as firmware does. */
    private static AcpiBuilder full() {
        var table = ivhd(table(), 0x10, 2, BASE, 0, 8).u8(3, 0, 0, 0).u8(4, 0xff, 0xff, 0);
        ivhd(table, 0x40, 2, BASE, 0, 4 * 6 + 8 * 5 + 31);
        table.u8(2).u16(0x0008).u8(0xd7);
        table.u8(3).u16(0x0100).u8(0).u8(0, 0, 0, 0).u8(4).u16(0x01ff).u8(0);
        table.u8(0x43).u16(0x0300).u8(1).u8(0).u16(0x0200).u8(0).u8(4).u16(0x03ff).u8(0);
        table.u8(0x42).u16(0x0500).u8(0).u8(0).u16(0x0501).u8(0);
        table.u8(0x46).u16(0x0600).u8(0).u32(0x80000000L);
        table.u8(0x47).u16(0x0700).u8(0).u32(0).u8(4).u16(0x07ff).u8(0);
        table.u8(0x48).u16(0).u8(0x40).u8(33).u16(0x00a0).u8(1);
        table.u8(0xf0).u16(0x00a5).u8(0x40).text("AMDI0020").u64(0).u8(2, 9).text("\\_SB.FUR0");
        ivmd(table, 0x21, 0x07, 0x0008, 0, 0x7b000000L, 0x1000);
        ivmd(table, 0x22, 0x08, 0x0100, 0x0fff, 0x96191000L, 1);
        return ivmd(table, 0x20, 0x03, 0, 0, 0x80000000L, 0x20000);
    }

    @Test
    @DisplayName("tells units, their devices of every kind, and memory, with the place of each")
    void readsEverything() {
        var ivrs = Ivrs.parse(file(full().bytes()));

        assertThat(ivrs.info()).isEqualTo(new Ivrs.Info(true, true, 48, 48, 64, false));
        assertThat(ivrs.units()).singleElement().satisfies(unit -> {
            assertThat(unit.type()).as("the best of the two blocks").isEqualTo(0x40);
            assertThat(unit.deviceId()).isEqualTo(2);
            assertThat(unit.base()).isEqualTo(BASE);
            assertThat(unit.registerSize()).as("with performance counters").isEqualTo(0x80000);
            assertThat(unit.capabilityOffset()).isEqualTo(0x40);
            assertThat(unit.msiNumber()).isEqualTo(3);
            assertThat(unit.features()).contains(new Ivrs.Features(0x222, 0x10));
            assertThat(unit.entries()).containsExactly(
                    new Devices(120, 0xd7, 0x0008, 0x0008, Optional.empty(), false),
                    new Devices(124, 0, 0x0100, 0x01ff, Optional.empty(), false),
                    new Devices(136, 1, 0x0300, 0x03ff, Optional.of(0x0200), false),
                    new Devices(148, 0, 0x0500, 0x0500, Optional.of(0x0501), false),
                    new Devices(156, 0, 0x0600, 0x0600, Optional.empty(), true),
                    new Devices(164, 0, 0x0700, 0x07ff, Optional.empty(), false),
                    new Special(176, 0x40, Special.Kind.IO_APIC, 33, 0x00a0),
                    new AcpiDevice(184, 0x40, "AMDI0020", "", Optional.of("\\_SB.FUR0"), 0x00a5));
        });
        assertThat(ivrs.memory()).containsExactly(
                new Ivrs.Memory(215, false, 0, 0x0008, 0x0008, 0x7b000000L, 0x7b000fffL, true, true),
                new Ivrs.Memory(247, true, 0, 0x0100, 0x0fff, 0x96191000L, 0x96191fffL, true, true),
                new Ivrs.Memory(279, false, 0, 0, 0xffff, 0x80000000L, 0x8001ffffL, true, false));
        assertThat(ivrs.warnings()).singleElement().asString().contains("offset 0xf7", "[0x96191000, 0x96191fff]");
    }

    @Test
    @DisplayName("says which unit is in front of a device, whose id its requests carry and what its entry gets")
    void findsDevices() {
        var devices = new IvrsDevices(Ivrs.parse(file(full().bytes())));

        for (int behind : new int[] {0x0008, 0x0100, 0x01ff, 0x0300, 0x0500, 0x0600, 0x07ff, 0x00a0, 0x00a5}) {
            assertThat(devices.unitOf(0, behind)).as("%04x", behind).isPresent();
        }
        assertThat(devices.unitOf(0, 0x0200)).as("the alias of others").isPresent();
        assertThat(devices.unitOf(0, 0x0010)).isEmpty();
        assertThat(devices.unitOf(0, 0x0400)).isEmpty();
        assertThat(devices.unitOf(1, 0x0008)).isEmpty();
        assertThat(devices.aliasOf(0, 0x0310)).isEqualTo(0x0200);
        assertThat(devices.aliasOf(0, 0x0500)).isEqualTo(0x0501);
        assertThat(devices.aliasOf(0, 0x0100)).isEqualTo(0x0100);
        assertThat(devices.aliasOf(1, 0x0310)).isEqualTo(0x0310);
        assertThat(devices.settingOf(0, 0x0008)).isEqualTo(0xd7);
        assertThat(devices.settingOf(0, 0x0300)).isEqualTo(1);
        assertThat(devices.settingOf(0, 0x0200)).isEqualTo(1);
        assertThat(devices.settingOf(0, 0x0100)).isZero();
        assertThat(devices.atsAllowed(0, 0x0600)).isFalse();
        assertThat(devices.atsAllowed(0, 0x0700)).isTrue();
        assertThat(devices.memoryOf(0, 0x0008)).extracting(Ivrs.Memory::base).containsExactly(0x7b000000L, 0x80000000L);
        assertThat(devices.memoryOf(0, 0x0100)).extracting(Ivrs.Memory::exclusion).containsExactly(true, false);
        assertThat(devices.memoryOf(1, 0x0100)).isEmpty();
    }

    @Test
    @DisplayName("takes the setting of the smallest range and the unit of the last entry")
    void prefersWhatIsExact() {
        var table = ivhd(table(), 0x10, 2, BASE, 0, 8).u8(1, 0, 0, 0x80).u8(2, 8, 0, 0x01);
        ivhd(table, 0x10, 0x4002, BASE + 0x80000, 0, 4).u8(2, 9, 0, 0);
        var devices = new IvrsDevices(Ivrs.parse(file(table.bytes())));

        assertThat(devices.settingOf(0, 8)).isEqualTo(1);
        assertThat(devices.settingOf(0, 7)).isEqualTo(0x80);
        assertThat(devices.unitOf(0, 9).orElseThrow().deviceId()).isEqualTo(0x4002);
        assertThat(devices.unitOf(0, 8).orElseThrow().deviceId()).isEqualTo(2);
    }

    @Test
    @DisplayName("describes each unit by its best block, whatever the others have")
    void takesTheBestBlock() {
        var table = ivhd(table(), 0x10, 2, BASE, 0, 4).u8(2, 1, 0, 0);
        ivhd(table, 0x11, 2, BASE, 0, 4).u8(2, 2, 0, 0);
        ivhd(table, 0x10, 0x4002, BASE + 0x80000, 0, 4).u8(2, 3, 0, 0);
        ivhd(table, 0x40, 2, BASE, 1, 4).u8(2, 4, 0, 0);
        table.u8(0x51, 0).u16(8).u32(0);

        // The last one is on another segment, so it is another unit; its registers cannot be those of the first.
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> Ivrs.parse(file(table.bytes())))
                .withMessageContaining("overlap");

        var other = ivhd(table(), 0x11, 2, BASE, 0, 4).u8(2, 2, 0, 0);
        ivhd(other, 0x10, 2, BASE, 0, 4).u8(2, 1, 0, 0);
        ivhd(other, 0x10, 0x4002, BASE + 0x80000, 0, 4).u8(2, 3, 0, 0);
        other.u8(0x51, 0).u16(8).u32(0);
        var ivrs = Ivrs.parse(file(other.bytes()));
        assertThat(ivrs.units()).extracting(Ivrs.Unit::type).containsExactly(0x11, 0x10);
        assertThat(ivrs.warnings()).singleElement().asString().contains("unknown type 51h");
    }

    @Test
    @DisplayName("of every real machine and of QEMU parses")
    void readsRealTables() throws IOException {
        var warned = new TreeMap<String, List<String>>();
        int tables = 0;
        int units = 0;
        int aliases = 0;
        int acpi = 0;
        try (var files = Files.list(Shared.data("acpi/ivrs"))) {
            for (var path : (Iterable<Path>) files.filter(p -> p.toString().endsWith(".bin"))::iterator) {
                var ivrs = Ivrs.parse(Shared.file(path));
                tables++;
                units += ivrs.units().size();
                assertThat(ivrs.units()).as("%s", path).isNotEmpty().allSatisfy(unit ->
                        assertThat(unit.entries()).anyMatch(entry -> entry instanceof Special));
                for (var entry : ivrs.units().get(0).entries()) {
                    aliases += entry instanceof Devices range && range.alias().isPresent() ? 1 : 0;
                    acpi += entry instanceof AcpiDevice ? 1 : 0;
                }
                if (!ivrs.warnings().isEmpty()) {
                    warned.put(path.getFileName().toString(), ivrs.warnings());
                }
            }
        }
        assertThat(tables).isEqualTo(48);
        assertThat(units).as("one machine has four").isEqualTo(51);
        assertThat(aliases).isGreaterThan(20);
        assertThat(acpi).isEqualTo(94);
        // A block that only firmware knows, and exclusion ranges of one byte.
        assertThat(warned.keySet()).hasSize(2).anyMatch(name -> name.startsWith("Lenovo-ThinkPad_T14s_Gen_3"))
                .anyMatch(name -> name.startsWith("MECHREVO"));
        for (var kind : new String[] {"basic", "rich"}) {
            assertThat(Ivrs.parse(Shared.file(Shared.data("qemu/ivrs-" + kind + ".ivrs.bin"))).warnings()).isEmpty();
        }
    }

    @Test
    @DisplayName("of QEMU's rich machine puts all but one root complex behind the unit")
    void agreesWithQemu() {
        var devices = new IvrsDevices(Ivrs.parse(Shared.file(Shared.data("qemu/ivrs-rich.ivrs.bin"))));
        for (var function : PciText.parseTopology(Shared.file(Shared.data("qemu/ivrs-rich.topology.txt")))) {
            var address = function.address();
            assertThat(devices.unitOf(0, address.bus() << 8 | address.device() << 3 | address.function()).isPresent())
                    .as("%s", address).isEqualTo(address.bus() < 0x40);
        }
        assertThat(devices.aliasOf(0, 0x0318)).as("behind a bridge to conventional PCI").isEqualTo(0x0300);
    }

    @Test
    @DisplayName("is refused when blocks, entries or units cannot be what they say")
    void refusesContradictions() {
        assertRefused(table().u8(0x10, 0, 0, 0), "offset 0x30", "length of 0");
        assertRefused(table().u8(0x10, 0), "offset 0x30", "ends after 2 bytes");
        assertRefused(table().u8(0x10, 0, 200, 0), "offset 0x30", "200 bytes passes the end");
        assertRefused(table().u8(0x10, 0, 8, 0).u32(0), "offset 0x30", "IVHD_10", "less than the 24");
        assertRefused(ivhd(table(), 0x10, 2, 0, 0, 0), "offset 0x30", "registers at 0x0");
        assertRefused(ivhd(table(), 0x10, 2, BASE + 0x1000, 0, 0), "offset 0x30", "16 KiB");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 4).u8(0x81, 0, 0, 0), "offset 0x48", "81h", "how long");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 4).u8(0x42, 0, 0, 0), "offset 0x48", "passes the end of its block at 0x4c");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 2).u8(2, 0), "offset 0x48", "passes the end");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 4).u8(4, 8, 0, 0), "offset 0x48", "0008", "without having begun");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 4).u8(3, 8, 0, 0), "offset 0x48", "no end");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 8).u8(3, 8, 0, 0, 3, 9, 0, 0), "offset 0x48", "no end");
        assertRefused(ivhd(table(), 0x10, 2, BASE, 0, 8).u8(3, 8, 0, 0, 4, 7, 0, 0), "offset 0x4c", "before it starts");
        assertRefused(ivhd(ivhd(table(), 0x10, 2, BASE, 0, 0), 0x10, 3, BASE, 0, 0), "offset 0x48", "overlap", "0x30");
        assertRefused(ivmd(table(), 0x22, 1, 9, 8, 0x1000, 0x1000), "offset 0x30", "0009 to 0008");
        assertRefused(new AcpiBuilder("IVRS").u32(0), "offset 0x28", "fixed part of 48");
        assertRefused(new AcpiBuilder("DMAR").u32(0).u64(0), "offset 0x0", "'IVRS'");
    }

    @Test
    @DisplayName("is taken with a warning where the kernel goes on")
    void toleratesWhatTheKernelTolerates() {
        assertWarns(ivhd(table(), 0x10, 2, BASE, 0, 4).u8(9, 0, 0, 0), "offset 0x48", "unknown type 09h");
        assertWarns(ivhd(table(), 0x10, 2, BASE, 0, 8).u8(0x48, 0, 0, 0, 0, 0, 0, 7), "offset 0x48", "variety 7");
        assertWarns(ivhd(table(), 0x11, 2, BASE, 0, 22).u8(0xf0, 0, 0, 0).text("AMDI0020").u64(0).u16(0), "offset 0x58", "11h");
        assertWarns(ivhd(table(), 0x40, 2, BASE, 0, 22).u8(0xf0, 0, 0, 0).u64(0, 0).u16(0), "offset 0x58", "without a hardware id");
        assertWarns(ivhd(table(), 0x40, 2, BASE, 0, 23).u8(0xf0, 0, 0, 0).text("AMDI0020").u64(0).u8(0, 1, 5), "of 1 bytes");
        assertWarns(ivhd(table(), 0x40, 2, BASE, 0, 22).u8(0xf0, 0, 0, 0).text("AMDI0020").u64(0).u8(7, 0), "unknown format 7");
        assertWarns(ivhd(table(), 0x40, 2, BASE, 0, 22).u8(0xf0, 0, 0, 0).text("AMDI0020").u64(0).u8(1, 0), "number of 0 bytes");
        assertWarns(ivhd(ivhd(table(), 0x10, 2, BASE, 0, 0), 0x10, 2, BASE, 0, 0), "offset 0x48", "again");
        assertWarns(table(), "offset 0x30", "no unit");
        assertWarns(ivmd(ivhd(table(), 0x10, 2, BASE, 0, 0), 0x20, 0, 0, 0, 0x1000, 0x1000), "offset 0x48", "neither");
        assertWarns(ivmd(ivhd(table(), 0x10, 2, BASE, 0, 0), 0x20, 1, 0, 0, 0x1000, 0), "offset 0x48", "no range");
        assertWarns(ivmd(ivhd(table(), 0x10, 2, BASE, 0, 0), 0x20, 1, 0, 0, -1, 2), "offset 0x48", "no range");
        var numbered = ivhd(table(), 0x40, 2, BASE, 0, 30).u8(0xf0, 0, 0, 0).text("PNPD0040").text("PNP0D40\0").u8(1, 8).u64(12);
        assertThat(Ivrs.parse(file(numbered.bytes())).units().get(0).entries()).singleElement()
                .isEqualTo(new AcpiDevice(88, 0, "PNPD0040", "PNP0D40", Optional.of("12"), 0));
    }

    @Test
    @DisplayName("gives a value or a reason for every truncation and every byte gone wrong")
    void survivesBrokenInput() throws IOException {
        var broken = new BrokenInput(IvrsTest::use, BrokenInput::sealed);
        var good = full().bytes();
        broken.truncated(good);
        assertThat(broken.everyByte(good)).isBetween(300, good.length * 12);
        var real = Shared.data("acpi/ivrs");
        try (var files = Files.list(real)) {
            for (var path : (Iterable<Path>) files.sorted()::iterator) {
                broken.truncated(Files.readAllBytes(path));
                broken.random(Files.readAllBytes(path), path.getFileName().toString().hashCode(), 300);
            }
        }
    }

    private static void use(FirmwareFile table) {
        var ivrs = Ivrs.parse(table);
        var devices = new IvrsDevices(ivrs);
        for (int id : new int[] {0, 8, 0x300, 0xffff}) {
            devices.unitOf(0, id);
            devices.aliasOf(0, id);
            devices.settingOf(0, id);
            devices.memoryOf(0, id);
        }
        assertThat(ivrs.units()).doesNotContainNull();
    }

    private static void assertRefused(AcpiBuilder table, String... words) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> Ivrs.parse(file(table.bytes())))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).contains(words).startsWith("test.ivrs.bin, offset 0x"));
    }

    private static void assertWarns(AcpiBuilder table, String... words) {
        assertThat(Ivrs.parse(file(table.bytes())).warnings()).singleElement().satisfies(
                warning -> assertThat(warning).contains(words).startsWith("test.ivrs.bin, offset 0x"));
    }

    private static FirmwareFile file(byte[] table) {
        return new FirmwareFile("test.ivrs.bin", Arrays.copyOf(table, table.length));
    }
}
