package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import sluicegate.api.Unit;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;

/** Captures beside other machines: who claims what, and that names stay apart. */
class CapturesTest extends PlatformTest {

    @Test
    void itsDriverIsThere() {
        FrameworkMachine.await("the driver of captures",
                () -> iommu.drivers().stream().anyMatch(driver -> driver.bundle().equals("sluicegate.capture")));
    }

    @Test
    void aCaptureRunsBesideAnEmbeddedMachine() {
        itsDriverIsThere();
        var folder = Path.of(context.getProperty("sluicegate.captures"), "vtd-legacy-6.1");
        assumeTrue(Files.isDirectory(folder), () -> "there is no capture " + folder);
        try (var rig = boot()) {
            var capture = machines.boot(folder.toString());
            try {
                assertThat(capture.kind()).isEqualTo("capture");
                assertThat(iommu.units()).extracting(Unit::compatible).contains("intel,vtd", "capture,intel-vtd");
                var nvme = iommu.device("0001:01:00.0");
                assertThat(nvme.group().orElseThrow().name()).contains("kernel group 13");
                var alias = iommu.unitInFrontOf(PciAddress.parse("0001:03:00.0"));
                assertThat(alias.machine()).isEqualTo("vtd-legacy-6.1");
                assertThat(alias.translate(0x300, Pasid.NONE, 0, false)).isInstanceOf(Translation.Fault.class);
                assertThatThrownBy(() -> rig.attached(iommu).attach(nvme)).isInstanceOf(IommuException.class)
                        .hasMessageContaining("belongs to unit dmar0");
            } finally {
                machines.powerOff(capture.name());
            }
            assertThat(iommu.units()).extracting(Unit::compatible).doesNotContain("capture,intel-vtd");
        }
    }
}
