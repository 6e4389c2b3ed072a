package sluicegate.arch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import sluicegate.hw.vtd.legacy.LegacyVtdDriver;

/** The bundle that has another bundle's driver inside: one service of its own, and everything that this runs. */
class LegacyVtdBundleTest {
    private JarFile bundle;

    @BeforeEach
    void open() throws IOException, URISyntaxException {
        var place = Path.of(LegacyVtdDriver.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        Assumptions.assumeTrue(Files.isRegularFile(place), place + " is no bundle: these are classes that were not packaged");
        bundle = new JarFile(place.toFile());
    }

    @AfterEach
    void close() throws IOException {
        if (bundle != null) {
            bundle.close();
        }
    }

    private String header(String name) throws IOException {
        return bundle.getManifest().getMainAttributes().getValue(name);
    }

    @Test
    void itsOwnServiceIsAllItRegisters() throws IOException {
        assertThat(header("Service-Component")).isEqualTo("OSGI-INF/sluicegate.hw.vtd.legacy.LegacyVtdDriver.xml");
        assertThat(bundle.stream().map(entry -> entry.getName()).filter(name -> name.startsWith("OSGI-INF/") && name.endsWith(".xml")))
                .hasSize(2).allMatch(name -> name.contains("sluicegate.hw.vtd.legacy.LegacyVtdDriver"));
    }

    @Test
    void itBringsWhatItRuns() throws IOException {
        assertThat(header("Import-Package")).contains("sluicegate.api.driver").doesNotContain("sluicegate.hw.vtd")
                .doesNotContain("sluicegate.pgtable");
        assertThat(header("Export-Package")).isNull();
        assertThat(bundle.getEntry("sluicegate/hw/vtd/VtdUnit.class")).isNotNull();
    }
}
