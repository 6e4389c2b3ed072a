package sluicegate.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.api.grouping.GroupingRules;
import sluicegate.core.impl.pci.GroupPrediction;
import sluicegate.inspect.groups.MachineExplainerComponent;

/**
 * Explaining a machine from what {@code lspci} printed: reading, grouping, sentences. {@link #main} explains a thousand, those of a
 * folder again and again, and says what that takes.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
public class ExplainBenchmark {
    /** Root ports, each with a card of two functions behind it. */
    @Param({"16", "128"})
    int cards;

    private final MachineExplainerComponent explainer = new MachineExplainerComponent(new GroupPrediction());
    private Path file;

    @Setup(Level.Trial)
    public void write() {
        try {
            file = Files.createTempFile("lspci", ".txt");
            Files.writeString(file, machine(cards));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @TearDown(Level.Trial)
    public void delete() throws IOException {
        Files.delete(file);
    }

    @Benchmark
    public int explain() {
        return explainer.explain(file, GroupingRules.KERNEL).groups().size();
    }

    private static String machine(int cards) {
        var text = new StringBuilder("00:00.0 Host bridge [0600]: Intel Corporation Host Bridge [8086:3ec2] (rev 07)\n\n");
        var behind = new StringBuilder();
        for (int card = 0; card < cards; card++) {
            text.append(String.format("00:%02x.%x PCI bridge [0604]: Intel Corporation Root Port [8086:a338] (rev f0) (prog-if 00 [Normal decode])%n"
                    + "\tBus: primary=00, secondary=%02x, subordinate=%02x, sec-latency=0%n\tCapabilities: [40] Express (v2) Root Port (Slot+), MSI 00%n",
                    1 + card / 8, card % 8, card + 1, card + 1));
            if (card % 2 == 0) {
                text.append("\tCapabilities: [140 v1] Access Control Services\n\t\tACSCap:\tSrcValid+ TransBlk+ ReqRedir+ CmpltRedir+ UpstreamFwd-"
                        + " EgressCtrl- DirectTrans-\n");
            }
            for (int function = 0; function < 2; function++) {
                behind.append(String.format("%02x:00.%d Ethernet controller [0200]: Intel Corporation I350 [8086:1521] (rev 01)%n"
                        + "\tCapabilities: [a0] Express (v2) Endpoint, MSI 00%n", card + 1, function));
            }
        }
        return text.append(behind).toString();
    }

    /**
     * Explains a thousand machines.
     *
     * @param arguments a folder with folders of machines
     */
    public static void main(String[] arguments) throws IOException {
        var explainer = new MachineExplainerComponent(new GroupPrediction());
        java.util.List<Path> machines;
        try (var folders = Files.list(Path.of(arguments[0]))) {
            machines = folders.filter(Files::isDirectory).sorted().toList();
        }
        long begin = System.nanoTime();
        long slowest = 0;
        long groups = 0;
        for (int i = 0; i < 1000; i++) {
            long start = System.nanoTime();
            groups += explainer.explain(machines.get(i % machines.size()), GroupingRules.KERNEL).groups().size();
            if (i >= machines.size()) {
                slowest = Math.max(slowest, System.nanoTime() - start);
            }
        }
        long took = System.nanoTime() - begin;
        long worked = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
        System.gc();
        var runtime = Runtime.getRuntime();
        System.out.printf("1000 machines, %d groups: %d ms, %d ms of processor time, the slowest after the first round %.1f ms; %d KiB in use"
                + " afterwards%n", groups, took / 1_000_000, worked / 1_000_000, slowest / 1e6, (runtime.totalMemory() - runtime.freeMemory()) >> 10);
    }
}
