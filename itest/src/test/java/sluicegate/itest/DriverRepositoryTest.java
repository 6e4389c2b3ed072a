package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleRevision;
import sluicegate.api.DriverRepository;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.driver.HardwareDriver;
import sluicegate.api.types.IommuException;

/** Drivers from the repository that the build has made. */
class DriverRepositoryTest {
    private static final String BUNDLE = "sluicegate.hw.amdvi";

    private static Set<String> offered() {
        return Runtime.service(DriverRepository.class).offers().stream().map(DriverRepository.Offer::bundle).collect(Collectors.toSet());
    }

    @Test
    void aDriverThatIsUninstalledIsOfferedAndAUnitThatWaitsGetsItWhenItIsInstalled() throws Exception {
        var repository = Runtime.service(DriverRepository.class);
        var before = FrameworkMachine.bundle(BUNDLE);
        assertThat(offered()).as("what is installed").doesNotContain(BUNDLE);
        try (var rig = Runtime.boot("q35-amdvi", "00:02.0")) {
            var unit = rig.device.unit().orElseThrow();
            before.uninstall();
            assertThat(unit.state()).isEqualTo(Unit.State.HELD);
            var offer = repository.offers().stream().filter(each -> each.bundle().equals(BUNDLE)).findFirst().orElseThrow();
            assertThat(offer.driver()).contains("amd-vi");
            assertThat(offer.compatible()).containsExactly("amd,iommu");
            assertThat(offer.version()).isEqualTo(before.getVersion().toString());
            assertThat(offer.description()).isEqualTo("The driver for AMD IOMMUs");
            assertThat(offer.installed()).isEmpty();

            assertThat(repository.install("amd-vi")).isEqualTo(offer);

            assertThat(FrameworkMachine.bundle(BUNDLE).getState()).isEqualTo(Bundle.ACTIVE);
            FrameworkMachine.await("the driver", () -> unit.state() == Unit.State.BOUND);
            assertThat(offered()).doesNotContain(BUNDLE);
        }
        assertThatThrownBy(() -> repository.install("amd-vi")).as("is there").isInstanceOf(IommuException.class)
                .hasMessageContaining("not installed");
    }

    /** So that what a repository says of a driver is true when it runs. */
    @Test
    void manifestsSayWhatDriversSay() {
        var drivers = Runtime.service(Iommu.class).drivers().stream().collect(Collectors.toMap(Iommu.DriverInfo::bundle, driver -> driver));
        assertThat(drivers).containsKeys("sluicegate.hw.vtd", "sluicegate.hw.smmuv3", BUNDLE, "sluicegate.capture");
        drivers.forEach((name, driver) -> {
            var said = FrameworkMachine.bundle(name).adapt(BundleRevision.class).getDeclaredCapabilities(HardwareDriver.NAMESPACE);
            assertThat(said).as(name).hasSize(1);
            Map<String, Object> attributes = said.get(0).getAttributes();
            assertThat(attributes.get("driver")).as(name).isEqualTo(driver.name());
            assertThat(attributes.get("compatible")).as(name).isEqualTo(driver.compatible());
            assertThat(attributes.getOrDefault("ranking", 0).toString()).as(name)
                    .isEqualTo(Integer.toString(driver.ranking()));
        });
    }
}
