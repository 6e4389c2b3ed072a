package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.FaultDecoder;
import sluicegate.inspect.fault.FaultDecoderComponent;

/** Event records in hex. */
class RecordFuzzTest {
    private static final FaultDecoder DECODER = new FaultDecoderComponent();

    static Stream<byte[]> seeds() {
        return Stream.of("0010cdff00000000a000000005000080", "0x0000031200000010 0x000012000000005b 0x00000000ffe31040 0x00000000ffe31000").map(String::getBytes);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> DECODER.decodeRecord(new String(bytes, StandardCharsets.ISO_8859_1), Optional.empty(), DeviceNames.NONE), bytes.length);
    }
}
