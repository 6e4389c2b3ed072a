package sluicegate.judge.pasid;

import static org.assertj.core.api.Assertions.assertThat;
import static sluicegate.judge.pasid.Accelerators.PAGE;
import static sluicegate.judge.pasid.Accelerators.await;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import sluicegate.api.driver.AllocFlag;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.driver.PageResponse;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.PciFunction;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.amdvi.v2.AmdviV2Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.sim.pci.DmaEngine;

/**
 * A device goes on asking for pages, and using those that it has, while drivers of its unit take over in place from each other:
 * each request is answered once and served by whoever serves the PASID, and none is refused because nobody was there.
 */
class PageRequestsAcrossSwapsTest {
    private static final int PASID = 5;
    private static final long IOVA = 0x4000_0000L;
    private static final int SWAPS = 50;
    private static final int AT_ONCE = 16;

    private final IommuCore core = new IommuCore();
    private final AtomicBoolean over = new AtomicBoolean();
    private EmbeddedMachine machine;

    @AfterEach
    void close() {
        over.set(true);
        core.close();
        machine.powerOff();
    }

    @Test
    void everyRequestIsServedAndEachOnceOnAmd() throws Exception {
        everyRequestIsServedAndEachOnce(PasidKind.AMDVI, List.of(new AmdviDriver(), new AmdviV2Driver()));
    }

    @Test
    void everyRequestIsServedAndEachOnceOnVtd() throws Exception {
        everyRequestIsServedAndEachOnce(PasidKind.VTD, List.of(new VtdDriver(), new VtdDriver()));
    }

    private void everyRequestIsServedAndEachOnce(PasidKind kind, List<IommuDriver> drivers) throws Exception {
        machine = EmbeddedMachine.boot(
                MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", kind.machine))), "m", 0);
        core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.BLOCK, Duration.ofSeconds(20), false));
        for (var driver : drivers) {
            core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", 0, System.identityHashCode(driver),
                    List.of(kind.compatible)));
        }
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
        var device = core.device(Accelerators.FIRST);
        var engine = (DmaEngine) ((PciFunction) device.busDevice()).dma();
        long page = machine.allocate(PAGE);
        machine.memory().write(page, new byte[] {42}, 0, 1);
        var domain = core.allocateDomain(device, EnumSet.of(AllocFlag.PASID), group -> group.respond(PageResponse.SUCCESS));
        domain.map(IOVA, page, PAGE, Prot.READ);
        domain.attach(device, PASID);

        var asking = CompletableFuture.supplyAsync(() -> {
            int asked = 0;
            while (!over.get()) {
                await(() -> engine.pageRequests().outstanding() < AT_ONCE);
                engine.requestPage(PASID, IOVA + (1 + asked) * PAGE, Prot.READ, asked % 512, true);
                asked++;
            }
            return asked;
        });
        var reading = CompletableFuture.supplyAsync(() -> {
            var data = new byte[1];
            int right = 0;
            while (!over.get()) {
                assertThat(engine.read(PASID, IOVA, data, 0, 1)).as("after %d reads", right).isEqualTo(DmaStatus.OK);
                assertThat(data[0]).isEqualTo((byte) 42);
                right++;
            }
            return right;
        });
        var unit = device.unit().orElseThrow();
        for (int i = 0; i < SWAPS; i++) {
            unit.swap(drivers.get((i + 1) % 2).name(), LeavePolicy.KEEP);
        }
        over.set(true);
        int asked = asking.get();
        assertThat(reading.get()).isPositive();
        await(() -> engine.pageRequests().outstanding() == 0);
        var tally = engine.pageRequests();
        assertThat(tally.succeeded()).as(tally.toString()).isEqualTo(asked);
        assertThat(tally.unexpected()).isZero();
    }
}
