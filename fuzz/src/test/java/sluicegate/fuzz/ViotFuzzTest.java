package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Tables of paravirtual IOMMUs; the seed is as QEMU has it. */
class ViotFuzzTest {
    private static final byte[] SEED = HexFormat.of().parseHex("00".repeat(36) + "0200" + "3000" + "00".repeat(8)
            + "03001000" + "00000800" + "00".repeat(8) + "01001800" + "00000000" + "0000000000" + "00ffff3000" + "00".repeat(6));

    static Stream<byte[]> seeds() {
        return Stream.of(SEED);
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.viot.bin", Folders.sealed("VIOT", bytes), "memory = 1M"), bytes.length);
    }
}
