package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;

@DisplayName("The units of the machines that ship")
class ShippedMachinesTest {
    @Test
    @DisplayName("are those of the IORT in the machine with an SMMUv3")
    void readsTheSmmuMachine() {
        var machine = MachineDescription.read(Shared.machine("virt-smmuv3"));

        assertThat(machine.warnings()).isEmpty();
        assertThat(machine.memory()).containsExactly(new MemoryRange(0x4000_0000L, 256L << 20));
        assertThat(machine.iort()).isPresent();
        assertThat(machine.deviceTree()).isPresent();
        var unit = (UnitDescription.Smmuv3) machine.units().get(0);
        assertThat(unit.name()).as("as in sysfs").isEqualTo("smmu3.0x0000000009050000");
        assertThat(unit.base()).isEqualTo(0x0905_0000L);
        assertThat(unit.registerSize()).isEqualTo(0x20000);
        assertThat(unit.origin()).contains("iort.bin, offset 0x");
        assertThat(unit.interrupts()).isEqualTo(new UnitDescription.Smmuv3.Interrupts(
                Optional.of(106L), Optional.of(107L), Optional.of(109L), Optional.of(108L)));
        assertThat(machine.pci().functions()).isNotEmpty().allSatisfy(function ->
                assertThat(machine.inputOf(function.address())).contains(new UnitInput(unit, function.address().requesterId())));
    }

    @Test
    @DisplayName("leave out the root complex that bypasses them, whoever describes them")
    void knowsWhatBypasses() {
        for (var name : new String[] {"virt-smmuv3-rich", "q35-amdvi-rich", "q35-vtd-rich"}) {
            var machine = MachineDescription.read(Shared.machine(name));
            assertThat(machine.warnings()).as(name).isEmpty();
            assertThat(machine.units()).as(name).hasSize(1);
            assertThat(machine.pci().rootBuses(0)).as(name).contains(0x00, 0x20, 0x40);
            assertThat(machine.pci().functions()).as(name).hasSizeGreaterThan(20).allSatisfy(function ->
                    assertThat(machine.inputOf(function.address()).isPresent()).as("%s of %s", function, name)
                            .isEqualTo(function.address().bus() < 0x40));
        }
    }

    @Test
    @DisplayName("are those of the IVRS in the machines with an AMD IOMMU")
    void readsTheAmdMachine() {
        var machine = MachineDescription.read(Shared.machine("q35-amdvi"));

        assertThat(machine.warnings()).isEmpty();
        assertThat(machine.units()).singleElement().isInstanceOfSatisfying(UnitDescription.Amdvi.class, unit -> {
            assertThat(unit.name()).isEqualTo("ivhd0");
            assertThat(unit.base()).isEqualTo(0xfed8_0000L);
            assertThat(unit.registerSize()).isEqualTo(0x4000);
            assertThat(unit.features().has(AmdviFlag.INVALIDATE_ALL)).isTrue();
            assertThat(machine.pci().find(PciAddress.of(0, unit.ivhd().deviceId()))).as("its own function").isPresent();
        });
        assertThat(machine.devices()).isEmpty();
    }
}
