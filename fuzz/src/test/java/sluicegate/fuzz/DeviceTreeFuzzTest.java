package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Flattened device trees. */
class DeviceTreeFuzzTest {

    /** With magic number and size as they should be. */
    private static byte[] repaired(byte[] bytes) {
        var tree = Arrays.copyOf(bytes, Math.max(Long.BYTES, bytes.length));
        ByteBuffer.wrap(tree).putInt(0xd00dfeed).putInt(tree.length);
        return tree;
    }

    static Stream<byte[]> seeds() {
        return Seeds.files(".dtb");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> Folders.read("x.dtb", repaired(bytes), ""), bytes.length);
    }
}
