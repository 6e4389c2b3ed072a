package sluicegate.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import sluicegate.api.platform.DmaDescription;
import sluicegate.api.platform.IommuUnit;

/** Many addresses at once: each line is answered on its own. */
class TranslateBatchTest {
    private final ShellFixture shell = ShellFixture.running();
    @TempDir
    Path folder;

    @BeforeEach
    void mapTwoPages() throws Exception {
        shell.execute("iommu:domain-alloc 00:05.0");
        shell.execute("iommu:attach dom2 00:05.0");
        shell.execute("iommu:map dom2 0x10000 0x100000 4K rw");
        shell.execute("iommu:map dom2 0x20000 0x200000 4K r");
        shell.printed();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private String batch(String text, String... options) throws Exception {
        var file = Files.writeString(folder.resolve("lines"), text);
        shell.execute("iommu:translate --batch " + file + " " + String.join(" ", options));
        return shell.printed();
    }

    @Test
    void eachLineIsAnsweredByOneObjectInItsOrder() throws Exception {
        assertThat(batch("""
                # device pasid iova
                0000:00:05.0 - 0x10004
                00:05.0\t-\t0x20000   # read-only

                0000:00:05.0 - 0x30000
                """)).isEqualTo("""
                {"device":"0000:00:05.0","pasid":null,"iova":"0x10004","address":"0x100004","perms":"rw"}
                {"device":"00:05.0","pasid":null,"iova":"0x20000","address":"0x200000","perms":"r"}
                {"device":"0000:00:05.0","pasid":null,"iova":"0x30000","fault":"READ_NOT_PERMITTED",\
                "reason":"the page does not allow a read (06h, section 7.1.3)"}
                """);
    }

    @Test
    void aUnitIsAskedAboutTheStreamThatFirmwareMakesOfARequesterId() throws Exception {
        // The device at 00:10.0 bears the id by which the unit knows 00:05.0.
        shell.machine().firmware.put("0000:00:10.0", new DmaDescription(mock(IommuUnit.class), List.of(List.of(0x28)), false));
        assertThat(batch("0000:00:10.0 - 0x10000")).contains("\"address\":\"0x100000\"");
    }

    @Test
    void aRequesterIdNeedsNoDevice() throws Exception {
        assertThat(batch("0000:01:00.0 - 0x10000\n01:00.0 - 0x10000\n0000:07:00.0 - 0x10000")).isEqualTo("""
                {"device":"0000:01:00.0","pasid":null,"iova":"0x10000","address":"0x100000","perms":"rw"}
                {"device":"01:00.0","pasid":null,"iova":"0x10000","address":"0x100000","perms":"rw"}
                {"device":"0000:07:00.0","pasid":null,"iova":"0x10000","fault":"CONTEXT_ENTRY_NOT_PRESENT",\
                "reason":"not present (02h)"}
                """);
    }

    @Test
    void aPasidIsPassedOn() throws Exception {
        shell.execute("iommu:domain-alloc 00:05.0");
        shell.execute("iommu:map dom3 0x10000 0x300000 4K rw");
        shell.execute("iommu:attach dom3 00:05.0 --pasid 5");
        assertThat(batch("00:05.0 5 0x10000")).isEqualTo(
                "{\"device\":\"00:05.0\",\"pasid\":5,\"iova\":\"0x10000\",\"address\":\"0x300000\",\"perms\":\"rw\"}\n");
    }

    @Test
    void withWriteOnlyWritesAreAskedFor() throws Exception {
        assertThat(batch("00:05.0 - 0x20000", "--write")).contains("\"fault\":\"WRITE_NOT_PERMITTED\"");
    }

    @Test
    void aLineThatIsNotUnderstoodIsNamedAndTheOthersAreAnswered() throws Exception {
        var file = Files.writeString(folder.resolve("lines"), """
                0000:00:05.0 0x10000
                eth0 - 0x10000
                0000:00:05.0 - page
                0000:00:05.0 1048576 0
                0001:00:05.0 - 0
                """ + "x".repeat(100_000) + "\n0000:00:05.0 - 0x10000\n");
        assertThatThrownBy(() -> shell.execute("iommu:translate --batch " + file)).isInstanceOf(CommandFailure.class)
                .hasMessage(file + ": 6 of 7 lines got no answer; their objects say why");
        var lines = shell.printed().lines().toList();
        assertThat(lines).hasSize(7);
        var at = "\"error\":\"" + file + ", line ";
        assertThat(lines.get(0)).startsWith("{\"line\":1," + at + "1: EINVAL: 2 words where three are needed");
        assertThat(lines.get(1)).startsWith("{\"line\":2," + at + "2: ENODEV: There is no device 'eth0'");
        assertThat(lines.get(2)).startsWith("{\"line\":3," + at + "3: EINVAL: 'page' is not a number");
        assertThat(lines.get(3)).startsWith("{\"line\":4," + at + "4: EINVAL: PASID 1048576 is out of range");
        assertThat(lines.get(4)).startsWith("{\"line\":5," + at + "5: ENODEV: No IOMMU is in front of requester id 0001:00:05.0");
        assertThat(lines.get(5)).startsWith("{\"line\":6," + at + "6: EINVAL: the line has more than 4096 characters");
        assertThat(lines.get(6)).contains("\"address\":\"0x100000\"");
    }

    @Test
    void standardInputIsReadFromThePipe() throws Exception {
        shell.processor.addCommand("test", new Object() {
            @SuppressWarnings("unused") // Gogo calls it
            public String say(String text) {
                return text;
            }
        }, "say");
        shell.execute("test:say '00:05.0 - 0x10000' | iommu:translate --batch -");
        assertThat(shell.printed()).contains("\"address\":\"0x100000\"");
    }

    @Test
    void itNeedsAFileAndNothingElse() {
        assertThatThrownBy(() -> shell.execute("iommu:translate --batch " + folder.resolve("none")))
                .isInstanceOf(CommandFailure.class).hasMessageContaining("ENOENT: There is no file");
        assertThatThrownBy(() -> shell.execute("iommu:translate --batch " + folder)).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("EIO: " + folder + " cannot be read");
        for (var more : List.of("00:05.0", "--pasid 5")) {
            assertThatThrownBy(() -> shell.execute("iommu:translate --batch x " + more)).isInstanceOf(CommandFailure.class);
        }
        assertThatThrownBy(() -> shell.execute("iommu:translate 00:05.0")).hasMessageContaining("IOVA is missing");
        assertThatThrownBy(() -> shell.execute("iommu:translate")).hasMessageContaining("DEVICE is missing");
    }
}
