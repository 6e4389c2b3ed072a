package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of SMMUs. */
class IortFuzzTest {
    static Stream<byte[]> seeds() {
        return Seeds.files("iort.bin", "Iort.aml");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.iort.bin", Folders.sealed("IORT", bytes), "memory = 1M"), bytes.length);
    }
}
