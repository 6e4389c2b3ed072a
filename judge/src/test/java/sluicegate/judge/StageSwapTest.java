package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.smmuv3.stage2.Stage2Driver;
import sluicegate.sim.EmbeddedMachine;

/**
 * An SMMUv3 goes from the driver with stage 1 to the one with stage 2, to another of these, and back, while two threads issue DMA and
 * one maps and unmaps: no DMA is refused, although entries of the stream table differ in several words.
 */
class StageSwapTest {
    private static final int RW = Prot.READ | Prot.WRITE;
    private static final int ROUNDS = 66;
    private static final List<String> ROUND = List.of("arm-smmu-v3-stage2", "arm-smmu-v3-stage2", "arm-smmu-v3");
    private static final int HERE = 1;
    private static final long PAGE = 4096;

    private final IommuCore core = new IommuCore();
    private final EmbeddedMachine machine = Subjects.embeddedMachine(Subjects.ARM_RICH);
    private final long iova = page(3);
    private final AtomicBoolean over = new AtomicBoolean();
    private DmaWatch watch = new DmaWatch(iova);
    private Unit unit;
    private Domain domain;

    private long page(int number) {
        long address = machine.allocate(PAGE);
        machine.memory().write(address, new byte[] {(byte) number}, 0, 1);
        return address;
    }

    @BeforeEach
    void boot() {
        core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.BLOCK, Duration.ofSeconds(20), false));
        var drivers = List.<IommuDriver>of(new Smmuv3Driver(), new Stage2Driver(), new Stage2Driver());
        for (int i = 0; i < drivers.size(); i++) {
            core.addDriver(new DriverEntry(drivers.get(i), drivers.get(i).name(), "test", "0", -i, i, List.of("arm,smmu-v3")));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(10))).isTrue();
        Device device = core.device("0000:00:05.0");
        unit = device.unit().orElseThrow();
        domain = core.allocateDomain(device, Set.of());
        domain.map(iova, page(HERE), PAGE, RW);
        domain.attach(device);
        watch = new DmaWatch(iova, HERE).add(device).add(device);
    }

    @AfterEach
    void nothingElseWasReached() {
        over.set(true);
        watch.close();
        assertThat(watch.violations()).isEmpty();
        core.close();
        machine.powerOff();
    }

    @Test
    void noDmaIsRefused() throws Exception {
        long other = page(2);
        var maps = CompletableFuture.supplyAsync(() -> {
            int rounds = 0;
            while (!over.get()) {
                domain.map(iova + PAGE, other, PAGE, RW);
                assertThat(domain.unmap(iova + PAGE, PAGE)).isEqualTo(PAGE);
                rounds++;
            }
            return rounds;
        });
        for (int i = 0; i < ROUNDS; i++) {
            for (var driver : ROUND) {
                unit.swap(driver, LeavePolicy.KEEP);
                watch.letRun(5);
            }
        }
        over.set(true);
        assertThat(maps.get()).isPositive();
        assertThat(domain.mappings()).hasSize(1);
    }
}
