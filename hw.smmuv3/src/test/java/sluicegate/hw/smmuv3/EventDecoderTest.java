package sluicegate.hw.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.spec.smmuv3.EventRecord;
import sluicegate.spec.smmuv3.EventType;

class EventDecoderTest {
    private static final Path LOGGED = Path.of("../../shared/data/faults/smmuv3.txt");
    private static final Pattern HEAD = Pattern.compile(".*event (0x[0-9a-f]{2}) received:");
    private static final Pattern WORD = Pattern.compile(".*\\s(0x[0-9a-f]{16})");

    @Test
    void aWriteThatIsNotMapped() {
        var record = EventDecoder.decode(0x0000_0018_0000_0010L, 0x0000_0200_0000_0000L, 0x1_2345_6780L, 0);
        assertThat(record.name()).isEqualTo("F_TRANSLATION");
        assertThat(record.code()).isEqualTo(0x10);
        assertThat(record.sourceId()).isEqualTo(0x18);
        assertThat(record.pasid()).isEqualTo(Pasid.NONE);
        assertThat(record.iova()).isEqualTo(0x1_2345_6780L);
        assertThat(record.access()).isEqualTo(Access.WRITE);
        assertThat(record.reason()).contains("no valid descriptor maps it", "7.3.13", "stage 1 at the address itself");
    }

    @Test
    void aStalledPrivilegedFetchWithSubstreamAtStage2() {
        long word0 = 0x0000_0042_0000_0013L | 7L << 12 | 1 << 11;
        long word1 = 0x8000_002aL | 1L << 33 | 1L << 34 | 1L << 35 | 1L << 39 | 1L << 40;
        var record = EventDecoder.decode(word0, word1, 0x5000, 0x9_9000);
        assertThat(record.name()).isEqualTo("F_PERMISSION");
        assertThat(record.pasid()).isEqualTo(7);
        assertThat(record.access()).isEqualTo(Access.EXECUTE);
        assertThat(record.reason()).contains("stage 2 at the fetch of a stage 1 descriptor", "IPA 0x99000", "privileged",
                "stalled with tag 42");
        assertThat(EventDecoder.isStall(word0, word1, 0x5000, 0x9_9000)).isTrue();
        assertThat(EventDecoder.isStall(word0, word1 & ~0x8000_0000L, 0x5000, 0x9_9000)).isFalse();
    }

    @Test
    void everyEventHasItsNameAndNoRecordIsUnwelcome() {
        for (var type : EventType.values()) {
            assertThat(EventDecoder.decode(EventRecord.ID.set(0, type.code()), -1L, -1L, -1L).name()).isEqualTo(type.name());
        }
        assertThat(EventDecoder.decode(-1L, -1L, -1L, -1L).name()).isEqualTo("RESERVED_FF");
        assertThat(EventDecoder.decode(0, 0, 0, 0).reason()).contains("reserves");
        assertThat(EventDecoder.isStall(-1L, -1L, -1L, -1L)).isFalse();
    }

    /** Lines of real kernels: what they printed as the event is what their record says. */
    @Test
    void loggedRecordsAreTheEventsThatTheirKernelsPrinted() throws IOException {
        assumeTrue(Files.exists(LOGGED), "no logged faults at " + LOGGED);
        var logged = new ArrayList<String>();
        int code = 0;
        var words = new ArrayList<Long>();
        var lines = new ArrayList<>(Files.readAllLines(LOGGED));
        lines.add("");
        for (String line : lines) {
            var head = HEAD.matcher(line);
            var word = WORD.matcher(line);
            if (head.matches()) {
                code = Integer.decode(head.group(1));
            } else if (word.matches()) {
                words.add(Long.decode(word.group(1)));
            } else if (!words.isEmpty()) {
                logged.add(decoded(code, words));
                words.clear();
            }
        }
        assertThat(logged).containsExactly(
                "C_BAD_CD stream 7f22 substream 2 read at 0x0",
                "F_TRANSLATION stream 7d12 write at 0xfffef040",
                "F_TRANSLATION stream 0 write at 0xffffe040");
    }

    /** A record that lacks its first line in the mail still has its event in the line above; one that lacks its last, nothing there. */
    private static String decoded(int code, List<Long> words) {
        if (EventRecord.ID.get(words.get(0)) != code) {
            words.add(0, EventRecord.ID.set(0, code));
        }
        while (words.size() < EventRecord.WORDS) {
            words.add(0L);
        }
        var record = EventDecoder.decode(words.stream().mapToLong(Long::longValue).toArray());
        assertThat(record.code()).isEqualTo(code);
        return record.name() + " stream " + Integer.toHexString(record.sourceId())
                + (record.pasid() == Pasid.NONE ? "" : " substream " + record.pasid())
                + " " + record.access().word() + " at 0x" + Long.toHexString(record.iova());
    }
}
