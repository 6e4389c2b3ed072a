package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Settings of a machine. */
class SettingsFuzzTest {
    private static final byte[] DMAR = Seeds.ofMachine("q35-vtd/dmar.bin");

    static Stream<byte[]> seeds() {
        return Seeds.files("machine.properties");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.dmar.bin", DMAR, new String(bytes, StandardCharsets.UTF_8)), bytes.length);
    }
}
