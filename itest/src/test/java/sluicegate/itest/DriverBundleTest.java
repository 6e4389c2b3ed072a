package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.osgi.framework.Bundle;
import org.osgi.test.common.annotation.InjectService;
import org.osgi.test.junit5.service.ServiceExtension;
import sluicegate.api.Device;
import sluicegate.api.Iommu;
import sluicegate.api.Machines;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Prot;

/** A driver's bundle stops and starts under a machine that runs. */
@ExtendWith(ServiceExtension.class)
class DriverBundleTest {
    private static final long IOVA = 0x20_0000;

    @InjectService(timeout = 10_000)
    Machines machines;

    @InjectService(timeout = 10_000)
    Iommu iommu;

    private final Bundle driver = FrameworkMachine.bundle("sluicegate.hw.vtd");
    private FrameworkMachine rig;

    @BeforeEach
    void boot() {
        rig = new FrameworkMachine(machines, iommu);
    }

    @AfterEach
    void restore() throws Exception {
        driver.start();
        rig.close();
    }

    @Test
    void devicesAreBlockedWithoutTheirDriverAndServedAgainByTheNext() throws Exception {
        long buffer = rig.machine.allocate(4096);
        var domain = rig.attached(iommu);
        domain.map(IOVA, buffer, 4096, Prot.READ | Prot.WRITE);
        assertThat(rig.write(IOVA, (byte) 1)).isEqualTo(DmaStatus.OK);
        var unit = rig.device.unit().orElseThrow();

        driver.stop();

        assertThat(unit.state()).isEqualTo(Unit.State.HELD);
        assertThat(unit.driver()).isEmpty();
        assertThat(rig.write(IOVA, (byte) 2)).as("nobody drives the unit").isNotEqualTo(DmaStatus.OK);
        assertThat(rig.memory(buffer, 1)).containsExactly(1);

        driver.start();

        FrameworkMachine.await("the driver's return", () -> unit.state() == Unit.State.BOUND
                && rig.device.state() == Device.State.READY);
        assertThat(rig.device.domain()).as("as it was before").contains(domain);
        assertThat(rig.write(IOVA, (byte) 3)).isEqualTo(DmaStatus.OK);
        assertThat(rig.memory(buffer, 1)).containsExactly(3);
        domain.detach(rig.device);
        domain.close();
    }

    @Test
    void aMachineThatBootsBeforeItsDriverWaitsForIt() throws Exception {
        rig.close();
        driver.stop();
        rig = new FrameworkMachine(machines, iommu);
        assertThat(rig.device.state()).isEqualTo(Device.State.DEFERRED);
        assertThat(rig.device.group()).isEmpty();

        driver.start();

        FrameworkMachine.await("the device's probe", () -> rig.device.state() == Device.State.READY);
        assertThat(rig.device.group()).isPresent();
    }
}
