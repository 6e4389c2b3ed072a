package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of configuration space. */
class McfgFuzzTest {
    static Stream<byte[]> seeds() {
        return Seeds.files("mcfg.bin");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.mcfg.bin", Folders.sealed("MCFG", bytes), "memory = 1M"), bytes.length);
    }
}
