package sluicegate.hw.vtd.legacy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.Manifest;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** What the build makes of this bundle: one service, and everything that this runs inside. */
class BundleTest {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path MANIFEST = CLASSES.resolve("META-INF/MANIFEST.MF");

    private static Attributes manifest() throws IOException {
        Assumptions.assumeTrue(Files.exists(MANIFEST), "this is not run by the build, so there is no bundle to look at");
        try (var in = Files.newInputStream(MANIFEST)) {
            return new Manifest(in).getMainAttributes();
        }
    }

    @Test
    void itsOwnServiceIsAllItRegisters() throws IOException {
        assertThat(manifest().getValue("Service-Component"))
                .isEqualTo("OSGI-INF/sluicegate.hw.vtd.legacy.LegacyVtdDriver.xml");
        try (var files = Files.list(CLASSES.resolve("OSGI-INF/metatype"))) {
            assertThat(files.map(file -> file.getFileName().toString())).allMatch(name -> name.contains("LegacyVtdDriver"));
        }
    }

    @Test
    void itBringsWhatItRuns() throws IOException {
        assertThat(manifest().getValue("Import-Package")).contains("sluicegate.api.driver")
                .doesNotContain("sluicegate.hw.vtd").doesNotContain("sluicegate.pgtable");
        assertThat(CLASSES.resolve("sluicegate/hw/vtd/VtdUnit.class")).exists();
        assertThat(manifest().getValue("Export-Package")).isNull();
    }
}
