package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.Device;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.IommuUnit;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.examples.tinyvtd.TinyVtd;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.sim.EmbeddedMachine;

/** A unit goes from the platform's driver to one that somebody else wrote, and back: each finds what the other left. */
class ForeignDriverTest {
    private static final long IOVA = 0x6000_0000L;
    private static final int PAGE = 4096;

    /** In scalable mode too, which the other driver does not know. */
    @ParameterizedTest
    @ValueSource(strings = {"q35-vtd", "q35-vtd-rich", "q35-vtd-scalable"})
    void aUnitGoesToItAndBackAndDevicesKeepTheirMappings(String name) {
        var machine = EmbeddedMachine.boot(Subjects.description(name, ""), "m", 0);
        var core = new IommuCore();
        try {
            core.addDriver(entry(new VtdDriver(), 0));
            core.addDriver(entry(new TinyVtd(), -20));
            machine.units().forEach(core::addUnit);
            machine.buses().forEach(core::addBus);
            assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
            var unit = core.units().get(0);
            assertThat(unit.driver().orElseThrow().name()).as("the higher ranking").isEqualTo("intel-vtd");
            var device = core.device("0000:00:05.0");
            var domain = core.allocateDomain(device, Set.of());
            long page = machine.allocate(PAGE);
            machine.memory().write(page, new byte[] {7}, 0, 1);
            domain.map(IOVA, page, PAGE, Prot.READ);
            domain.attach(device);
            var read = new byte[1];
            long fence = 0;
            for (int i = 0; i < 4; i++) {
                unit.swap(i % 2 == 0 ? "tiny-vtd" : "intel-vtd", LeavePolicy.BLOCK);
                assertThat(device.busDevice().dma().read(Pasid.NONE, IOVA, read, 0, 1)).as("swap %d", i).isEqualTo(DmaStatus.OK);
                assertThat(read).containsExactly(7);
                assertThat(device.busDevice().dma().read(Pasid.NONE, page, read, 0, 1)).isNotEqualTo(DmaStatus.OK);
                if (i < 2) {
                    fence += arena(machine);
                } else {
                    fence -= arena(machine);
                }
            }
            assertThat(fence).as("bytes that one of them left behind").isZero();
            assertThat(device.walk(Pasid.NONE, IOVA)).isNotEmpty();
            assertThatThrownBy(() -> unit.swap("tiny-vtd", LeavePolicy.KEEP)).hasMessageContaining("tiny-vtd can't take over");
        } finally {
            core.close();
            machine.powerOff();
        }
    }

    /** A driver's bundle may stop while units are to go on translating, and the only other driver be one that takes nothing over in place. */
    @ParameterizedTest
    @ValueSource(strings = {"q35-vtd", "q35-vtd-rich"})
    void itGivesBackWhatWasLeftTranslating(String name) {
        try (var lab = new Lab(name)) {
            lab.core.removeDriver(lab.intel);
            lab.assertServedBy("tiny-vtd");
            long afterIntel = arena(lab.machine);
            lab.comesBack(lab.tiny);
            lab.assertServedBy("tiny-vtd");
            assertThat(arena(lab.machine)).as("after one of its own kind").isEqualTo(afterIntel);
            lab.leaving(LeavePolicy.BLOCK);
            lab.comesBack(lab.tiny);
            lab.assertServedBy("tiny-vtd");
            assertThat(arena(lab.machine)).as("after nothing but the fence was left").isEqualTo(afterIntel);
        }
    }

    @Test
    void itLeavesAUnitAloneThatTranslatesByTablesItDoesNotKnow() {
        try (var lab = new Lab("q35-vtd-scalable")) {
            long translating = arena(lab.machine);
            lab.core.removeDriver(lab.intel);
            var unit = lab.core.units().get(0);
            assertThat(unit.driver()).isEmpty();
            assertThat(unit.problem().orElseThrow()).contains("scalable mode");
            lab.assertReads();
            lab.core.addDriver(lab.intel);
            lab.assertServedBy("intel-vtd");
            assertThat(arena(lab.machine)).isEqualTo(translating);
        }
    }

    /** A machine whose units go on translating when their driver leaves, and a device of it with a page. */
    private static final class Lab implements AutoCloseable {
        final EmbeddedMachine machine;
        final IommuCore core = new IommuCore();
        final DriverEntry intel = entry(new VtdDriver(), 0);
        final DriverEntry tiny = entry(new TinyVtd(), -20);
        private final Device device;

        Lab(String name) {
            machine = EmbeddedMachine.boot(Subjects.description(name, ""), "m", 0);
            leaving(LeavePolicy.KEEP);
            core.addDriver(intel);
            core.addDriver(tiny);
            machine.units().forEach(core::addUnit);
            machine.buses().forEach(core::addBus);
            assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
            device = core.device("0000:00:05.0");
            var domain = core.allocateDomain(device, Set.of());
            long page = machine.allocate(PAGE);
            machine.memory().write(page, new byte[] {7}, 0, 1);
            domain.map(IOVA, page, PAGE, Prot.READ);
            var unused = core.allocateDomain(device, Set.of());
            unused.map(IOVA, page, PAGE, Prot.READ);
            domain.attach(device);
            assertServedBy("intel-vtd");
        }

        void leaving(LeavePolicy policy) {
            core.setDefaultUnitSettings(new UnitSettings(policy, Duration.ZERO, false));
        }

        void comesBack(DriverEntry driver) {
            core.removeDriver(driver);
            core.addDriver(driver);
        }

        void assertServedBy(String driver) {
            assertThat(core.awaitProbed(machine, Duration.ofSeconds(20))).isTrue();
            assertThat(core.units()).allSatisfy(unit -> assertThat(unit.driver().orElseThrow().name()).isEqualTo(driver));
            assertReads();
        }

        void assertReads() {
            var read = new byte[1];
            assertThat(device.busDevice().dma().read(Pasid.NONE, IOVA, read, 0, 1)).isEqualTo(DmaStatus.OK);
            assertThat(read).containsExactly(7);
        }

        @Override
        public void close() {
            core.close();
            machine.powerOff();
        }
    }

    private static long arena(EmbeddedMachine machine) {
        return machine.units().stream().map(IommuUnit::arena).mapToLong(arena -> arena.allocatedBytes()).sum();
    }

    private static DriverEntry entry(IommuDriver driver, int ranking) {
        return new DriverEntry(driver, driver.name(), "test", "0", ranking, -ranking, List.of("intel,vtd"));
    }
}
