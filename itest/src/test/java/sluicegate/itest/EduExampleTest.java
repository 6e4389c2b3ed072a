package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.test.common.annotation.InjectService;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Machines;
import sluicegate.api.dma.DmaMappers;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;

/** The driver in {@code examples/} on each make of IOMMU, embedded and QEMU's. Machines of QEMU are skipped where it is not installed. */
class EduExampleTest extends ShellTest {
    private static final String DEVICE = "0000:00:05.0";
    private static final String EMBEDDED = "q35-vtd";

    @InjectService(timeout = 10_000)
    DmaMappers mappers;

    private final Bundle bundle = FrameworkMachine.bundle("sluicegate.examples.edu");
    private Machine machine;
    private Device device;

    @BeforeEach
    void debug() {
        mappers.setDmaDebug(true);
    }

    @AfterEach
    void powerOff() throws Exception {
        bundle.start();
        mappers.setDmaDebug(false);
        if (machine != null) {
            machine.powerOff();
        }
    }

    private void boot(String name) {
        try {
            machine = machines.boot(name);
        } catch (IommuException e) {
            Assumptions.assumeTrue(e.errno() != Errno.ENOENT, e.getMessage());
            throw e;
        }
        device = iommu.device(DEVICE);
    }

    private String run(String command) throws Exception {
        var out = new ByteArrayOutputStream();
        try (var session = session(out)) {
            return String.valueOf(session.execute(command));
        }
    }

    private void requireNothingLeft() {
        assertThat(device.deviceDriver()).isEmpty();
        assertThat(device.group().orElseThrow().domain().mappings()).filteredOn(mapping -> !isDoorbell(mapping)).isEmpty();
        assertThat(mappers.dmaReports()).isEmpty();
    }

    /** A doorbell stays mapped as long as its domain is there. */
    private static boolean isDoorbell(Domain.Mapping mapping) {
        return (mapping.prot() & Prot.MMIO) != 0;
    }

    @ParameterizedTest
    @ValueSource(strings = {"q35-vtd", "q35-amdvi", "virt-smmuv3", "qemu:q35-vtd", "qemu:q35-amdvi", "qemu:virt-smmuv3"})
    void itComputesAndMovesDataByInterruptAndDmaThroughWhateverIommuThereIs(String name) throws Exception {
        var begun = Instant.now();
        boot(name);
        var told = run("edu:run " + DEVICE);
        assertThat(told.lines().filter(line -> line.contains("by interrupt"))).hasSize(6);
        assertThat(told.lines().filter(line -> line.contains("4095 bytes") && line.endsWith("the same"))).hasSize(2);
        assertThat(iommu.recentFaults()).filteredOn(fault -> fault.time().isAfter(begun)).isEmpty();
        requireNothingLeft();
    }

    @Test
    void theDeviceUsesIovasThatLeadNowhereOnceItIsUnbound() throws Exception {
        boot(EMBEDDED);
        run("edu:bind " + DEVICE);
        assertThat(device.deviceDriver().orElseThrow().name()).isEqualTo("edu");
        var copied = run("edu:copy " + DEVICE + " 'through the IOMMU'");
        assertThat(copied).endsWith("through the IOMMU");
        var iova = Pattern.compile("written to IOVA 0x([0-9a-f]+)").matcher(copied);
        assertThat(iova.find()).isTrue();
        assertThat(run("edu:factorial " + DEVICE + " 6")).isEqualTo("720");
        run("edu:unbind " + DEVICE);
        assertThat(device.translate(Pasid.NONE, Long.parseLong(iova.group(1), 16), true)).isInstanceOf(Translation.Fault.class);
        requireNothingLeft();
        assertThatThrownBy(() -> run("edu:factorial " + DEVICE + " 6")).hasMessageContaining("not bound");
    }

    @Test
    void aDeviceThatSomebodyElseDrivesIsLeftToThem() throws Exception {
        boot(EMBEDDED);
        device.claim(this);
        try {
            assertThatThrownBy(() -> run("edu:bind " + DEVICE)).hasMessageContaining(DEVICE);
        } finally {
            device.release(this);
        }
        run("edu:run " + DEVICE);
        assertThatThrownBy(() -> run("edu:bind 0000:00:1f.2")).hasMessageContaining("no edu");
    }

    @Test
    void whenItsBundleStopsItsDevicesAreLetGo() throws Exception {
        boot(EMBEDDED);
        run("edu:bind " + DEVICE);
        bundle.stop();
        requireNothingLeft();
        bundle.start();
        FrameworkMachine.await("the commands", () -> succeeds("edu:devices"));
        run("edu:run " + DEVICE);
    }

    @Test
    void aDeviceThatIsTakenOutIsLetGoAndItsSuccessorIsAnother() throws Exception {
        boot(EMBEDDED);
        run("edu:bind " + DEVICE);
        var bus = device.busDevice().bus();
        bus.remove(device.busDevice());
        assertThat(device.deviceDriver()).isEmpty();
        bus.rescan();
        FrameworkMachine.await("the device", () -> iommu.devices().stream().anyMatch(
                each -> each.name().equals(DEVICE) && each.state() == Device.State.READY));
        assertThat(run("edu:devices").lines()).containsExactly(DEVICE + "  free");
        run("edu:run " + DEVICE);
    }

    private boolean succeeds(String command) {
        try {
            run(command);
            return true;
        } catch (Exception e) {
            return false;
        }
    }
}
