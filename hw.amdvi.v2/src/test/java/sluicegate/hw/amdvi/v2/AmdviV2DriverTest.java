package sluicegate.hw.amdvi.v2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.sim.EmbeddedMachine;

/** Core, model and the two drivers for AMD IOMMUs, as they are on the platform. */
class AmdviV2DriverTest {
    private static final long IOVA = 0x4000_0000L;
    private final IommuCore core = new IommuCore();
    private EmbeddedMachine machine;

    private Unit boot(String name, IommuDriver... drivers) {
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", name))), name, 0);
        for (var driver : drivers) {
            core.addDriver(new DriverEntry(driver, driver.name(), driver.name(), "0", driver instanceof AmdviDriver ? 0 : -10, 0,
                    List.of("amd,iommu")));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(10))).isTrue();
        return core.units().get(0);
    }

    @AfterEach
    void powerOff() {
        core.close();
        machine.powerOff();
    }

    /** Those behind a bridge to conventional PCI too, which share an id. */
    @Test
    void everyDeviceIsServedByGuestTables() {
        var unit = boot("q35-amdvi-rich", new AmdviV2Driver());
        assertThat(unit.driver().orElseThrow().name()).isEqualTo("amd-vi-v2");
        assertThat(unit.devices()).hasSizeGreaterThan(5).allSatisfy(device -> {
            assertThat(device.state()).isEqualTo(Device.State.READY);
            long page = machine.allocate(4096);
            var group = device.group().orElseThrow();
            var domain = core.allocateDomain(device, Set.of());
            domain.map(IOVA, page, 4096, Prot.READ);
            group.attach(domain);
            assertThat(device.walk(Pasid.NONE, IOVA)).anySatisfy(step -> assertThat(step.entry()).startsWith("guest table entry"))
                    .noneSatisfy(step -> assertThat(step.entry()).startsWith("host table entry"));
            assertThat(device.translate(Pasid.NONE, IOVA, false)).isInstanceOfSatisfying(Translation.Mapped.class,
                    there -> assertThat(there.address()).isEqualTo(page));
            group.detach();
            domain.close();
        });
    }

    @Test
    void theOtherDriverIsPreferredAndEachTakesOverInPlaceFromTheOther() {
        var unit = boot("q35-amdvi-rich", new AmdviV2Driver(), new AmdviDriver());
        assertThat(unit.driver().orElseThrow().name()).isEqualTo("amd-vi");
        var device = core.device("0000:00:05.0");
        var domain = core.allocateDomain(device, Set.of());
        long page = machine.allocate(4096);
        machine.memory().write(page, new byte[] {42}, 0, 1);
        domain.map(IOVA, page, 4096, Prot.READ);
        domain.attach(device);
        for (var next : List.of("amd-vi-v2", "amd-vi", "amd-vi-v2")) {
            unit.swap(next, LeavePolicy.KEEP);
            assertThat(unit.driver().orElseThrow().name()).isEqualTo(next);
            assertThat(unit.devices()).allMatch(each -> each.state() == Device.State.READY);
            var data = new byte[1];
            assertThat(device.busDevice().dma().read(Pasid.NONE, IOVA, data, 0, 1)).isEqualTo(DmaStatus.OK);
            assertThat(data[0]).isEqualTo((byte) 42);
        }
    }

    @Test
    void aUnitWithoutGuestTablesIsLeftToTheOtherDriverWithAReason() {
        var unit = boot("q35-amdvi", new AmdviV2Driver(), new AmdviDriver());
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> unit.swap("amd-vi-v2", LeavePolicy.KEEP))
                .matches(e -> e.errno() == Errno.EIO).withMessageContaining("ExtFeature.GTSup").withMessageContaining("amd-vi has it now");
        assertThat(unit.devices()).allMatch(each -> each.state() == Device.State.READY);
    }
}
