package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static sluicegate.itest.Traffic.Dma.REFUSED;
import static sluicegate.itest.Traffic.Dma.SERVED;

import java.io.ByteArrayInputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.osgi.framework.Bundle;
import sluicegate.api.Device;
import sluicegate.api.DriverRepository;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.driver.IommuDriver;
import sluicegate.api.driver.LeavePolicy;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Prot;

/**
 * Driver bundles take each other's place, are updated and uninstalled, and the core and all bundles are restarted, under {@link Traffic}.
 * With {@link LeavePolicy#KEEP} no DMA ends otherwise than it should; blocked, none passes between two drivers and all pass after it.
 * Either way no call is lost.
 */
@Timeout(120)
class HotSwapTest {
    /** How often drivers take each other's place; fewer with the environment variable {@code SLUICEGATE_SWAPS}. */
    private static final int SWAPS = Integer.getInteger("sluicegate.swaps", 200);
    private static final int GAPS = 5;
    private static final String NIC = "00:05.0";

    /** A machine of each kind, the bundle that drives its unit, and the one that takes turns with it. */
    enum Kind {
        VTD_LEGACY("q35-vtd-rich", "sluicegate.hw.vtd", Optional.empty(), false),
        VTD_SCALABLE("q35-vtd-accel", "sluicegate.hw.vtd", Optional.of("00:10.0"), true),
        SMMUV3("virt-smmuv3-accel", "sluicegate.hw.smmuv3", Optional.of("00:10.0"), true),
        AMD_VI("q35-amdvi-accel", "sluicegate.hw.amdvi", Optional.of("00:10.0"), true),
        VTD_AND_LEGACY("q35-vtd-rich", "sluicegate.hw.vtd", "sluicegate.hw.vtd.legacy"),
        SMMUV3_AND_STAGE_2("virt-smmuv3-accel", "sluicegate.hw.smmuv3", "sluicegate.hw.smmuv3.stage2"),
        AMD_VI_AND_V2("q35-amdvi-accel", "sluicegate.hw.amdvi", "sluicegate.hw.amdvi.v2");

        final String machine;
        final String bundle;
        /** A bundle of the repository; empty for a copy of the first one. */
        final Optional<String> other;
        final Optional<String> accelerator;
        /** Whether page requests that come between two drivers that keep the unit translating reach the next one. */
        final boolean keepsRequests;

        /** Two drivers that make different choices, of which not both share address spaces. */
        Kind(String machine, String bundle, String other) {
            this(machine, bundle, Optional.of(other), Optional.empty(), false);
        }

        Kind(String machine, String bundle, Optional<String> accelerator, boolean keepsRequests) {
            this(machine, bundle, Optional.empty(), accelerator, keepsRequests);
        }

        Kind(String machine, String bundle, Optional<String> other, Optional<String> accelerator, boolean keepsRequests) {
            this.machine = machine;
            this.bundle = bundle;
            this.other = other;
            this.accelerator = accelerator;
            this.keepsRequests = keepsRequests;
        }
    }

    private AutoCloseable policy = () -> {};
    private Bundle driver;
    private Optional<Bundle> other = Optional.empty();
    private FrameworkMachine rig;
    private Unit unit;
    private Traffic traffic;

    private void start(Kind kind, LeavePolicy leaving) throws Exception {
        driver = FrameworkMachine.bundle(kind.bundle);
        other = Optional.of(startOther(kind));
        rig = Runtime.boot(kind.machine, NIC);
        policy = Runtime.leaving(leaving);
        unit = rig.device.unit().orElseThrow();
        traffic = new Traffic(rig, Runtime.service(Iommu.class),
                kind.accelerator.filter(place -> leaving == LeavePolicy.BLOCK || kind.keepsRequests));
    }

    private Bundle startOther(Kind kind) throws Exception {
        if (kind.other.isEmpty()) {
            return BundleCopy.start(driver);
        }
        Runtime.service(DriverRepository.class).install(kind.other.get());
        return FrameworkMachine.bundle(kind.other.get());
    }

