package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.Device;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;

/** The platform's services on hardware that other people wrote. Skipped where QEMU is not installed. */
class QemuTest extends PlatformTest {
    private static final String NAME = "qemu:q35-vtd";
    private static final long IOVA = 0x10_0000;
    private static final long PAGE = 4096;

    private Machine machine;

    @BeforeEach
    void powerOn() {
        try {
            machine = machines.boot(NAME);
        } catch (IommuException e) {
            Assumptions.assumeTrue(e.errno() != Errno.ENOENT, e.getMessage());
            throw e;
        }
    }

    @AfterEach
    void powerOff() {
        if (machine != null) {
            machine.powerOff();
        }
    }

    private static DmaStatus write(Device device, long iova, byte... data) {
        return device.busDevice().dma().write(Pasid.NONE, iova, data, 0, data.length);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0000:00:05.0", "0000:00:06.0"})
    void dmaGoesWhereTheDomainMapsItAndFaultsElsewhere(String name) {
        var device = iommu.device(name);
        long buffer = machine.allocate(PAGE);
        try (var domain = iommu.allocateDomain(device, Set.of())) {
            domain.attach(device);
            domain.map(IOVA, buffer, PAGE, Prot.READ | Prot.WRITE);

            assertThat(write(device, IOVA + 8, (byte) 0xca, (byte) 0xfe)).isEqualTo(DmaStatus.OK);
            assertThat(machine.memory().get64(buffer + 8)).isEqualTo(0xfeca);
            assertThat(domain.unmap(IOVA, PAGE)).isEqualTo(PAGE);
            assertThat(write(device, IOVA + 8, (byte) 0)).as("after unmap").isEqualTo(DmaStatus.FAULT);
            assertThat(machine.memory().get64(buffer + 8)).isEqualTo(0xfeca);

            FrameworkMachine.await("the driver's report", () -> iommu.recentFaults().stream().anyMatch(
                    fault -> fault.device().filter(name::equals).isPresent() && fault.iova() == IOVA
                            && fault.name().equals("WRITE_NOT_PERMITTED")));
            domain.detach(device);
        }
    }

    @Test
    void aMachineRunsOnceAndItsNameIsFreeAfterwards() {
        assertThatThrownBy(() -> machines.boot(NAME)).isInstanceOf(IommuException.class).hasMessageContaining(NAME);
        machine.powerOff();
        assertThat(iommu.units()).isEmpty();
        machine = machines.boot(NAME);
        assertThat(iommu.units()).hasSize(1);
    }
}
