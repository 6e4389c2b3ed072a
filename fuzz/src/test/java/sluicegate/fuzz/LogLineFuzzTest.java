package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.FaultDecoder;
import sluicegate.inspect.fault.FaultDecoderComponent;

/** Lines of kernels' logs. */
class LogLineFuzzTest {
    private static final FaultDecoder DECODER = new FaultDecoderComponent();

    private static void decode(byte[] bytes) {
        try {
            DECODER.decodeLog(new StringReader(new String(bytes, StandardCharsets.ISO_8859_1)), DeviceNames.NONE).tallies();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<byte[]> seeds() {
        return Seeds.lines("intel.txt", "amd.txt", "smmuv3.txt");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> decode(bytes), bytes.length);
    }
}
