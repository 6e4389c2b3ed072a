package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Fault lines, in front of a person and of a script. */
class DecodeCommandsTest {
    private static final String LINE =
            "DMAR: [DMA Read NO_PASID] Request device [00:05.0] fault addr 0x5000 [fault reason 0x06] PTE Read access is not set";

    private final ShellFixture shell = ShellFixture.running();

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aLineIsExplainedAndItsDeviceNamed() throws Exception {
        assertThat(shell.shown("iommu:decode '" + LINE + "'")).startsWith("0000:00:05.0 (").contains("READ_NOT_PERMITTED", "likely causes",
                "1. ");
    }

    @Test
    void aScriptGetsAnObject() throws Exception {
        assertThat(shell.shown("iommu:decode --json '" + LINE + "'")).contains("\"line\":\"DMAR: [DMA Read", "\"vendor\":\"intel\"",
                "\"pasid\":null", "\"address\":\"0x5000\"", "\"access\":\"read\"", "\"fault\":\"READ_NOT_PERMITTED\"", "\"meaning\":\"06h");
        assertThat(shell.shown("iommu:decode --json nonsense")).isEqualTo("[]");
    }

    @Test
    void aLogIsCountedFromAFileAndFromAPipe(@TempDir Path folder) throws Exception {
        var file = Files.writeString(folder.resolve("dmesg.txt"), LINE + "\nusb 1-1\n" + LINE + "\n");
        assertThat(shell.shown("iommu:decode " + file)).startsWith("2 faults in 3 lines, 1 of them different").contains("2 times, lines 1 to 3");
        shell.execute("echo '" + LINE + "' | iommu:decode | test:lines");
    }

    @Test
    void aRecordIsReadAndNonsenseIsAnsweredPlainly() throws Exception {
        assertThat(shell.shown("iommu:decode 0x2020004200005100 0x00000000e1f520c0")).startsWith("51:00.0: write at 0xe1f520c0");
        assertThat(shell.shown("iommu:decode hello world")).startsWith("There is no fault");
    }
}
