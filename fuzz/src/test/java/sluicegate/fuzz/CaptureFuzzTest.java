package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.capture.files.CaptureFile;
import sluicegate.firmware.FirmwareFile;

/** What {@code capture.json} of a capture says. */
class CaptureFuzzTest {
    static Stream<byte[]> seeds() {
        return Seeds.files("capture.json");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> CaptureFile.parse(new FirmwareFile("capture.json", bytes)), bytes.length);
    }
}
