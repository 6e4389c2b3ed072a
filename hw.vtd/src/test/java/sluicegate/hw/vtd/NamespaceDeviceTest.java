package sluicegate.hw.vtd;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.DeviceScope;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.DmarScopes;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;

/** Devices of the ACPI name space, which no bus discovers (ANDD), are behind their unit like others: controllers of laptops' touchpads. */
class NamespaceDeviceTest {
    private static final int REQUESTER_ID = 0x15 << 3;

    private final IommuCore core = new IommuCore();
    private final EmbeddedMachine machine = EmbeddedMachine.boot(laptop(), "laptop", 0);

    /** A shipped machine whose unit serves one more device, as firmware says it. */
    private static MachineDescription laptop() {
        var said = MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", "q35-vtd-scalable")));
        var unit = said.dmar().orElseThrow().units().get(0);
        var scope = new DeviceScope(0, DeviceScope.Kind.ACPI_NAMESPACE_DEVICE, 0, 1, 0, List.of(new DeviceScope.Hop(0x15, 0)));
        var dmar = new Dmar("laptop", said.dmar().orElseThrow().hostAddressWidth(), false, false, false,
                List.of(new Dmar.Drhd(0, unit.segment(), unit.includeAll(), unit.base(), unit.registerSize(), List.of(scope))), List.of(),
                List.of(), List.of(), List.of(new Dmar.Andd(0, 1, "\\_SB.PCI0.I2C0")), List.of(), List.of(), List.of());
        return new MachineDescription("laptop", "laptop", said.memory(), Optional.of(dmar), said.vtd(), said.mcfg(), said.pci(),
                Optional.of(DmarScopes.of(dmar, said.pci())), List.of());
    }

    @AfterEach
    void powerOff() {
        core.close();
        machine.powerOff();
    }

    @Test
    void isTranslatedUnderTheIdThatTheScopeOfItsUnitNames() {
        core.addDriver(new DriverEntry(new VtdDriver(), "intel-vtd", "test", "0", 0, 0, List.of("intel,vtd")));
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        var device = core.device("laptop/_SB.PCI0.I2C0");

        assertThat(device.state()).isEqualTo(Device.State.READY);
        assertThat(device.group().orElseThrow().devices()).containsExactly(device);
        assertThat(device.busDevice().bus().dmaConfigure(device.busDevice()).orElseThrow().specifiers())
                .containsExactly(List.of(REQUESTER_ID));
        long buffer = machine.allocate(4096);
        try (var domain = core.allocateDomain(device, Set.of())) {
            domain.map(0x10000, buffer, 4096, Prot.READ | Prot.WRITE);
            assertThat(write(device)).as("not attached yet").isEqualTo(DmaStatus.FAULT);
            domain.attach(device);
            assertThat(write(device)).isEqualTo(DmaStatus.OK);
            assertThat(machine.memory().get64(buffer) & 0xff).isEqualTo(42);
            domain.detach(device);
        }
    }

    private static DmaStatus write(Device device) {
        return device.busDevice().dma().write(Pasid.NONE, 0x10000, new byte[] {42}, 0, 1);
    }
}
