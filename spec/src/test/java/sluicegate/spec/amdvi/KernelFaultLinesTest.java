package sluicegate.spec.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

import sluicegate.spec.pci.RequesterId;

/** What kernels printed of events of real machines can be told in words. */
class KernelFaultLinesTest {

    private static final Path LINES = Path.of(System.getProperty("basedir", "."))
            .resolve("../../shared/data/faults/amd.txt").normalize();
    private static final Pattern EVENT = Pattern.compile("Event logged \\[([A-Z_]+) (.*)]");
    private static final Pattern DEVICE = Pattern.compile("(?:[0-9a-f]{4}:|device=)([0-9a-f]{2}:[0-9a-f]{2}\\.[0-7])");
    private static final Pattern VALUE = Pattern.compile("(\\w+)=([0-9a-fx:.]+)");

    @Test
    void everyCompleteLineIsAnEventWhoseFlagsHaveWords() throws IOException {
        assumeTrue(Files.exists(LINES), () -> "skipped: " + LINES.toAbsolutePath() + " is not there");
        Map<String, Integer> told = new TreeMap<>();
        Set<Integer> devices = new TreeSet<>();
        int lines = 0;
        for (String line : Files.readAllLines(LINES)) {
            var event = EVENT.matcher(line);
            if (!event.find()) {
                continue; // cut off
            }
            lines++;
            EventCode code = EventCode.valueOf(event.group(1));
            Map<String, String> values = values(event.group(2));
            long low = EventLogRecord.CODE.set(0, code.code());
            Optional<Integer> device = device(line);
            if (device.isPresent()) {
                devices.add(device.get());
                low = EventLogRecord.DEVICEID.set(low, device.get());
            }
            if (values.containsKey("domain")) {
                low = EventLogRecord.DOMAINID.set(low, Long.decode(values.get("domain")));
            }
            if (values.containsKey("flags")) {
                low = EventLogRecord.FLAGS.set(low, Long.decode(values.get("flags")));
                told.merge(values.get("flags") + " " + EventFlags.sentence(low), 1, Integer::sum);
            }
            assertThat(low & code.layout().reservedMask(0)).as(line).isZero();
            long address = Long.parseUnsignedLong(values.get("address").substring(2), 16);
            assertThat(code.layout().describe(low, address)).as(line).contains("=0x" + Long.toHexString(address));
        }
        assertThat(lines).isGreaterThan(50);
        assertThat(devices).hasSizeGreaterThan(10)
                .contains(RequesterId.of(0x63, 0, 0), RequesterId.of(0x0b, 0, 0), RequesterId.of(0x47, 0, 1));
        assertThat(told.keySet()).containsExactly(
                "0x0000 read, the page is not present",
                "0x0008 interrupt, which is not remapped",
                "0x0010 read, the address is wider than the tables, or an entry says a level that cannot be",
                "0x0020 write, the page is not present",
                "0x0050 read, the permission is missing",
                "0x0070 write, the permission is missing");
    }

    private static Map<String, String> values(String text) {
        Map<String, String> values = new HashMap<>();
        VALUE.matcher(text).results().forEach(found -> values.put(found.group(1), found.group(2)));
        return values;
    }

    /** From {@code device=}, with a segment before it from newer kernels, or from the device that the line is about. */
    private static Optional<Integer> device(String line) {
        return DEVICE.matcher(line).results().map(found -> RequesterId.parse(found.group(1))).findFirst();
    }

    @Test
    void flagsThatNoLineHasHaveWordsToo() {
        assertThat(EventFlags.sentence(0x90L << EventFlags.SHIFT)).isEqualTo("read, an entry has a reserved bit set");
        assertThat(EventFlags.sentence(0x77L << EventFlags.SHIFT))
                .isEqualTo("write of a PASID as user, the permission is missing");
        assertThat(EventFlags.sentence(0x53L << EventFlags.SHIFT))
                .isEqualTo("execute of a PASID as supervisor, the permission is missing");
        assertThat(EventFlags.sentence(0x1B0L << EventFlags.SHIFT))
                .isEqualTo("translation request for write, an entry has a reserved bit set");
        assertThat(EventFlags.sentence(0x18L << EventFlags.SHIFT)).isEqualTo("interrupt, which is refused");
    }
}
