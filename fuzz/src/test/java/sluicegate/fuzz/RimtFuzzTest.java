package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of the IOMMUs of RISC-V. */
class RimtFuzzTest {
    private static final byte[] SEED = HexFormat.of().parseHex("00".repeat(36) + "02000000" + "30000000" + "00000000"
            + "00013000" + "00000100" + "5253435630303034" + "0000010300000000" + "00000000" + "00000000" + "00000000" + "01002800"
            + "6000000003000000" + "01012800" + "00000200" + "01000000" + "00000000" + "14000100"
            + "00000000" + "00000100" + "00000000" + "30000000" + "00000000");

    static Stream<byte[]> seeds() {
        return Stream.of(SEED);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.rimt.bin", Folders.sealed("RIMT", bytes), "memory = 1M"), bytes.length);
    }
}
