package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static sluicegate.judge.DmaWatch.FAULT;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.Device;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.hw.vtd.legacy.LegacyVtdDriver;
import sluicegate.sim.EmbeddedMachine;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Two drivers for VT-d, one that uses legacy mode alone, take each other's place while two threads issue DMA: that reaches its page or
 * nothing, and never what is at the IOVA itself.
 */
class ModeSwapUnderDmaTest {
    private static final int SWAPS = Integer.getInteger("judge.swaps", 40);
    private static final int HERE = 1;
    private static final int UNTRANSLATED = 3;
    private static final long PAGE = 4096;
    private static final String IN_FLIGHT = "vtd.enhanced-root-pointer = yes";

    private final IommuCore core = new IommuCore();
    private EmbeddedMachine machine;
    private DmaWatch watch;
    private long iova;
    private Unit unit;

    private void boot(String description, String settings) {
        machine = Subjects.embeddedMachine(description, settings);
        iova = page(UNTRANSLATED);
        core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.BLOCK, Duration.ofSeconds(20), false));
        add(new VtdDriver(), 0);
        add(new LegacyVtdDriver(), -10);
        machine.units().forEach(core::addUnit);
        machine.buses().forEach(core::addBus);
        assertThat(core.awaitProbed(machine, Duration.ofSeconds(10))).isTrue();
        Device device = core.device("0000:00:05.0");
        unit = device.unit().orElseThrow();
        var domain = core.allocateDomain(device, Set.of());
        domain.map(iova, page(HERE), PAGE, Prot.READ | Prot.WRITE);
        domain.attach(device);
        watch = new DmaWatch(iova, HERE).add(device).add(device);
    }

    private void add(IommuDriver driver, int ranking) {
        core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", ranking, ranking, List.of("intel,vtd")));
    }

    private long page(int number) {
        long address = machine.allocate(PAGE);
        machine.memory().write(address, new byte[] {(byte) number}, 0, 1);
        return address;
    }

    @AfterEach
    void nothingElseWasReached() {
        watch.close();
        assertThat(watch.violations()).isEmpty();
        var written = new byte[1];
        machine.memory().read(iova + 1, written, 0, 1);
        assertThat(written[0]).as("what is at the IOVA itself").isZero();
        core.close();
        machine.powerOff();
    }

    private String other() {
        return unit.driver().orElseThrow().name().equals("intel-vtd") ? "intel-vtd-legacy" : "intel-vtd";
    }

    private long mode() {
        var registers = machine.units().stream().filter(each -> unit.name().endsWith(each.name())).findFirst().orElseThrow().registers();
        return RootTableAddressRegister.TTM.get(registers.read64(RootTableAddressRegister.OFFSET));
    }

    /** By each of the ways there are: in flight, behind protected memory, while functions are silent. */
    @ParameterizedTest
    @ValueSource(strings = {IN_FLIGHT, "vtd.protected-low-memory = yes\nvtd.protected-high-memory = yes", ""})
    void blockedMeanwhileDmaReachesItsPageOrNothing(String settings) {
        boot(Subjects.SCALABLE, settings);
        for (int i = 0; i < SWAPS; i++) {
            long before = mode();
            watch.allow(HERE, FAULT);
            unit.swap(other(), LeavePolicy.BLOCK);
            watch.allow(HERE);
            watch.letRun(5);
            assertThat(mode()).isNotEqualTo(before);
        }
    }

    @Test
    void whereBothUseLegacyModeNoDmaIsRefused() {
        boot(Subjects.RICH, "");
        swapAndKeep();
    }

    @Test
    void whereTheModeChangesInFlightNoDmaIsRefusedEither() {
        boot(Subjects.SCALABLE, IN_FLIGHT);
        swapAndKeep();
    }

    private void swapAndKeep() {
        for (int i = 0; i < SWAPS; i++) {
            unit.swap(other(), LeavePolicy.KEEP);
            watch.letRun(5);
        }
    }

    @Test
    void whereItDoesNotSuchASwapIsRefusedBeforeAnythingHappens() {
        boot(Subjects.SCALABLE, "");
        assertThatThrownBy(() -> unit.swap("intel-vtd-legacy", LeavePolicy.KEEP)).isInstanceOfSatisfying(IommuException.class,
                e -> assertThat(e.errno()).isEqualTo(Errno.EOPNOTSUPP)).hasMessageContainingAll("intel-vtd-legacy", unit.name(),
                        "translates in scalable mode", "would use it in legacy mode", "CAP_REG.ESRTPS", "blocked meanwhile");
        assertThat(unit.driver().orElseThrow().name()).isEqualTo("intel-vtd");
        watch.letRun(5);
    }
}
