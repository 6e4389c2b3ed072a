package sluicegate.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.hw.smmuv3.Smmuv3Driver;
import sluicegate.hw.vtd.VtdDriver;
import sluicegate.qemu.process.Programs;

/** Machines with core and driver: what they do, and what is left when QEMU or the whole platform is killed. */
class LifeTest {
    private static final Programs HOST = Programs.ofHost();
    private static final long IOVA = 0x4000_0000L;
    private static final long PAGE = 4096;

    @BeforeEach
    void needQemu() {
        Assumptions.assumeTrue(HOST.find("qemu-system-x86_64").isPresent(), "qemu-system-x86_64 is not on the PATH");
    }

    /** A platform of its own with one machine. */
    private static final class Platform implements AutoCloseable {
        final QemuMachine machine;
        final IommuCore core = new IommuCore();

        Platform(String name) {
            var missing = QemuMachine.missing(name, HOST);
            Assumptions.assumeTrue(missing.isEmpty(), missing::orElseThrow);
            machine = QemuMachine.boot(name, 0, HOST);
            core.addDriver(new DriverEntry(new VtdDriver(), "intel-vtd", "test", "0", 0, 0, List.of("intel,vtd")));
            core.addDriver(new DriverEntry(new Smmuv3Driver(), "arm-smmu-v3", "test", "0", 0, 0, List.of("arm,smmu-v3")));
            core.addDriver(new DriverEntry(new AmdviDriver(), "amd-vi", "test", "0", 0, 0, List.of("amd,iommu")));
            machine.units().forEach(core::addUnit);
            machine.buses().forEach(core::addBus);
            core.awaitProbed(machine, Duration.ofSeconds(20));
        }

        Domain attached(Device device) {
            var domain = core.allocateDomain(device, Set.of());
            domain.attach(device);
            return domain;
        }

        @Override
        public void close() {
            core.close();
            machine.powerOff();
        }
    }

    private static DmaStatus write(Device device, long iova, byte... bytes) {
        return device.busDevice().dma().write(Pasid.NONE, iova, bytes, 0, bytes.length);
    }

    /** QEMU's AMD IOMMU gives every device behind a bridge the entry of 00:00.0, so only its root bus is tried. */
    @ParameterizedTest
    @CsvSource({"qemu:q35-vtd-rich, 7", "qemu:virt-smmuv3-rich, 7", "qemu:q35-amdvi, 2", "qemu:q35-vtd-scalable, 2",
        "qemu:q35-vtd-first-stage, 2", "qemu:virt-smmuv3-nested, 2"})
    void everyEngineReachesItsOwnDomainAndNoOther(String name, int least) {
        try (var platform = new Platform(name)) {
            var engines = platform.core.devices().stream().filter(device -> device.busDevice().description().contains("edu")
                    || device.busDevice().description().contains("SD host")).toList();
            assertThat(engines).as("on the root bus, behind a port, a switch, bridges and a second root").hasSizeGreaterThanOrEqualTo(least);
            int number = 1;
            for (var device : engines) {
                long buffer = platform.machine.allocate(PAGE);
                long elsewhere = platform.machine.allocate(PAGE);
                try (var domain = platform.core.allocateDomain(device, Set.of())) {
                    domain.map(IOVA, buffer, PAGE, Prot.READ | Prot.WRITE);
                    domain.map(IOVA + PAGE, elsewhere, PAGE, Prot.READ);
                    device.group().orElseThrow().attach(domain);
                    assertThat(write(device, IOVA + 8, (byte) number)).as(device.name()).isEqualTo(DmaStatus.OK);
                    assertThat(platform.machine.memory().get64(buffer + 8)).as(device.name()).isEqualTo(number);
                    assertThat(write(device, IOVA + PAGE, (byte) number)).as(device.name()).isEqualTo(DmaStatus.FAULT);
                    assertThat(domain.unmap(IOVA, PAGE)).isEqualTo(PAGE);
                    assertThat(write(device, IOVA + 8, (byte) 99)).as(device.name()).isEqualTo(DmaStatus.FAULT);
                    assertThat(platform.machine.memory().get64(buffer + 8)).isEqualTo(number);
                    device.group().orElseThrow().detach();
                }
                number++;
            }
        }
    }

    @Test
    void aUnitThatHasScalableModeIsUsedInIt() {
        try (var platform = new Platform("qemu:q35-vtd-scalable")) {
            var device = platform.core.device("0000:00:05.0");
            assertThat(device.walk(Pasid.NONE, IOVA)).extracting(step -> step.entry()).startsWith("root table address register",
                    "root entry of bus 00", "context entry of 05.0", "PASID directory entry 0", "PASID entry 0");
        }
    }