    private void swap(LeavePolicy leaving) {
        var next = bundleOfDriver().equals(driver.getSymbolicName()) ? other.orElseThrow() : driver;
        unit.swap(drivers(next).findFirst().orElseThrow().name(), leaving);
        assertThat(bundleOfDriver()).isEqualTo(next.getSymbolicName());
    }

    private static Stream<IommuDriver> drivers(Bundle bundle) {
        return Arrays.stream(bundle.getRegisteredServices()).map(Runtime.context()::getService).filter(IommuDriver.class::isInstance)
                .map(IommuDriver.class::cast);
    }

    private void assumeTakesOverInPlace() {
        assumeTrue(adopts(), "this driver does not take over in place");
    }

    private boolean adopts() {
        return drivers(driver).anyMatch(IommuDriver::adopts);
    }

    @AfterEach
    void stop() throws Exception {
        try {
            if (traffic != null) {
                traffic.close();
                assertThat(traffic.violations()).isEmpty();
                traffic.clear();
                assertThat(rig.device.domain()).isEqualTo(rig.device.group().orElseThrow().defaultDomain());
            }
        } finally {
            policy.close();
            if (rig != null) {
                rig.close();
            }
            if (other.isPresent() && other.get().getState() != Bundle.UNINSTALLED) {
                other.get().uninstall();
            }
            if (driver != null) {
                driver.start();
            }
        }
    }

    private void awaitDriver() {
        FrameworkMachine.await("a driver", () -> unit.state() == Unit.State.BOUND && rig.device.state() == Device.State.READY);
    }

    private String bundleOfDriver() {
        return unit.driver().orElseThrow().bundle();
    }

    // ---- two drivers take each other's place

    @ParameterizedTest
    @EnumSource
    void keptTranslatingDmaNeverNotices(Kind kind) throws Exception {
        start(kind, LeavePolicy.KEEP);
        assumeTakesOverInPlace();
        for (int i = 0; i < SWAPS && traffic.violations().isEmpty(); i++) {
            swap(LeavePolicy.KEEP);
            traffic.letRun(1);
        }
        traffic.letAllRun(3);
    }

    @ParameterizedTest
    @EnumSource
    void blockedBetweenDriversDmaReachesItsPageOrNothing(Kind kind) throws Exception {
        start(kind, LeavePolicy.BLOCK);
        for (int i = 0; i < SWAPS && traffic.violations().isEmpty(); i++) {
            traffic.expect(SERVED, REFUSED);
            swap(LeavePolicy.BLOCK);
            traffic.expect(SERVED);
            traffic.letRun(1);
        }
        traffic.letAllRun(3);
    }

    @ParameterizedTest
    @EnumSource(names = {"VTD_LEGACY", "VTD_SCALABLE", "SMMUV3", "AMD_VI"})
    void withoutAnyDriverAllDmaIsRefusedAndThenAllIsServed(Kind kind) throws Exception {
        start(kind, LeavePolicy.BLOCK);
        other.orElseThrow().uninstall();
        traffic.expect(SERVED);
        for (int i = 0; i < GAPS && traffic.violations().isEmpty(); i++) {
            traffic.expect(SERVED, REFUSED);
            driver.stop();
            traffic.expect(REFUSED);
            traffic.letRun(3);
            traffic.expect(SERVED, REFUSED);
            driver.start();
            awaitDriver();
            traffic.expect(SERVED);
            traffic.letAllRun(2);
        }
    }

    // ---- bundles change

    @FunctionalInterface
    private interface Change {
        void make() throws Exception;
    }

    /** Where the driver takes over in place, no DMA notices. */
    private void some(Change change) throws Exception {
        for (int i = 0; i < GAPS && traffic.violations().isEmpty(); i++) {
            traffic.expect(adopts() ? List.of(SERVED) : List.of(SERVED, REFUSED));
            change.make();
            awaitDriver();
            traffic.expect(SERVED);
            traffic.letAllRun(2);
        }
    }

    /** Of the only driver: hardware translates by itself until the update is there. */
    @ParameterizedTest
    @EnumSource(names = {"VTD_LEGACY", "VTD_SCALABLE", "SMMUV3", "AMD_VI"})
    void aDriversBundleIsUpdated(Kind kind) throws Exception {
        start(kind, LeavePolicy.KEEP);
        other.orElseThrow().uninstall();
        some(() -> driver.update(new ByteArrayInputStream(
                BundleCopy.jar(driver, driver.getSymbolicName(), driver.getVersion().toString()))));
    }

