package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.firmware.DmarBuilder.scope;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.firmware.DeviceScope.Hop;
import sluicegate.firmware.DeviceScope.Kind;

@DisplayName("The DMAR table")
class DmarTest {

    /** One of each. */
    private static DmarBuilder full() {
        return new DmarBuilder().header(46, 0b101)
                .drhd(0, 0, 0xfed90000L, scope(1, 0, 0, 2, 0))
                .drhd(1, 0, 0xfed91000L, scope(3, 2, 0xf0, 0x1f, 0), scope(4, 0, 0, 0x1f, 0), scope(5, 1, 0, 0x15, 0))
                .rmrr(0, 0x7b800000L, 0x7fffffffL, scope(1, 0, 0, 2, 0))
                .atsr(0, 0, scope(2, 0, 0, 0x1c, 4, 0, 0))
                .rhsa(0xfed91000L, 1)
                .andd(1, "\\_SB.PCI0.I2C0\0")
                .satc(1, 0, scope(1, 0, 0, 2, 0))
                .sidp(0, scope(1, 0, 0, 2, 0));
    }

    @Test
    @DisplayName("tells its units, reserved memory and everything else with the place of each")
    void readsEveryStructure() {
        var dmar = full().parse();

        assertThat(dmar.hostAddressWidth()).isEqualTo(46);
        assertThat(dmar.interruptRemapping()).isTrue();
        assertThat(dmar.x2apicOptOut()).isFalse();
        assertThat(dmar.dmaControlOptIn()).isTrue();
        assertThat(dmar.warnings()).isEmpty();
        assertThat(dmar.units()).containsExactly(
                new Dmar.Drhd(48, 0, false, 0xfed90000L, 4096,
                        List.of(new DeviceScope(64, Kind.PCI_ENDPOINT, 0, 0, 0, List.of(new Hop(2, 0))))),
                new Dmar.Drhd(72, 0, true, 0xfed91000L, 4096, List.of(
                        new DeviceScope(88, Kind.IOAPIC, 0, 2, 0xf0, List.of(new Hop(0x1f, 0))),
                        new DeviceScope(96, Kind.MSI_CAPABLE_HPET, 0, 0, 0, List.of(new Hop(0x1f, 0))),
                        new DeviceScope(104, Kind.ACPI_NAMESPACE_DEVICE, 0, 1, 0, List.of(new Hop(0x15, 0))))));
        assertThat(dmar.reservedMemory()).singleElement().satisfies(rmrr -> {
            assertThat(rmrr.offset()).isEqualTo(112);
            assertThat(rmrr.base()).isEqualTo(0x7b800000L);
            assertThat(rmrr.end()).isEqualTo(0x7fffffffL);
            assertThat(rmrr.scopes()).hasSize(1);
        });
        assertThat(dmar.rootPortAts()).singleElement().satisfies(atsr -> {
            assertThat(atsr.allPorts()).isFalse();
            assertThat(atsr.scopes().get(0).pathText()).isEqualTo("00:1c.4/00.0");
        });
        assertThat(dmar.proximityDomain(dmar.units().get(0))).isEmpty();
        assertThat(dmar.proximityDomain(dmar.units().get(1))).contains(1);
        assertThat(dmar.namespaceDevices()).extracting(Dmar.Andd::objectName).containsExactly("\\_SB.PCI0.I2C0");
        assertThat(dmar.socAtc()).singleElement().extracting(Dmar.Satc::atcRequired).isEqualTo(true);
        assertThat(dmar.socProperties()).hasSize(1);
    }

    @Test
    @DisplayName("of every real machine parses; the one without units is the one whose kernel finds none")
    void readsRealTables() throws IOException {
        var odd = new TreeMap<String, String>();
        int units = 0;
        int tables = 0;
        try (var files = Files.list(Shared.data("acpi/dmar"))) {
            for (var path : (Iterable<Path>) files.filter(p -> p.toString().endsWith(".bin"))::iterator) {
                tables++;
                var dmar = Dmar.parse(Shared.file(path));
                assertThat(dmar.units().isEmpty()).as("%s", path).isEqualTo(!dmar.warnings().isEmpty());
                units += dmar.units().size();
                dmar.warnings().forEach(warning -> odd.merge(path.getFileName().toString(), warning, String::concat));
            }
        }
        assertThat(tables).isGreaterThan(90);
        assertThat(units).isGreaterThan(tables);
        // The kernel calls this one "Your BIOS is broken; DMAR reported at address 0".
        assertThat(odd).hasSize(1);
        assertThat(odd.firstKey()).startsWith("Lenovo-IdeaPadFlex_15");
        assertThat(odd.firstEntry().getValue()).contains("offset 0x30", "registers at 0x0");
    }

