package sluicegate.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import sluicegate.qemu.process.Programs;
import sluicegate.qemu.process.QemuProcess;
import sluicegate.qemu.qtest.QtestChannel;
import sluicegate.spec.vtd.FaultEventDataRegister;

/** Register writes that QEMU gets one by one and in groups: what a group saves. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QtestBenchmark {
    private static final long UNIT = 0xfed9_0000L;

    @Param({"1", "8", "64", "512"})
    public int group;

    private Path said;
    private QemuProcess process;
    private QtestChannel channel;

    @Setup
    public void start() throws IOException {
        said = Files.createTempFile("sluicegate", ".said");
        var programs = Programs.ofHost();
        var qemu = programs.require("qemu-system-x86_64", "qemu-system-x86", "This benchmark").toString();
        process = new QemuProcess("bench", programs, List.of(qemu, "-machine", "q35", "-accel", "tcg", "-S", "-display", "none",
                "-nodefaults", "-monitor", "none", "-device", "intel-iommu", "-qtest", "stdio", "-qtest-log", "none"), said);
        channel = new QtestChannel("bench", process, said, line -> true, QtestChannel.PATIENCE);
    }

    @TearDown
    public void end() throws IOException {
        channel.close();
        process.close();
        Files.delete(said);
    }

    /** A whole group. */
    @Benchmark
    public void writes() {
        channel.begin();
        try {
            for (int i = 0; i < group; i++) {
                channel.write32(UNIT + FaultEventDataRegister.OFFSET, i);
            }
            channel.run();
        } finally {
            channel.end();
        }
    }
}
