package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.capture.files.MemoryPages;
import sluicegate.capture.files.RegisterFile;
import sluicegate.firmware.FirmwareFile;

/** Registers and memory of a capture. */
class CaptureMemoryFuzzTest {

    private static void read(FirmwareFile file) {
        boolean text = file.size() > 0 && file.bytes()[0] != 0x1f;
        if (text) {
            RegisterFile.parse(file);
        } else {
            MemoryPages.parse(file);
        }
    }

    static Stream<byte[]> seeds() {
        return Seeds.files("registers.tsv", "memory.bin.gz");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> read(new FirmwareFile("x", bytes)), bytes.length);
    }
}
