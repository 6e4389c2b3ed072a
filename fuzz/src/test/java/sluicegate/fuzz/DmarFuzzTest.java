package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of VT-d units. */
class DmarFuzzTest {
    static Stream<byte[]> seeds() {
        return Seeds.files("dmar.bin");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.dmar.bin", Folders.sealed("DMAR", bytes), "memory = 1M"), bytes.length);
    }
}
