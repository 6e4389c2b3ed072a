package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Unit;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.sim.EmbeddedMachine;

/** An accelerator goes on under each of its PASIDs, and without one, while drivers take each other's place under it. */
class KeptPasidsTest {
    private static final long PAGE = 4096;
    private static final long IOVA = 0x6000_0000L;
    private static final int SWAPS = 50;
    /** What each finds at the IOVA; far from each other, so that they are in tables of their own. */
    private static final Map<Integer, Integer> FOUND = Map.of(Pasid.NONE, 1, 3, 2, 4000, 3);

    @ParameterizedTest
    @EnumSource
    void noDmaIsRefusedUnderAnyPasid(PasidKind kind) {
        assumeTrue(kind.driver.get().adopts(), "this driver does not take over in place");
        var core = new IommuCore();
        var machine = EmbeddedMachine.boot(
                MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", kind.machine))), "m", 0);
        try {
            for (int i = 0; i < 2; i++) {
                var driver = kind.driver.get();
                core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", 0, i, List.of(kind.compatible)));
            }
            machine.units().forEach(core::addUnit);
            machine.buses().forEach(core::addBus);
            assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
            var device = core.device(Accelerators.FIRST);
            FOUND.forEach((pasid, found) -> attach(core, machine, device, pasid, found));
            swapUnderDma(device, device.unit().orElseThrow());
        } finally {
            core.close();
            machine.powerOff();
        }
    }

    private static void attach(IommuCore core, EmbeddedMachine machine, Device device, int pasid, int found) {
        long page = machine.allocate(PAGE);
        machine.memory().write(page, new byte[] {(byte) found}, 0, 1);
        var domain = core.allocateDomain(device, Set.of(AllocFlag.PASID));
        domain.map(IOVA, page, PAGE, Prot.READ | Prot.WRITE);
        if (pasid == Pasid.NONE) {
            domain.attach(device);
        } else {
            domain.attach(device, pasid);
        }
    }

    private static void swapUnderDma(Device device, Unit unit) {
        var over = new AtomicBoolean();
        var reads = new AtomicLong();
        var readers = new ArrayList<CompletableFuture<?>>();
        FOUND.forEach((pasid, found) -> readers.add(CompletableFuture.runAsync(() -> {
            var data = new byte[1];
            while (!over.get()) {
                assertThat(device.busDevice().dma().read(pasid, IOVA, data, 0, 1)).as("PASID %d", pasid).isEqualTo(DmaStatus.OK);
                assertThat(data[0]).as("PASID %d", pasid).isEqualTo(found.byteValue());
                reads.incrementAndGet();
            }
        })));
        try {
            for (int i = 0; i < SWAPS; i++) {
                long before = reads.get();
                unit.swap(unit.driver().orElseThrow().name(), LeavePolicy.KEEP);
                Accelerators.await(() -> reads.get() > before + 5 || readers.stream().anyMatch(CompletableFuture::isDone));
            }
        } finally {
            over.set(true);
        }
        readers.forEach(CompletableFuture::join);
    }
}
