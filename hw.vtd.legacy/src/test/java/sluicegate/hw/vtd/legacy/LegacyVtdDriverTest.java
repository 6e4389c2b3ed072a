package sluicegate.hw.vtd.legacy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.vtd.RootTableAddressRegister;

/** The driver on a machine whose unit has all of scalable mode. */
class LegacyVtdDriverTest {
    private final IommuCore core = new IommuCore();
    private final EmbeddedMachine machine = EmbeddedMachine.boot(
            MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", "q35-vtd-scalable"))), "legacy", 0);
    private Device device;

    @BeforeEach
    void boot() {
        var driver = new LegacyVtdDriver();
        core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", -10, 0, List.of("intel,vtd")));
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(10))).isTrue();
        device = core.device("0000:00:05.0");
    }

    @AfterEach
    void powerOff() {
        core.close();
        machine.powerOff();
    }

    @Test
    void aUnitWithScalableModeIsUsedInLegacyMode() {
        var unit = device.unit().orElseThrow();
        assertThat(unit.driver().orElseThrow().name()).isEqualTo("intel-vtd-legacy");
        assertThat(machine.units()).allSatisfy(each -> assertThat(RootTableAddressRegister.TTM.get(
                each.registers().read64(RootTableAddressRegister.OFFSET))).isEqualTo(RootTableAddressRegister.LEGACY_MODE));
    }

    @Test
    void aDeviceReachesWhatIsMappedForItAndNothingElse() {
        long page = machine.allocate(4096);
        machine.memory().set64(page, 42);
        var domain = core.allocateDomain(device, Set.of());
        domain.map(0x7000, page, 4096, Prot.READ);
        domain.attach(device);
        var dma = device.busDevice().dma();
        var data = new byte[1];
        assertThat(dma.read(Pasid.NONE, 0x7000, data, 0, 1)).isEqualTo(DmaStatus.OK);
        assertThat(data[0]).isEqualTo((byte) 42);
        assertThat(dma.read(Pasid.NONE, 0x8000, data, 0, 1)).isEqualTo(DmaStatus.FAULT);
    }

    @Test
    void thereIsNothingOfWhatOnlyScalableModeHas() {
        assertThatThrownBy(() -> core.allocateDomain(device, Set.of(AllocFlag.NEST_PARENT))).hasMessageContaining("in legacy mode");
        assertThatThrownBy(() -> core.allocateDomain(device, Set.of(AllocFlag.DIRTY_TRACKING))).hasMessageContaining("in legacy mode");
    }
}
