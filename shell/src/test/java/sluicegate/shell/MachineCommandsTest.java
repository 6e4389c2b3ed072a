package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineCommandsTest {
    private final ShellFixture shell = new ShellFixture();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aMachineBootsByNameAndIsSwitchedOff() throws Exception {
        assertThat(shell.shown("iommu:boot q35-vtd")).isEqualTo("q35-vtd runs: a machine for tests");
        assertThat(shell.shown("iommu:machines")).containsPattern("q35-vtd +embedded +running");
        assertThat(shell.shown("iommu:poweroff q35-vtd --json")).isEqualTo("{\"machine\":\"q35-vtd\",\"state\":\"off\"}");
        assertThat(shell.iommu.running()).isEmpty();
    }

    @Test
    void aMachineThatDiedByItselfSaysOfWhat() throws Exception {
        shell.execute("iommu:boot q35-vtd");
        ((FakeMachine) shell.iommu.running().get(0)).failure = Optional.of("QEMU was killed by signal 9");
        assertThat(shell.shown("iommu:machines")).containsPattern("q35-vtd +embedded +failed +QEMU was killed by signal 9");
    }

    @Test
    void aFolderIsLookedUpWhereTheSessionIs(@TempDir Path folder) throws Exception {
        Files.createDirectory(folder.resolve("mine"));
        shell.session.currentDir(folder);
        assertThat(shell.shown("iommu:boot mine --json")).isEqualTo("{\"machine\":\"mine\",\"kind\":\"embedded\","
                + "\"state\":\"running\",\"description\":\"a machine for tests\",\"warnings\":[]}");
        assertThat(shell.iommu.bootedAs).containsExactly(folder.resolve("mine").toString());
    }
}