    @Test
    @DisplayName("of a real machine says what a person reads in its bytes")
    void agreesWithAPersonReadingBytes() {
        var dmar = Dmar.parse(Shared.file(Shared.data(
                "acpi/dmar/Samsung_Electronics-960QHA-85CAC5E8B9EA.dmar.bin")));
        // Register set size 4: 2 to the power of 4 pages.
        assertThat(dmar.units()).extracting(Dmar.Drhd::registerSize).containsOnly(0x10000L);
        assertThat(dmar.units()).filteredOn(Dmar.Drhd::includeAll).hasSize(1);
        assertThat(dmar.socProperties()).flatExtracting(Dmar.Sidp::scopes).extracting(DeviceScope::flags)
                .contains(31, 28);
    }

    @Test
    @DisplayName("is refused when its header does not fit its bytes")
    void refusesBadHeaders() {
        var good = full().bytes();

        assertRefused(Arrays.copyOf(good, 20), "test.dmar.bin, offset 0x0", "20 bytes");
        assertRefused(new byte[0], "offset 0x0");
        assertRefused(Arrays.copyOf(good, good.length - 1), "offset 0x4", "the file has " + (good.length - 1));
        assertRefused(Arrays.copyOf(good, good.length + 4), "offset 0x4");

        var otherTable = good.clone();
        otherTable[0] = 'X';
        assertRefused(DmarBuilder.sealed(otherTable), "offset 0x0", "'XMAR'", "'DMAR'");

        var flipped = good.clone();
        flipped[60] ^= 0x10;
        assertRefused(flipped, "offset 0x9", "checksum");

        assertRefused(full().header(12, 0).bytes(), "offset 0x24", "12 bits");
    }