    @ParameterizedTest
    @EnumSource(names = {"VTD_LEGACY", "VTD_SCALABLE", "SMMUV3", "AMD_VI"})
    void aDriversBundleIsUninstalledWhileSomebodyMaps(Kind kind) throws Exception {
        start(kind, LeavePolicy.KEEP);
        some(() -> {
            driver.stop();
            assertThat(bundleOfDriver()).isEqualTo(other.orElseThrow().getSymbolicName());
            traffic.letRun(1);
            driver.start();
            other.orElseThrow().uninstall();
            assertThat(bundleOfDriver()).isEqualTo(driver.getSymbolicName());
            other = Optional.of(startOther(kind));
        });
    }

    // ---- everything changes

    private void endTraffic() throws InterruptedException {
        traffic.close();
        assertThat(traffic.violations()).isEmpty();
        traffic = null;
    }

    /** Devices are blocked without a core, and the next one begins anew. */
    @ParameterizedTest
    @EnumSource(names = {"VTD_SCALABLE", "SMMUV3", "AMD_VI"})
    void theCoreIsRestartedUnderDriversAndMachines(Kind kind) throws Exception {
        start(kind, LeavePolicy.BLOCK);
        endTraffic();
        var before = Runtime.service(Iommu.class);
        var domain = before.allocateDomain(rig.device, Set.of());
        long iova = 0x20_0000;
        long page = rig.machine.allocate(4096);
        domain.map(iova, page, 4096, Prot.WRITE);
        var core = FrameworkMachine.bundle("sluicegate.core.impl");
        core.stop();
        assertThat(rig.write(iova, (byte) 1)).as("without a core").isNotEqualTo(DmaStatus.OK);
        assertThat(rig.write(page, (byte) 1)).as("untranslated").isNotEqualTo(DmaStatus.OK);
        core.start();
        var iommu = Runtime.service(Iommu.class);
        assertThat(iommu).isNotSameAs(before);
        var name = rig.device.name();
        FrameworkMachine.await("probing", () -> iommu.devices().stream().anyMatch(device -> device.name().equals(name)
                && device.state() == Device.State.READY));
        assertThatThrownBy(() -> domain.map(0x30_0000, page, 4096, Prot.WRITE)).as("of the core that is gone")
                .isInstanceOf(IommuException.class);
        var device = iommu.device(name);
        try (var next = iommu.allocateDomain(device, Set.of())) {
            next.attach(device);
            next.map(iova, page, 4096, Prot.WRITE);
            assertThat(rig.write(iova, (byte) 2)).isEqualTo(DmaStatus.OK);
            assertThat(rig.memory(page, 1)).containsExactly(2);
            next.detach(device);
        }
    }

    /** But for the API, which the tests themselves are wired to. */
    @Test
    void allBundlesAreRefreshedAtOnce() throws Exception {
        start(Kind.SMMUV3, LeavePolicy.BLOCK);
        endTraffic();
        var tests = Runtime.context().getBundle();
        var all = Arrays.stream(Runtime.context().getBundles()).filter(bundle -> bundle.getSymbolicName().startsWith("sluicegate."))
                .filter(bundle -> !Runtime.wiring().getDependencyClosure(List.of(bundle)).contains(tests)).toList();
        assertThat(all).extracting(Bundle::getSymbolicName).contains("sluicegate.core.impl", "sluicegate.hw.smmuv3", "sluicegate.sim",
                "sluicegate.spec", "sluicegate.shell");
        Runtime.refresh(all);
        FrameworkMachine.await("all bundles", () -> all.stream().allMatch(bundle -> bundle.getState() == Bundle.ACTIVE));
        rig = Runtime.boot(Kind.SMMUV3.machine, NIC);
        assertThat(rig.device.state()).isEqualTo(Device.State.READY);
        traffic = new Traffic(rig, Runtime.service(Iommu.class), Kind.SMMUV3.accelerator);
        traffic.letAllRun(3);
    }
}
