package sluicegate.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.osgi.framework.Bundle;
import sluicegate.api.Iommu;
import sluicegate.api.Unit;
import sluicegate.api.driver.LeavePolicy;

/** Jars are copied into the folder that File Install watches, replaced and deleted, while DMA goes on. */
@Timeout(120)
class DriversFolderTest {
    private final Path folder = Path.of(Runtime.context().getProperty("felix.fileinstall.dir"));
    private final Bundle shipped = FrameworkMachine.bundle("sluicegate.hw.vtd");
    private final Path jar = folder.resolve("vtd.jar");
    private AutoCloseable policy = () -> {};

    @BeforeEach
    void make() throws IOException {
        Files.createDirectories(folder);
    }

    @AfterEach
    void empty() throws Exception {
        policy.close();
        Files.deleteIfExists(jar);
        FrameworkMachine.await("the bundle's end", () -> Arrays.stream(Runtime.context().getBundles())
                .noneMatch(bundle -> bundle != shipped && bundle.getSymbolicName().equals(shipped.getSymbolicName())));
        shipped.start();
    }

    /** In one go, as a careful person does; a file that is still being written is left alone until it rests. */
    private void put(String version) throws IOException {
        var half = Files.createTempFile(folder, "vtd", ".part");
        Files.write(half, BundleCopy.jar(shipped, shipped.getSymbolicName(), version));
        Files.move(half, jar, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void await(Unit unit, String version) {
        FrameworkMachine.await("version " + version, () -> unit.driver().filter(driver -> driver.version().equals(version)).isPresent());
    }

    @Test
    void aNewerJarTakesTheUnitOverAndTheOlderDriverHasItAgainWhenTheJarIsDeleted() throws Exception {
        try (var rig = Runtime.boot("q35-vtd-rich", "00:05.0")) {
            policy = Runtime.leaving(LeavePolicy.KEEP);
            var unit = rig.device.unit().orElseThrow();
            var traffic = new Traffic(rig, Runtime.service(Iommu.class), Optional.empty());
            var before = unit.driver().orElseThrow().version();
            put("7.0.0");
            await(unit, "7.0.0");
            traffic.letAllRun(2);
            put("7.1.0");
            await(unit, "7.1.0");
            traffic.letAllRun(2);
            Files.delete(jar);
            await(unit, before);
            traffic.letAllRun(2);
            traffic.close();
            assertThat(traffic.violations()).isEmpty();
            traffic.clear();
        }
    }
}