    @Test
    @DisplayName("is refused when a structure or scope does not fit where it is")
    void refusesBadStructures() {
        assertRefused(new DmarBuilder().raw(0, 0, 0, 0).bytes(), "offset 0x30", "length of 0");
        assertRefused(new DmarBuilder().raw(0, 0).bytes(), "offset 0x30", "ends after 2 bytes");
        assertRefused(new DmarBuilder().raw(0, 0, 200, 0).bytes(), "offset 0x30", "200 bytes passes the end");
        assertRefused(new DmarBuilder().raw(0, 0, 8, 0, 0, 0, 0, 0).bytes(), "offset 0x30", "DRHD", "less than the 16");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L, new byte[] {1, 0, 0, 0, 0, 0, 2, 0}).bytes(),
                "offset 0x40", "length of 0");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L, new byte[] {1, 10, 0, 0, 0, 0, 2, 0}).bytes(),
                "offset 0x40", "passes the end of its structure at 0x48");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L, new byte[] {1, 8}).bytes(), "offset 0x40");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L, scope(1, 0, 0)).bytes(), "offset 0x40", "path of 0 bytes");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L, scope(1, 0, 0, 2)).bytes(), "offset 0x40", "path of 1 bytes");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L, scope(1, 0, 0, 0x20, 0)).bytes(),
                "offset 0x46", "device 0x20");
        assertRefused(new DmarBuilder().andd(1, "no end").bytes(), "offset 0x38", "zero");
    }

    @Test
    @DisplayName("is refused when a unit cannot be where it says")
    void refusesBadUnits() {
        var nowhere = Dmar.parse(new FirmwareFile("test.bin", new DmarBuilder().drhd(0, 0, 0).drhd(1, 0, 0xfed90000L).bytes()));
        assertThat(nowhere.units()).as("a kernel uses none of them").isEmpty();
        assertThat(nowhere.warnings()).singleElement().asString().contains("offset 0x30", "registers at 0x0");
        assertRefused(new DmarBuilder().drhd(1, 0, 0xfed90800L).bytes(), "offset 0x30", "0xfed90800", "4 KiB");
        assertRefused(new DmarBuilder().drhd(0, 0, 0xfed90000L).drhd(1, 1, 0xfed90000L).bytes(),
                "offset 0x40", "overlap", "0x30");
    }

    @Test
    @DisplayName("is taken with a warning where the kernel goes on")
    void toleratesWhatTheKernelTolerates() {
        assertWarns(new DmarBuilder().drhd(1, 0, 0xfed90000L).raw(9, 0, 8, 0, 1, 2, 3, 4), "offset 0x40", "type 9");
        assertWarns(new DmarBuilder().drhd(1, 0, 0xfed90000L, scope(9, 0, 0, 1, 0)), "offset 0x40", "type 9");
        assertWarns(new DmarBuilder().drhd(0, 0, 0xfed90000L).drhd(0, 0, 0xfed90000L), "offset 0x40", "again");
        assertWarns(new DmarBuilder().drhd(1, 0, 0xfed90000L).drhd(1, 0, 0xfed91000L), "offset 0x40", "INCLUDE_PCI_ALL");
        assertWarns(new DmarBuilder().drhd(1, 0, 0xfed90000L).rhsa(0xfed95000L, 1), "offset 0x40", "0xfed95000");
        assertWarns(new DmarBuilder().drhd(1, 0, 0xfed90000L, scope(5, 7, 0, 1, 0)), "offset 0x40", "ACPI device 7");
        assertWarns(new DmarBuilder(), "offset 0x30", "no unit");
        assertThat(new DmarBuilder().drhd(0, 0, 0xfed90000L).drhd(0, 0, 0xfed90000L).parse().units()).hasSize(1);
        // The same flag for two segments is no contradiction.
        assertThat(new DmarBuilder().drhd(1, 0, 0xfed90000L).drhd(1, 1, 0xfed91000L).parse().warnings()).isEmpty();
    }

    @Test
    @DisplayName("loses reserved memory that is no range, and rounds what is no whole page")
    void correctsReservedMemory() {
        var unit = new DmarBuilder().drhd(1, 0, 0xfed90000L);
        var inverted = unit.rmrr(0, 0x2000, 0x1fff, scope(1, 0, 0, 2, 0)).rmrr(0, 0x1004, 0x1ffe, scope(1, 0, 0, 2, 0)).parse();

        assertThat(inverted.warnings()).hasSize(2);
        assertThat(inverted.warnings().get(0)).contains("offset 0x40", "0x1fff", "0x2000", "left out");
        assertThat(inverted.warnings().get(1)).contains("offset 0x60", "[0x1000, 0x1fff]");
        assertThat(inverted.reservedMemory()).singleElement()
                .extracting(Dmar.Rmrr::base, Dmar.Rmrr::end).containsExactly(0x1000L, 0x1fffL);
    }

    @Test
    @DisplayName("gives a value or a reason for every truncation")
    void survivesTruncation() {
        var good = full().bytes();
        for (int length = 0; length < good.length; length++) {
            var cut = Arrays.copyOf(good, length);
            if (length >= 8) {
                cut[4] = (byte) length;
                cut[5] = (byte) (length >>> 8);
            }
            parseOrRefuse(DmarBuilder.sealed(cut));
        }
    }

    @Test
    @DisplayName("gives a value or a reason for every value of every byte")
    void survivesCorruption() {
        var good = full().bytes();
        int refused = 0;
        for (int at = 0; at < good.length; at++) {
            for (int value = 0; value < 256; value++) {
                var bad = good.clone();
                bad[at] = (byte) value;
                if (at != 9) {
                    DmarBuilder.sealed(bad);
                }
                refused += parseOrRefuse(bad) ? 0 : 1;
            }
        }
        assertThat(refused).isBetween(1000, good.length * 255);
    }

    /** Anything but an {@link IommuException} fails the test. */
    private static boolean parseOrRefuse(byte[] table) {
        try {
            Dmar.parse(new FirmwareFile("test.dmar.bin", table));
            return true;
        } catch (IommuException e) {
            assertThat(e.errno()).isEqualTo(Errno.EINVAL);
            assertThat(e.getMessage()).matches("(?s)test\\.dmar\\.bin, offset 0x[0-9a-f]+: .*");
            return false;
        }
    }

    private static void assertRefused(byte[] table, String... words) {
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> Dmar.parse(new FirmwareFile("test.dmar.bin", table)))
                .satisfies(e -> assertThat(e.errno()).isEqualTo(Errno.EINVAL))
                .satisfies(e -> assertThat(e.getMessage()).contains(words).startsWith("test.dmar.bin, offset 0x"));
    }

    private static void assertWarns(DmarBuilder table, String... words) {
        var warnings = new ArrayList<>(table.parse().warnings());
        assertThat(warnings).singleElement().satisfies(
                warning -> assertThat(warning).contains(words).startsWith("test.dmar.bin, offset 0x"));
    }
}
