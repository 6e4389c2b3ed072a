package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.platform.Bus;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.MachineParts;
import sluicegate.firmware.MemoryRange;

@DisplayName("A unit that no model can be built of")
class MissingUnitTest {
    private static final String SETTINGS = "machine.properties";
    private static final List<MemoryRange> MEMORY = List.of(new MemoryRange(0x4000_0000L, 0x1000_0000L));

    private EmbeddedMachine machine;

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @CsvSource({"q35-vtd, dmar0.levels = 3, virt-smmuv3", "virt-smmuv3, smmu0.hypervisor = yes, q35-amdvi",
        "q35-amdvi, ivhd0.pasid-bits = 8, q35-vtd"})
    @DisplayName("is missing alone: others serve their devices, those behind it reach nothing and learn why")
    void failsAlone(String broken, String setting, String other) {
        boot(List.of(broken, other), List.of(description(broken, setting), description(other, "")));

        assertThat(machine.units()).extracting(IommuUnit::segment).containsExactly(1);
        assertThat(machine.warnings()).singleElement().asString().contains(SETTINGS, setting);
        assertCutOff(machine.buses().get(0), setting);
        for (var device : machine.buses().get(1).devices()) {
            machine.buses().get(1).dmaConfigure(device).ifPresent(said ->
                    assertThat(said.unit()).isSameAs(machine.units().get(0)));
            assertThat(write(device)).isNotEqualTo(DmaStatus.FAULT);
        }
    }

    @Test
    @DisplayName("may be so because of its table: VT-d units with physical addresses of 30 bits")
    void hasTooFewAddressBits() {
        var good = description("q35-vtd", "");
        var table = good.dmar().orElseThrow();
        var dmar = new Dmar(table.file(), 30, false, false, false, table.units(), List.of(), table.rootPortAts(), List.of(),
                List.of(), List.of(), List.of(), List.of());
        boot(List.of("narrow"), List.of(new MachineDescription("narrow", "", MEMORY, Optional.of(dmar), good.vtd(), good.mcfg(),
                good.pci(), good.dmarScopes(), List.of())));

        assertThat(machine.units()).isEmpty();
        assertThat(machine.warnings()).singleElement().asString().contains("dmar0", "30 bits");
        assertCutOff(machine.pci(), "30 bits");
    }

    private void boot(List<String> names, List<MachineDescription> parts) {
        machine = EmbeddedMachine.boot(new MachineParts("board", "", MEMORY, names), parts, "board", 0);
    }

    private void assertCutOff(Bus bus, String why) {
        int cutOff = 0;
        for (var device : bus.devices()) {
            try {
                assertThat(bus.dmaConfigure(device)).as("%s is behind no unit", device).isEmpty();
            } catch (IommuException e) {
                assertThat(e.errno()).isEqualTo(Errno.EINVAL);
                assertThat(e).hasMessageContaining(why);
                assertThat(write(device)).as("%s", device).isEqualTo(DmaStatus.FAULT);
                cutOff++;
            }
        }
        assertThat(cutOff).isPositive();
        var function = machine.pci().devices().iterator().next();
        assertThatThrownBy(() -> bus.unitInFrontOf(function.address())).hasMessageContaining(why);
    }

    private DmaStatus write(BusDevice device) {
        return device.dma().write(Pasid.NONE, machine.allocate(4096), new byte[8], 0, 8);
    }

    /** A shipped machine with a line more in its settings. */
    private static MachineDescription description(String name, String setting) {
        var shipped = Path.of("machines", name);
        try (var files = Files.list(shipped)) {
            var names = files.map(file -> file.getFileName().toString()).toList();
            return MachineDescription.read(FirmwareFolder.of(name, names, file -> {
                byte[] bytes = read(shipped.resolve(file));
                return file.equals(SETTINGS)
                        ? (new String(bytes, StandardCharsets.UTF_8) + "\n" + setting + "\n").getBytes(StandardCharsets.UTF_8)
                        : bytes;
            }));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
