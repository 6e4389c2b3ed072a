package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;

/** The platform in a framework: everything is there, runs, and says honestly what it needs. */
class BundlesTest {

    private static Stream<Bundle> ours() {
        Bundle[] all = FrameworkUtil.getBundle(BundlesTest.class).getBundleContext().getBundles();
        return Arrays.stream(all).filter(bundle -> bundle.getSymbolicName().startsWith("sluicegate."));
    }

    @Test
    void allRoomsAreInstalled() {
        List<String> names = ours().map(Bundle::getSymbolicName).toList();
        assertThat(names).contains("sluicegate.api", "sluicegate.spec", "sluicegate.firmware", "sluicegate.core.impl",
                "sluicegate.hw.vtd", "sluicegate.hw.smmuv3", "sluicegate.hw.amdvi", "sluicegate.space", "sluicegate.sim", "sluicegate.capture",
                "sluicegate.qemu", "sluicegate.inspect", "sluicegate.shell");
        assertThat(names).as("are carried by each driver and each kind of machine, not shared")
                .doesNotContain("sluicegate.pgtable", "sluicegate.machine");
    }

    @ParameterizedTest
    @MethodSource("ours")
    void isActive(Bundle bundle) {
        assertThat(bundle.getState()).isEqualTo(Bundle.ACTIVE);
    }

    @ParameterizedTest
    @MethodSource("ours")
    void nothingThatTestsOfDriversShareIsInside(Bundle bundle) {
        assertThat(bundle.findEntries("/sluicegate/hw/common/rig", "*", true)).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = { Constants.REQUIRE_BUNDLE, Constants.DYNAMICIMPORT_PACKAGE, Constants.FRAGMENT_HOST })
    void needsArePackagesAndServices(String header) {
        assertThat(ours().filter(bundle -> bundle.getHeaders().get(header) != null)).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("ours")
    void licenceIsNamed(Bundle bundle) {
        assertThat(bundle.getHeaders().get("Bundle-License")).startsWith("Apache-2.0");
    }
}
