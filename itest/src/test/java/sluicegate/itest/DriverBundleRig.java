package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.AfterEach;
import org.osgi.framework.Bundle;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/** A driver's bundle that stops and starts under machines that run: what is to be seen whichever driver it is. */
abstract class DriverBundleRig extends PlatformTest {
    static final long IOVA = 0x20_0000;
    static final int RW = Prot.READ | Prot.WRITE;
    static final int PAGE = 4096;

    final Bundle driver;
    FrameworkMachine rig;

    DriverBundleRig(String bundle) {
        driver = FrameworkMachine.bundle(bundle);
    }

    @AfterEach
    void restore() throws Exception {
        driver.start();
        if (rig != null) {
            rig.close();
        }
    }

    /** On the machine that runs. Returns the device's domain, in which it is still: the buffer is mapped at {@link #IOVA} and holds a 3. */
    final Domain stopAndStart(long buffer) throws Exception {
        var domain = rig.attached(iommu);
        domain.map(IOVA, buffer, PAGE, RW);
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
        return domain;
    }

    /** On the machine that runs, beside one whose driver is another. */
    final void serveBeside(String name) {
        try (var other = boot("q35-vtd-rich", ":00:05.0")) {
            assertThat(rig.device.unit().orElseThrow().driver().orElseThrow().name()).isEqualTo(name);
            assertThat(other.device.unit().orElseThrow().driver().orElseThrow().name()).isEqualTo("intel-vtd");
            var here = rig.attached(iommu);
            var there = other.attached(iommu);
            long buffer = rig.machine.allocate(PAGE);
            long otherBuffer = other.machine.allocate(PAGE);
            here.map(IOVA, buffer, PAGE, RW);
            there.map(IOVA, otherBuffer, PAGE, RW);
            assertThat(rig.write(IOVA, (byte) 1)).isEqualTo(DmaStatus.OK);
            assertThat(other.write(IOVA, (byte) 2)).isEqualTo(DmaStatus.OK);
            assertThat(rig.memory(buffer, 1)).containsExactly(1);
            assertThat(other.memory(otherBuffer, 1)).containsExactly(2);
            here.unmap(IOVA, PAGE);
            assertThat(rig.write(IOVA, (byte) 3)).isEqualTo(DmaStatus.FAULT);
            assertThat(other.write(IOVA, (byte) 4)).isEqualTo(DmaStatus.OK);
            there.detach(other.device);
            assertThatExceptionOfType(IommuException.class).as("a domain of the other's driver")
                    .isThrownBy(() -> here.attach(other.device)).matches(e -> e.errno() == Errno.EINVAL);
            here.detach(rig.device);
            here.close();
            there.close();
        }
    }
}