    /** QEMU's AMD IOMMU reports no faults. */
    @ParameterizedTest
    @CsvSource({"qemu:q35-vtd, WRITE_NOT_PERMITTED, 40000000", "qemu:virt-smmuv3, F_PERMISSION, 40000010"})
    void aFaultIsReportedByTheDriverOnce(String name, String fault, String iova) throws Exception {
        try (var platform = new Platform(name)) {
            var faults = new ArrayList<String>();
            var heard = new CompletableFuture<Void>();
            platform.core.addListener(heardOf -> {
                faults.add(heardOf.name() + " " + heardOf.device().orElse("?") + " " + Long.toHexString(heardOf.iova()));
                heard.complete(null);
            });
            var device = platform.core.device("0000:00:06.0");
            try (var domain = platform.attached(device)) {
                domain.map(IOVA, platform.machine.allocate(PAGE), PAGE, Prot.READ);
                assertThat(write(device, IOVA + 0x10, new byte[100])).isEqualTo(DmaStatus.FAULT);
                heard.get(20, TimeUnit.SECONDS);
                domain.detach(device);
            }
            assertThat(faults).containsExactly(fault + " 0000:00:06.0 " + iova);
        }
    }

    @Test
    void killingQemuUnderLoadIsAClearErrorAndNobodyElsesTrouble() throws Exception {
        try (var doomed = new Platform("qemu:q35-vtd"); var other = new Platform("qemu:q35-vtd")) {
            var done = new AtomicInteger();
            var workers = new ArrayList<CompletableFuture<IommuException>>();
            for (var name : List.of("0000:00:05.0", "0000:00:06.0")) {
                var device = doomed.core.device(name);
                var domain = doomed.attached(device);
                long buffer = doomed.machine.allocate(PAGE);
                workers.add(CompletableFuture.supplyAsync(() -> load(device, domain, buffer, done)));
            }
            await(() -> done.get() > 50);
            assertThat(ProcessHandle.of(doomed.machine.pid()).orElseThrow().destroyForcibly()).isTrue();
            for (var worker : workers) {
                var error = worker.get(30, TimeUnit.SECONDS);
                assertThat(error.errno()).isEqualTo(Errno.EIO);
                assertThat(error).hasMessageContaining("qemu:q35-vtd").hasMessageContaining("killed by signal 9");
            }
            assertThat(doomed.machine.warnings()).anyMatch(warning -> warning.contains("killed by signal 9"));
            assertThat(doomed.machine.failure()).hasValueSatisfying(why -> assertThat(why).contains("killed by signal 9"));
            assertThat(other.machine.failure()).isEmpty();
            assertThatThrownBy(() -> doomed.machine.units().get(0).registers().read32(0)).hasMessageContaining("signal 9");
            assertThat(doomed.machine.memory().get64(0x10_0000)).as("memory can still be looked at").isNotNull();

            var device = other.core.device("0000:00:06.0");
            try (var domain = other.attached(device)) {
                long buffer = other.machine.allocate(PAGE);
                domain.map(IOVA, buffer, PAGE, Prot.READ | Prot.WRITE);
                assertThat(write(device, IOVA, (byte) 7)).isEqualTo(DmaStatus.OK);
                assertThat(other.machine.memory().get64(buffer)).isEqualTo(7);
                domain.detach(device);
            }
            doomed.machine.powerOff();
        }
        try (var again = new Platform("qemu:q35-vtd")) {
            assertThat(again.core.devices()).isNotEmpty();
        }
    }

    private static IommuException load(Device device, Domain domain, long buffer, AtomicInteger done) {
        try {
            while (true) {
                domain.map(IOVA, buffer, PAGE, Prot.READ | Prot.WRITE);
                write(device, IOVA, new byte[64]);
                domain.unmap(IOVA, PAGE);
                done.incrementAndGet();
            }
        } catch (IommuException e) {
            return e;
        }
    }

    private static void await(java.util.function.BooleanSupplier condition) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).isLessThan(end);
            Thread.onSpinWait();
        }
    }

    /** What the test below runs in a process of its own. */
    public static final class Victim {
        public static void main(String[] arguments) throws Exception {
            // Started by a thread that ends, as a command of a shell may be.
            var pid = new CompletableFuture<Long>();
            var starter = new Thread(() -> pid.complete(QemuMachine.boot("qemu:q35-vtd", 0, HOST).pid()));
            starter.start();
            starter.join();
            System.out.println("pid " + pid.get());
            Thread.sleep(Duration.ofMinutes(2).toMillis());
        }
    }

    @Test
    void qemuDoesNotOutliveAPlatformThatIsKilled() throws Exception {
        var victim = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")), Victim.class.getName())
                .redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (var output = new BufferedReader(new InputStreamReader(victim.getInputStream()))) {
            var line = output.readLine();
            assertThat(line).startsWith("pid ");
            var qemu = ProcessHandle.of(Long.parseLong(line.substring(4))).orElseThrow();
            assertThat(qemu.isAlive()).as("while its machine runs").isTrue();
            victim.destroyForcibly();
            await(() -> !qemu.isAlive());
        } finally {
            victim.destroyForcibly();
        }
    }
}
