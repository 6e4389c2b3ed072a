package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of AMD IOMMUs. */
class IvrsFuzzTest {
    static Stream<byte[]> seeds() {
        return Seeds.files("ivrs.bin");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.ivrs.bin", Folders.sealed("IVRS", bytes), "memory = 1M"), bytes.length);
    }
}
