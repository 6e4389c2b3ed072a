package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static sluicegate.judge.DmaWatch.FAULT;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.core.impl.UnitSettings;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.amdvi.v2.AmdviV2Driver;
import sluicegate.judge.SwitchUnderDmaTest.Kind;
import sluicegate.sim.EmbeddedMachine;

/**
 * Drivers take each other's place while two threads issue DMA and one maps and unmaps: DMA reaches its page or nothing, and
 * never another one; where the driver takes over in place, it reaches it always. No call is lost.
 */
@ParameterizedClass
@EnumSource
class HotSwapUnderDmaTest {
    /** Two drivers, and the machine on which they take turns. */
    enum Pair {
        VTD(Kind.VTD),
        VTD_SCALABLE(Kind.VTD_SCALABLE),
        SMMUV3(Kind.SMMUV3),
        AMDVI(Kind.AMDVI),
        AMDVI_PLAIN("q35-amdvi", "amd,iommu", AmdviDriver::new, AmdviDriver::new),
        AMDVI_HOST_AND_GUEST_TABLES("q35-amdvi-rich", "amd,iommu", AmdviDriver::new, AmdviV2Driver::new);

        private final String machine;
        private final String compatible;
        private final List<Supplier<IommuDriver>> drivers;
        /** How often in the slower way, in which faults are reported. */
        private final int blockedSwaps;

        Pair(Kind kind) {
            this(SWAPS, kind.machine, kind.compatible, kind.driver, kind.other);
        }

        /** One more pair for hardware that another one judges. */
        Pair(String machine, String compatible, Supplier<IommuDriver> first, Supplier<IommuDriver> second) {
            this(SWAPS / 10, machine, compatible, first, second);
        }

        Pair(int blockedSwaps, String machine, String compatible, Supplier<IommuDriver> first, Supplier<IommuDriver> second) {
            this.blockedSwaps = blockedSwaps;
            this.machine = machine;
            this.compatible = compatible;
            this.drivers = List.of(first, second);
        }

        private boolean adopts() {
            return drivers.stream().allMatch(driver -> driver.get().adopts());
        }
    }

    private static final int RW = Prot.READ | Prot.WRITE;
    /** How often; drivers as bundles take turns 200 times in {@code itest}, which has less to report of each. */
    private static final int SWAPS = Integer.getInteger("judge.swaps", 40);
    private static final int HERE = 1;
    private static final int UNTRANSLATED = 3;
    private static final long PAGE = 4096;

    private final IommuCore core = new IommuCore();
    private final Pair pair;
    private final List<String> names;
    private final EmbeddedMachine machine;
    private final long iova;
    private final AtomicBoolean over = new AtomicBoolean();
    private DmaWatch watch;
    private Unit unit;
    private Domain domain;

    HotSwapUnderDmaTest(Pair pair) {
        this.pair = pair;
        names = pair.drivers.stream().map(driver -> driver.get().name()).toList();
        machine = Subjects.embeddedMachine(pair.machine);
        iova = page(UNTRANSLATED);
        watch = new DmaWatch(iova);
    }

    private long page(int number) {
        long address = machine.allocate(PAGE);
        machine.memory().write(address, new byte[] {(byte) number}, 0, 1);
        return address;
    }

    @BeforeEach
    void boot() {
        core.setDefaultUnitSettings(new UnitSettings(LeavePolicy.BLOCK, Duration.ofSeconds(20), false));
        for (int i = 0; i < 2; i++) {
            var driver = pair.drivers.get(i).get();
            core.addDriver(new DriverEntry(driver, driver.name(), "test", "0", -i, i, List.of(pair.compatible)));
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

    /** To the other driver, which may have the same name. */
    private void swap(LeavePolicy policy) {
        unit.swap(names.get(1 - names.indexOf(unit.driver().orElseThrow().name())), policy);
    }

    @Test
    void blockedMeanwhileDmaReachesItsPageOrNothing() {
        for (int i = 0; i < pair.blockedSwaps; i++) {
            watch.allow(HERE, FAULT);
            swap(LeavePolicy.BLOCK);
            watch.allow(HERE);
            watch.letRun(5);
        }
    }

    @Test
    void keptMeanwhileNoDmaIsRefused() throws Exception {
        assumeTrue(pair.adopts(), "this driver does not take over in place");
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
        for (int i = 0; i < SWAPS; i++) {
            swap(LeavePolicy.KEEP);
            watch.letRun(5);
        }
        over.set(true);
        assertThat(maps.get()).isPositive();
        assertThat(domain.mappings()).hasSize(1);
    }

    @Test
    void whereTheDriverDoesNotTakeOverInPlaceNothingElseIsClaimed() {
        assumeTrue(!pair.adopts(), "this driver takes over in place");
        assertThatExceptionOfType(IommuException.class).isThrownBy(() -> swap(LeavePolicy.KEEP))
                .matches(e -> e.errno() == Errno.EOPNOTSUPP);
    }
}
