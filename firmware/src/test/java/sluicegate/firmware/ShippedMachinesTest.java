package sluicegate.firmware;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import sluicegate.api.platform.PciAddress;
import sluicegate.spec.pci.ExtendedCapabilityId;

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
        for (var name : new String[] {"virt-smmuv3-rich", "q35-amdvi-rich", "q35-vtd-rich", "q35-vtd-scalable"}) {
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

    @Test
    @DisplayName("have scalable mode in the machine that is named so, and functions that make use of it")
    void readsTheScalableMachine() {
        var machine = MachineDescription.read(Shared.machine("q35-vtd-scalable"));

        assertThat(machine.units()).singleElement().isInstanceOfSatisfying(UnitDescription.Vtd.class, unit ->
                assertThat(unit.features().scalable()).isEqualTo(new VtdScalable(true, true, true, true, true, true, 20, true,
                        true, true, true, true, true, true, true)));
        assertThat(capabilities(machine, "01:00.0")).as("behind a root port").containsExactly(
                ExtendedCapabilityId.ATS, ExtendedCapabilityId.PRI, ExtendedCapabilityId.PASID);
        assertThat(capabilities(machine, "06:00.0")).as("behind a switch").containsExactly(
                ExtendedCapabilityId.ATS, ExtendedCapabilityId.PRI, ExtendedCapabilityId.PASID);
        assertThat(capabilities(machine, "07:00.0")).as("without ATS").containsExactly(ExtendedCapabilityId.PASID);
        for (var device : new String[] {"01:00.0", "06:00.0", "07:00.0"}) {
            assertThat(machine.atsAllowed(address(device))).as("%s may use ATS, says its ATSR", device).isTrue();
        }
    }

    private static PciAddress address(String function) {
        return PciAddress.parse("0000:" + function);
    }

    private static List<ExtendedCapabilityId> capabilities(MachineDescription machine, String function) {
        var image = machine.pci().find(address(function)).orElseThrow().image();
        return Stream.of(ExtendedCapabilityId.ATS, ExtendedCapabilityId.PRI, ExtendedCapabilityId.PASID)
                .filter(id -> PciCapabilities.findExtended(image, id.code()).isPresent()).toList();
    }
}
