package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static sluicegate.firmware.DmarBuilder.scope;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;

@DisplayName("Device scopes")
class DmarScopesTest {
    private static final int ENDPOINT = 1;
    private static final int BRIDGE = 2;
    private static final long FIRST = 0xfed90000L;
    private static final long SECOND = 0xfed91000L;
    private static final String TREE = """
            00:00.0 8086:29c0 class 060000
            00:02.0 8086:0102 class 030000
            00:06.0 1b36:000c class 060400 bridge pri 00 sec 02 sub 03
            02:00.0 1b36:000e class 060400 bridge pri 02 sec 03 sub 03
            03:03.0 1234:11e8 class 00ff00
            03:04.0 1234:11e8 class 00ff00
            00:07.0 8086:0001 class 068000
            0001:00:02.0 8086:0001 class 020000
            """;

    @Test
    @DisplayName("put the unit that names a function in front of it, the one that includes all in front of the rest")
    void preferNamesToIncludeAll() {
        var scopes = scopes(new DmarBuilder().drhd(1, 0, SECOND).drhd(0, 0, FIRST, scope(ENDPOINT, 0, 0, 2, 0)));

        assertThat(unit(scopes, "00:02.0")).contains(FIRST);
        assertThat(unit(scopes, "00:00.0")).contains(SECOND);
        assertThat(unit(scopes, "03:03.0")).contains(SECOND);
        assertThat(unit(scopes, "0001:00:02.0")).as("another segment").isEmpty();
        assertThat(unit(scopes, "00:1e.0")).as("not there").isEmpty();
        assertThat(scopes.warnings()).isEmpty();
    }

    @Test
    @DisplayName("of a bridge cover what is behind it, except what is named itself")
    void coverWhatIsBehindABridge() {
        var scopes = scopes(new DmarBuilder().drhd(0, 0, FIRST, scope(BRIDGE, 0, 0, 6, 0))
                .drhd(0, 0, SECOND, scope(ENDPOINT, 0, 0, 6, 0, 0, 0, 4, 0)));

        assertThat(unit(scopes, "00:06.0")).contains(FIRST);
        assertThat(unit(scopes, "02:00.0")).contains(FIRST);
        assertThat(unit(scopes, "03:03.0")).contains(FIRST);
        assertThat(unit(scopes, "03:04.0")).contains(SECOND);
        assertThat(unit(scopes, "00:02.0")).as("nobody names it and no unit includes all").isEmpty();
    }

    @Test
    @DisplayName("that name what is not there are left out, with file, offset and path")
    void warnOfMissingDevices() {
        var scopes = scopes(new DmarBuilder().drhd(0, 0, FIRST, scope(ENDPOINT, 0, 0, 0x19, 0), scope(ENDPOINT, 0, 0, 2, 0))
                .rmrr(0, 0x1000, 0x1fff, scope(ENDPOINT, 0, 0, 6, 0, 5, 0)));

        assertThat(scopes.warnings()).hasSize(2);
        assertThat(scopes.warnings().get(0)).contains("test.dmar.bin, offset 0x40", "DRHD", "0000:00:19.0", "left out");
        assertThat(scopes.warnings().get(1)).contains("test.dmar.bin, offset 0x68", "RMRR", "0000:00:06.0/05.0");
        assertThat(unit(scopes, "00:02.0")).contains(FIRST);
    }

    @Test
    @DisplayName("that claim a function twice leave it to the later unit, as the kernel does")
    void warnOfDoubleClaims() {
        var scopes = scopes(new DmarBuilder().drhd(0, 0, FIRST, scope(ENDPOINT, 0, 0, 2, 0))
                .drhd(0, 0, SECOND, scope(ENDPOINT, 0, 0, 2, 0)));

        assertThat(unit(scopes, "00:02.0")).contains(SECOND);
        assertThat(scopes.warnings()).singleElement().asString().contains("offset 0x58", "0xfed91000", "0xfed90000");
    }

