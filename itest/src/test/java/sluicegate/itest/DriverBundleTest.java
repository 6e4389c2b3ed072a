package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import sluicegate.api.Device;

/** A driver's bundle stops and starts under a machine that runs. */
class DriverBundleTest extends DriverBundleRig {

    DriverBundleTest() {
        super("sluicegate.hw.vtd");
    }

    @Test
    void devicesAreBlockedWithoutTheirDriverAndServedAgainByTheNext() throws Exception {
        rig = boot();
        var domain = stopAndStart(rig.machine.allocate(PAGE));
        domain.detach(rig.device);
        domain.close();
    }

    @Test
    void aMachineThatBootsBeforeItsDriverWaitsForIt() throws Exception {
        driver.stop();
        rig = boot();
        assertThat(rig.device.state()).isEqualTo(Device.State.DEFERRED);
        assertThat(rig.device.group()).isEmpty();

        driver.start();

        FrameworkMachine.await("the device's probe", () -> rig.device.state() == Device.State.READY);
        assertThat(rig.device.group()).isPresent();
    }
}
