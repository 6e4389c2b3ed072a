package sluicegate.inspect.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.FaultLog;

/** Lines that people sent to mailing lists. */
class RealFaultsTest {
    private static final FaultDecoderComponent DECODER = new FaultDecoderComponent();

    private static List<String> lines(String name) throws IOException {
        var file = Stream.of("../../shared", "../shared").map(root -> Path.of(root, "data/faults", name)).filter(Files::exists)
                .findFirst();
        assumeThat(file).as("fault lines are not here").isPresent();
        return Files.readAllLines(file.orElseThrow());
    }

    private static FaultLog decode(String text) throws IOException {
        return DECODER.decodeLog(new StringReader(text), DeviceNames.NONE);
    }

    @ParameterizedTest
    @CsvSource({"intel.txt,intel", "amd.txt,amd"})
    void everyLineDecodesAloneAndInItsLog(String name, String vendor) throws IOException {
        var lines = lines(name);
        for (var line : lines) {
            var faults = decode(line).faults();
            assertThat(faults).as(line).hasSize(1);
            assertThat(faults.get(0).vendor().word()).isEqualTo(vendor);
            assertThat(faults.get(0).line()).isEqualTo(line);
        }
        assertThat(decode(String.join("\n", lines)).faults()).hasSameSizeAs(lines);
    }

    @Test
    void everyRecordOfAnSmmuDecodes() throws IOException {
        var faults = decode(String.join("\n", lines("smmuv3.txt"))).faults();
        assertThat(faults).extracting(fault -> fault.fault()).containsExactly("C_BAD_CD", "F_TRANSLATION", "F_TRANSLATION");
        assertThat(faults.get(0).device()).contains("sid 0x7f22");
        assertThat(faults.get(0).pasid()).hasValue(2);
        assertThat(faults.get(1).device()).contains("sid 0x7d12");
        assertThat(faults.get(1).address()).hasValue(0xfffef040L);
        assertThat(faults.get(1).access()).contains("write");
        assertThat(faults.get(2).address()).hasValue(0xffffe040L);
    }

    @Test
    void brokenLinesAreAnsweredAndNeverThrow() throws IOException {
        var all = new java.util.ArrayList<>(lines("intel.txt"));
        all.addAll(lines("amd.txt"));
        all.addAll(lines("smmuv3.txt"));
        all.removeIf(line -> line.length() < 3);
        var random = new Random(10);
        for (int round = 0; round < 20_000; round++) {
            var text = new StringBuilder(all.get(random.nextInt(all.size())));
            for (int change = random.nextInt(6); change >= 0 && text.length() > 1; change--) {
                int at = random.nextInt(text.length());
                switch (random.nextInt(4)) {
                    case 0 -> text.setLength(at);
                    case 1 -> text.deleteCharAt(at);
                    case 2 -> text.setCharAt(at, (char) random.nextInt(256));
                    default -> text.insert(at, all.get(random.nextInt(all.size())).substring(0, 3 * random.nextInt(2)));
                }
            }
            assertThat(decode(text.toString()).lines()).isGreaterThanOrEqualTo(0);
        }
    }

    @Test
    void aLineWithoutEndTakesNoMemory() throws IOException {
        var endless = new Reader() {
            private int left = 100 << 20;

            @Override
            public int read(char[] target, int from, int length) {
                java.util.Arrays.fill(target, from, from + length, '[');
                left -= length;
                return left < 0 ? -1 : length;
            }

            @Override
            public void close() {
            }
        };
        assertThat(DECODER.decodeLog(endless, DeviceNames.NONE).faults()).isEmpty();
    }
}