    @Test
    @DisplayName("are refused when they call an endpoint a bridge or a bridge an endpoint")
    void refuseWrongKinds() {
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> scopes(new DmarBuilder().drhd(0, 0, FIRST, scope(ENDPOINT, 0, 0, 6, 0))))
                .withMessageContaining("test.dmar.bin, offset 0x40").withMessageContaining("0000:00:06.0");
        assertThatExceptionOfType(IommuException.class)
                .isThrownBy(() -> scopes(new DmarBuilder().drhd(0, 0, FIRST, scope(BRIDGE, 0, 0, 2, 0))))
                .withMessageContaining("a bridge, which it is not");
        var nonTransparent = scopes(new DmarBuilder().drhd(0, 0, FIRST, scope(BRIDGE, 0, 0, 7, 0)));
        assertThat(unit(nonTransparent, "00:07.0")).contains(FIRST);
    }

    @Test
    @DisplayName("of reserved memory name the functions behind a bridge too")
    void findWhomReservedMemoryIsFor() {
        var table = new DmarBuilder().drhd(1, 0, FIRST)
                .rmrr(0, 0x1000, 0x1fff, scope(ENDPOINT, 0, 0, 2, 0))
                .rmrr(0, 0x2000, 0x2fff, scope(BRIDGE, 0, 0, 6, 0)).parse();
        var scopes = DmarScopes.of(table, PciTreeTest.tree(TREE));

        assertThat(scopes.devicesOf(table.reservedMemory().get(0))).containsExactly(PciAddress.parse("00:02.0"));
        assertThat(scopes.devicesOf(table.reservedMemory().get(1))).containsExactly(PciAddress.parse("00:06.0"),
                PciAddress.parse("02:00.0"), PciAddress.parse("03:03.0"), PciAddress.parse("03:04.0"));
    }

    @Test
    @DisplayName("allow ATS behind the root ports that ATSR names")
    void allowAts() {
        var rich = MachineDescription.read(Shared.machine("q35-vtd-rich"));
        var scopes = rich.dmarScopes().orElseThrow();

        assertThat(scopes.atsAllowed(PciAddress.parse("01:00.0"))).as("all ports").isTrue();
        assertThat(scopes.atsAllowed(PciAddress.parse("00:02.0"))).as("integrated").isTrue();
        assertThat(scopes.atsAllowed(PciAddress.parse("03:03.0"))).as("behind a bridge to PCI").isFalse();
        assertThat(scopes.atsAllowed(PciAddress.parse("0a:01.0"))).as("behind a conventional bridge").isFalse();
        var onePort = DmarScopes.of(new DmarBuilder().drhd(1, 0, FIRST).atsr(0, 0, scope(BRIDGE, 0, 0, 7, 0)).parse(), rich.pci());
        assertThat(onePort.atsAllowed(PciAddress.parse("01:00.0"))).as("another port").isFalse();
        assertThat(onePort.atsAllowed(PciAddress.parse("07:00.0"))).as("below a switch of that port").isTrue();
    }

    @Test
    @DisplayName("allow ATS to what SATC names, and say who does not work without")
    void knowWhoNeedsAts() {
        var scopes = scopes(new DmarBuilder().drhd(1, 0, FIRST).satc(1, 0, scope(ENDPOINT, 0, 0, 2, 0))
                .satc(0, 0, scope(ENDPOINT, 0, 0, 7, 0)));

        assertThat(scopes.atcRequired()).containsExactly(PciAddress.parse("00:02.0"));
        assertThat(scopes.atsAllowed(PciAddress.parse("00:02.0"))).isTrue();
        assertThat(scopes.atsAllowed(PciAddress.parse("00:07.0"))).isTrue();
        var behindABridge = DmarScopes.of(new DmarBuilder().drhd(1, 0, FIRST).satc(0, 0, scope(ENDPOINT, 0, 3, 3, 0)).parse(),
                MachineDescription.read(Shared.machine("q35-vtd-rich")).pci());
        assertThat(behindABridge.atsAllowed(PciAddress.parse("03:03.0"))).as("whatever is on its way").isTrue();
        assertThat(behindABridge.atcRequired()).isEmpty();
    }

    @Test
    @DisplayName("lead to devices of the ACPI name space, unless they are functions of PCI")
    void findNamespaceDevices() {
        var scopes = scopes(new DmarBuilder().drhd(1, 0, FIRST, scope(5, 1, 0, 0x15, 0), scope(5, 2, 0, 2, 0), scope(5, 3, 0, 0x15, 2))
                .andd(1, "\\_SB.PCI0.I2C0\0").andd(2, "\\_SB.PCI0.GFX0\0"));

        assertThat(scopes.namespaceDevices()).singleElement().satisfies(device -> {
            assertThat(device.objectName()).isEqualTo("\\_SB.PCI0.I2C0");
            assertThat(device.unit().base()).isEqualTo(FIRST);
            assertThat(device.requesterId()).isEqualTo(0x15 << 3);
        });
    }

    private static DmarScopes scopes(DmarBuilder table) {
        return DmarScopes.of(table.parse(), PciTreeTest.tree(TREE));
    }

    private static Optional<Long> unit(DmarScopes scopes, String function) {
        return scopes.unitOf(PciAddress.parse(function)).map(Dmar.Drhd::base);
    }
}
