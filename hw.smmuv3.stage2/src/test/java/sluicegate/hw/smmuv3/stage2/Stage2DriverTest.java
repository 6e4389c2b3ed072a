package sluicegate.hw.smmuv3.stage2;

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
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.smmuv3.StreamTableEntry;

/** The driver under the core, with the model of a unit below it. */
class Stage2DriverTest {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final long PAGE = 4096;
    private static final long IOVA = 0x6000_0000L;

    private final IommuCore core = new IommuCore();
    private EmbeddedMachine machine;

    private Device boot(String name, IommuDriver... drivers) {
        machine = EmbeddedMachine.boot(MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", name))), "model", 0);
        for (int i = 0; i < drivers.length; i++) {
            core.addDriver(new DriverEntry(drivers[i], drivers[i].name(), "test", "0", -i, i, List.of("arm,smmu-v3")));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        core.awaitProbed(machine, Duration.ofSeconds(10));
        return core.device("0000:00:05.0");
    }

    @AfterEach
    void powerOff() {
        core.close();
        machine.powerOff();
    }

    private long page(int number) {
        long address = machine.allocate(PAGE);
        machine.memory().write(address, new byte[] {(byte) number}, 0, 1);
        return address;
    }

    /** The number of the page that it reaches; 0 if it is refused. */
    private static int reached(Device device, int pasid) {
        var data = new byte[1];
        return device.busDevice().dma().read(pasid, IOVA, data, 0, 1) == DmaStatus.OK ? data[0] : 0;
    }

    /** Of the entry in memory: which stages translate. */
    private static long config(Device device) {
        return device.walk(Pasid.NONE, IOVA).stream().filter(step -> step.entry().equals("stream table entry"))
                .mapToLong(step -> StreamTableEntry.CONFIG.get(step.words().get(0))).findFirst().orElseThrow();
    }

    private static void assertErrno(Errno errno, Runnable call) {
        assertThatExceptionOfType(IommuException.class).isThrownBy(call::run)
                .satisfies(e -> assertThat(e.errno()).as(e.getMessage()).isEqualTo(errno));
    }

    @Test
    void domainsAreOfStageTwoAlone() {
        var device = boot("virt-smmuv3-rich", new Stage2Driver());
        assertThat(device.unit().orElseThrow().driver().orElseThrow().name()).isEqualTo("arm-smmu-v3-stage2");
        var domain = core.allocateDomain(device, Set.of());
        domain.map(IOVA, page(1), PAGE, RW);
        domain.attach(device);
        assertThat(config(device)).isEqualTo(StreamTableEntry.CONFIG_S2);
        assertThat(reached(device, Pasid.NONE)).isEqualTo(1);
        assertThat(domain.unmap(IOVA, PAGE)).isEqualTo(PAGE);
        assertThat(reached(device, Pasid.NONE)).isZero();
        for (var flag : List.of(AllocFlag.PASID, AllocFlag.NEST_PARENT, AllocFlag.DIRTY_TRACKING)) {
            assertErrno(Errno.EOPNOTSUPP, () -> core.allocateDomain(device, Set.of(flag)));
        }
    }

    @Test
    void aUnitWithoutStageTwoIsLeftToOthers() {
        var device = boot("virt-smmuv3", new Stage2Driver());
        var unit = core.units().get(0);
        assertThat(unit.driver()).isEmpty();
        assertThat(unit.problem()).hasValueSatisfying(problem -> assertThat(problem).contains("S2P", "arm-smmu-v3"));
        assertThat(machine.units().get(0).arena().allocatedBytes()).isZero();
        var other = new Smmuv3Driver();
        core.addDriver(new DriverEntry(other, other.name(), "test", "0", 0, 7, List.of("arm,smmu-v3")));
        assertThat(unit.state()).isEqualTo(Unit.State.BOUND);
        assertThat(device.unit()).isPresent();
    }

    /** What was left in one stage is taken over in the other, and nothing of it stays behind. */
    @Test
    void takesOverFromStageOneAndBack() {
        var device = boot("virt-smmuv3-rich", new Smmuv3Driver(), new Stage2Driver());
        var unit = device.unit().orElseThrow();
        var domain = core.allocateDomain(device, Set.of());
        domain.map(IOVA, page(1), PAGE, RW);
        domain.attach(device);
        assertThat(config(device)).isEqualTo(StreamTableEntry.CONFIG_S1);
        long stage1 = machine.units().get(0).arena().allocatedBytes();
        for (int i = 0; i < 3; i++) {
            unit.swap("arm-smmu-v3-stage2", LeavePolicy.KEEP);
            assertThat(config(device)).isEqualTo(StreamTableEntry.CONFIG_S2);
            assertThat(reached(device, Pasid.NONE)).isEqualTo(1);
            domain.map(IOVA + PAGE, page(2), PAGE, RW);
            assertThat(domain.unmap(IOVA + PAGE, PAGE)).isEqualTo(PAGE);
            unit.swap("arm-smmu-v3", LeavePolicy.KEEP);
            assertThat(config(device)).isEqualTo(StreamTableEntry.CONFIG_S1);
            assertThat(reached(device, Pasid.NONE)).isEqualTo(1);
            assertThat(machine.units().get(0).arena().allocatedBytes()).isEqualTo(stage1);
        }
        assertThat(unit.problem()).isEmpty();
    }

    /** Where there are no PASIDs, those that a device has are refused; its other requests go on. */
    @Test
    void pasidsEndWithTheDriverThatHasThem() {
        var device = boot("virt-smmuv3-accel", new Smmuv3Driver(), new Stage2Driver());
        var accelerator = core.device("0000:00:10.0");
        var unit = accelerator.unit().orElseThrow();
        var domain = core.allocateDomain(accelerator, Set.of());
        domain.map(IOVA, page(1), PAGE, RW);
        domain.attach(accelerator);
        var space = core.allocateDomain(accelerator, Set.of(AllocFlag.PASID));
        space.map(IOVA, page(2), PAGE, RW);
        space.attach(accelerator, 7);
        assertThat(reached(accelerator, 7)).isEqualTo(2);
        unit.swap("arm-smmu-v3-stage2", LeavePolicy.KEEP);
        assertThat(reached(accelerator, Pasid.NONE)).isEqualTo(1);
        assertThatExceptionOfType(IommuException.class).as("the device is told to send none").isThrownBy(() -> reached(accelerator, 7));
        assertThat(device.unit()).hasValue(unit);
    }
}
