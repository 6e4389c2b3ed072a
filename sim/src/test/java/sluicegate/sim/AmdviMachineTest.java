package sluicegate.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.platform.PciFunction;
import sluicegate.firmware.AmdviFeatures;
import sluicegate.firmware.AmdviFlag;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.Ivrs;
import sluicegate.firmware.MachineDescription;
import sluicegate.firmware.UnitDescription;
import sluicegate.sim.amdvi.AmdviCapabilities;
import sluicegate.sim.amdvi.AmdviUnit;
import sluicegate.spec.amdvi.CompletionWaitCommand;
import sluicegate.spec.amdvi.ExtendedFeature2Register;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.IommuCapability;

@DisplayName("A machine with an AMD IOMMU")
class AmdviMachineTest {
    private static final int MSI = 0x60;
    private static final int COMMAND_BASE = 0x08;
    private static final int CONTROL = 0x18;
    private static final int COMMAND_TAIL = 0x2008;
    private static final int STATUS = 0x2020;

    private EmbeddedMachine machine;

    @AfterEach
    void powerOff() {
        machine.powerOff();
    }

    private void boot(String name, int segment) {
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("machines", name))), name, segment);
    }

    private PciFunction function(String address) {
        return machine.pci().find(PciAddress.parse(address)).orElseThrow();
    }

    @Test
    @DisplayName("does what the settings of the one that ships say, in its registers and in its function's capability")
    void shippedMachineComesUp() {
        boot("q35-amdvi", 1);

        assertThat(machine.warnings()).isEmpty();
        var unit = machine.units().get(0);
        assertThat(unit).isInstanceOf(AmdviUnit.class);
        assertThat(unit.name()).isEqualTo("ivhd0");
        assertThat(unit.compatible()).isEqualTo("amd,iommu");
        assertThat(unit.segment()).isEqualTo(1);
        assertThat(unit.properties()).containsEntry("pci-function", "0001:00:01.0").containsEntry("capability-offset", "0x40")
                .containsEntry("last-device-id", "0xfb")
                .doesNotContainKey("special-device-settings");
        long features = unit.registers().read64(ExtendedFeatureRegister.OFFSET);
        assertThat(ExtendedFeatureRegister.IASUP.isSet(features)).isTrue();
        assertThat(ExtendedFeatureRegister.GTSUP.isSet(features)).isFalse();
        int header = function("0001:00:01.0").config().read32(0x40);
        assertThat(IommuCapability.EFRSUP.isSet(header)).isTrue();
        assertThat(IommuCapability.NPCACHE.isSet(header)).as("QEMU's has it, this one has not").isFalse();
        assertThat(machine.pci().dmaConfigure(function("0001:00:05.0")).orElseThrow().specifiers())
                .containsExactly(List.of(0x28, 0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"q35-amdvi", "q35-amdvi-rich", "q35-amdvi-accel"})
    @DisplayName("is a minimal unit with host tables alone, or has all that there is in the model")
    void shippedMachinesAreMinimalOrFull(String name) {
        boot(name, 0);
        var all = EnumSet.complementOf(EnumSet.of(AmdviFlag.NOT_PRESENT_CACHE, AmdviFlag.HT_RANGE_IGNORE));
        var full = new AmdviFeatures(all, 6, 5, 3, 16, 48, 8);
        var wanted = AmdviCapabilities.of(name.equals("q35-amdvi") ? AmdviFeatures.DEFAULT : full);
        var registers = machine.units().get(0).registers();
        assertThat(ExtendedFeatureRegister.LAYOUT.describe(registers.read64(ExtendedFeatureRegister.OFFSET)))
                .isEqualTo(ExtendedFeatureRegister.LAYOUT.describe(wanted.features()));
        assertThat(registers.read64(ExtendedFeature2Register.OFFSET)).isEqualTo(wanted.features2());
    }

    @Test
    @DisplayName("tells what firmware wants for I/O APICs and HPETs, which are on no bus")
    void tellsSettingsOfInterruptControllers() {
        var said = MachineDescription.read(FirmwareFolder.of(Path.of("machines", "q35-amdvi")));
        var amdvi = (UnitDescription.Amdvi) said.units().get(0);
        var ivhd = amdvi.ivhd();
        var entries = new ArrayList<>(ivhd.entries());
        entries.add(new Ivrs.Special(0, 0x10, Ivrs.Special.Kind.HPET, 0, 0x0108));
        entries.add(new Ivrs.Special(0, 0xd7, Ivrs.Special.Kind.IO_APIC, 0, 0x00a0));
        entries.add(new Ivrs.Special(0, 0, Ivrs.Special.Kind.IO_APIC, 1, 0x00a1));
        var with = new Ivrs.Unit(ivhd.offset(), ivhd.type(), ivhd.flags(), ivhd.deviceId(), ivhd.capabilityOffset(), ivhd.base(),
                ivhd.registerSize(), ivhd.segment(), ivhd.msiNumber(), ivhd.attributes(), ivhd.features(), entries);
        var table = said.ivrs().orElseThrow();
        machine = EmbeddedMachine.boot(new MachineDescription(said.name(), said.description(), said.memory(), said.dmar(), said.vtd(),
                said.mcfg(), said.pci(), said.dmarScopes(),
                Optional.of(new Ivrs(table.file(), table.revision(), table.info(), List.of(with), table.memory(), table.warnings())),
                said.iort(), said.others(), said.deviceTree(), List.of(new UnitDescription.Amdvi("ivhd0", amdvi.origin(), with, amdvi.features(), Optional.empty())),
                said.buses(), said.warnings()), "q35-amdvi", 0);

        assertThat(machine.units().get(0).properties()).containsEntry("special-device-settings", "0x00a0=0xd7, 0x0108=0x10");
    }

    @Test
    @DisplayName("has the devices that ACPI names on a bus of their own, with what firmware wants for their one id")
    void hasDevicesThatAcpiNames() {
        var laptop = Path.of("../../shared/data/machines/lenovo-t14-gen3-amd");
        assumeTrue(Files.isDirectory(laptop), "needs ../shared/data/machines beside the project");
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(laptop)), "t14", 0);

        var bus = machine.buses().stream().filter(each -> each.devices().stream().anyMatch(device -> device.name().contains("FUR0")))
                .findFirst().orElseThrow();
        assertThat(bus.devices()).hasSize(4).allSatisfy(port -> assertThat(bus.dmaConfigure(port).orElseThrow().specifiers())
                .containsExactly(List.of(0xa5, 0x40)));
        assertThat(machine.warnings()).anySatisfy(warning -> assertThat(warning).contains("FUR0", "FUR3", "share the id 0xa5"));
    }

    @Test
    @DisplayName("knows a function behind a bridge by its own id and, last, by the one that arrives")
    void tellsAliases() {
        boot("q35-amdvi-rich", 0);
        var conventional = machine.pci().devices().stream().filter(function -> function.upstreamBridge()
                .filter(bridge -> bridge.pcieType() == PciFunction.PcieType.PCIE_TO_PCI_BRIDGE).isPresent()).findFirst().orElseThrow();
        int bus = conventional.address().bus() << 8;
        assertThat(machine.pci().dmaConfigure(conventional).orElseThrow().specifiers())
                .containsExactly(List.of(conventional.address().requesterId(), 0), List.of(bus, 0));
        for (var function : machine.pci().devices()) {
            assertThat(machine.pci().dmaConfigure(function).isPresent()).as("%s", function)
                    .isEqualTo(function.address().bus() < 0x40);
        }
    }

    @Test
    @DisplayName("sends its interrupts where software tells it in configuration space")
    void interruptsByItsFunction() throws InterruptedException {
        boot("q35-amdvi", 0);
        var unit = machine.units().get(0);
        var arrived = new Semaphore(0);
        try (var vector = unit.interrupts().allocate("ivhd0", arrived::release)) {
            var config = function("00:01.0").config();
            config.write32(MSI + 4, (int) vector.address());
            config.write32(MSI + 8, (int) (vector.address() >>> 32));
            config.write16(MSI + 12, vector.data());
            config.write16(MSI + 2, config.read16(MSI + 2) | 1);
            long commands = machine.allocate(4096);
            var registers = unit.registers();
            registers.write64(COMMAND_BASE, commands | 8L << 56);
            // On, with commands and the interrupt of COMPLETION_WAIT.
            registers.write64(CONTROL, 1 | 1 << 12 | 1 << 4);
            long wait = CompletionWaitCommand.I.set(0, 1);
            machine.memory().set64(commands, wait | 1L << 60);
            registers.write64(COMMAND_TAIL, 16);
            assertThat(arrived.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            assertThat(registers.read64(STATUS) & 4).as("ComWaitInt").isEqualTo(4);
        }
    }
}
