package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.platform.BusDevice;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Pasid;
import sluicegate.qemu.process.Programs;

/** Every machine comes up, with the unit and the functions that QEMU's tables describe, and passes DMA while its unit is off. */
class QemuMachinesTest {
    private static final Programs HOST = Programs.ofHost();

    private QemuMachine machine;

    @AfterEach
    void powerOff() {
        if (machine != null) {
            machine.powerOff();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "qemu:q35-vtd, dmar0, 'intel,vtd', fed90000",
        "qemu:q35-vtd-rich, dmar0, 'intel,vtd', fed90000",
        "qemu:q35-vtd-scalable, dmar0, 'intel,vtd', fed90000",
        "qemu:q35-vtd-first-stage, dmar0, 'intel,vtd', fed90000",
        "qemu:q35-amdvi, ivhd0, 'amd,iommu', fed80000",
        "qemu:virt-smmuv3, smmu3.0x0000000009050000, 'arm,smmu-v3', 9050000",
        "qemu:virt-smmuv3-nested, smmu3.0x0000000009050000, 'arm,smmu-v3', 9050000",
        "qemu:virt-smmuv3-rich, smmu3.0x0000000009050000, 'arm,smmu-v3', 9050000"})
    void comesUp(String name, String unitName, String compatible, String base) {
        var missing = QemuMachine.missing(name, HOST);
        Assumptions.assumeTrue(missing.isEmpty(), missing::orElseThrow);
        machine = QemuMachine.boot(name, 2, HOST);

        assertThat(machine.warnings()).isEmpty();
        var unit = machine.units().get(0);
        assertThat(unit.name()).isEqualTo(unitName);
        assertThat(unit.compatible()).isEqualTo(compatible);
        assertThat(unit.baseAddress()).isEqualTo(Long.parseLong(base, 16));
        assertThat(unit.segment()).isEqualTo(2);
        var bus = machine.buses().get(0);
        assertThat(bus.devices()).hasSizeGreaterThanOrEqualTo(name.endsWith("rich") ? 20 : 4)
                .allSatisfy(device -> {
                    var said = bus.dmaConfigure(device).orElseThrow();
                    assertThat(said.unit()).isSameAs(unit);
                    assertThat(said.specifiers()).first().satisfies(specifier ->
                            assertThat(specifier.get(0)).isEqualTo(((PciFunction) device).address().requesterId()));
                });
        long buffer = machine.allocate(8192);
        var data = "a sluice gate".getBytes(StandardCharsets.US_ASCII);
        int tried = 0;
        for (BusDevice device : bus.devices()) {
            if (device.dma().usable()) {
                tried++;
                long address = buffer + 64L * tried;
                assertThat(device.dma().write(Pasid.NONE, address, data, 0, data.length)).as("%s", device).isEqualTo(DmaStatus.OK);
                var there = new byte[data.length];
                machine.memory().read(address, there, 0, there.length);
                assertThat(there).as("%s", device).isEqualTo(data);
                var back = new byte[data.length];
                assertThat(device.dma().read(Pasid.NONE, address, back, 0, back.length)).as("%s", device).isEqualTo(DmaStatus.OK);
                assertThat(back).as("%s", device).isEqualTo(data);
            }
        }
        assertThat(tried).isGreaterThanOrEqualTo(2);
    }
}
