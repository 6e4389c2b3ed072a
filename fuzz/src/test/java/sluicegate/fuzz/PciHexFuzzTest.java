package sluicegate.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;
import sluicegate.firmware.MachineDescription;

/** What {@code lspci -xxxx} prints, and lists of functions. */
class PciHexFuzzTest {

    private static void read(byte[] bytes) {
        boolean hex = bytes.length == 0 || bytes[bytes.length - 1] == '\n';
        Folders.ask(MachineDescription.read(Folders.of(Map.of(hex ? "pci.txt" : "x.topology.txt", bytes))));
    }

    static Stream<byte[]> seeds() {
        return Seeds.files("pci.txt", "topology.txt");
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "5s")
    void anyInputIsAnswered(byte[] bytes) {
        Owed.by(() -> read(bytes), bytes.length);
    }
}
