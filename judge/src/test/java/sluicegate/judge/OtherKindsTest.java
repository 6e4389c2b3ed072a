package sluicegate.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.Device;
import sluicegate.api.Domain;
import sluicegate.api.platform.DmaStatus;
import sluicegate.api.platform.Machine;
import sluicegate.api.types.IommuException;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.core.impl.DriverEntry;
import sluicegate.core.impl.IommuCore;
import sluicegate.firmware.FirmwareFolder;
import sluicegate.firmware.MachineDescription;
import sluicegate.hw.amdvi.AmdviDriver;
import sluicegate.qemu.QemuMachine;
import sluicegate.qemu.process.Programs;
import sluicegate.sim.EmbeddedMachine;

/**
 * AMD-Vi in lockstep: what random maps, unmaps and DMAs come to on the model and on QEMU, each with core and driver,
 * and what the list of mappings says. Faults are told apart from success alone: QEMU 7.2 never writes the event log of its AMD IOMMU.
 */
class OtherKindsTest {
    private static final long PAGE = 4096;
    private static final long LARGE = 2L << 20;
    /** Around the ends of tables of each level. */
    private static final long[] PLACES = {PAGE, LARGE - PAGE, LARGE, 2 * LARGE - 2 * PAGE, 1L << 30, (1L << 30) - PAGE, 1L << 32,
        (1L << 32) - PAGE, (1L << 38) + LARGE, (1L << 39) - LARGE};
    private static final int STEPS = 400;

    /** A mapping of the test's own list. */
    private record Mapping(long size, long offset, boolean writable) {}

    /** One machine with core and driver, and a domain for its device. */
    private static final class Platform implements AutoCloseable {
        final Machine machine;
        final IommuCore core = new IommuCore();
        final Device device;
        final Domain domain;
        final long buffer;

        Platform(Machine machine) {
            this.machine = machine;
            core.addDriver(new DriverEntry(new AmdviDriver(), "amd-vi", "judge", "0", 0, 0, List.of("amd,iommu")));
            machine.units().forEach(core::addUnit);
            machine.buses().forEach(core::addBus);
            core.awaitProbed(machine, Duration.ofSeconds(20));
            device = core.device("0000:00:05.0");
            domain = core.allocateDomain(device, Set.of());
            domain.attach(device);
            buffer = machine.allocate(PLACES.length * 2 * LARGE);
        }

        String map(long iova, Mapping mapping) {
            try {
                domain.map(iova, buffer + mapping.offset(), mapping.size(),
                        Prot.NOEXEC | (mapping.writable() ? Prot.READ | Prot.WRITE : Prot.READ));
                return "mapped";
            } catch (IommuException e) {
                return e.errno().toString();
            }
        }

        String dma(boolean write, long iova, byte[] bytes) {
            var status = write ? device.busDevice().dma().write(Pasid.NONE, iova, bytes, 0, bytes.length)
                    : device.busDevice().dma().read(Pasid.NONE, iova, bytes, 0, bytes.length);
            return status.toString();
        }

        @Override
        public void close() {
            core.close();
            machine.powerOff();
        }
    }

    @ParameterizedTest
    @CsvSource("q35-amdvi, qemu-system-x86_64")
    void modelAndQemuAgreeWithTheListOfMappings(String name, String program) {
        var programs = Programs.ofHost();
        Assumptions.assumeTrue(programs.find(program).isPresent(), program + " is not on the PATH, so QEMU judges nothing");
        long seed = Long.getLong("judge.seed", System.nanoTime() & 0xffff_ffffL);
        var model = EmbeddedMachine.boot(
                MachineDescription.read(FirmwareFolder.of(Path.of("..", "sim", "machines", name))), "model", 0);
        try (var embedded = new Platform(model); var qemu = new Platform(QemuMachine.boot("qemu:" + name, 0, programs))) {
            run(List.of(embedded, qemu), new Random(seed), "seed " + seed);
        }
    }

    private static void run(List<Platform> platforms, Random random, String seed) {
        var mapped = new TreeMap<Long, Mapping>();
        var said = new ArrayList<String>();
        int done = 0;
        for (int step = 0; step < STEPS; step++) {
            int place = random.nextInt(PLACES.length);
            switch (random.nextInt(5)) {
                case 0 -> map(platforms, random, place, mapped, said);
                case 1 -> {
                    var entries = new ArrayList<>(mapped.entrySet());
                    if (random.nextBoolean() && !entries.isEmpty()) {
                        var entry = entries.get(random.nextInt(entries.size()));
                        said.add("unmap " + Long.toHexString(entry.getKey()));
                        for (var platform : platforms) {
                            assertThat(platform.domain.unmap(entry.getKey(), entry.getValue().size())).as("%s %s", seed, said)
                                    .isEqualTo(entry.getValue().size());
                        }
                        mapped.remove(entry.getKey());
                    }
                }
                default -> done += dma(platforms, random, place, mapped, said, seed) ? 1 : 0;
            }
        }
        assertThat(done).as("DMAs that went through").isGreaterThan(STEPS / 20);
    }

    private static void map(List<Platform> platforms, Random random, int place, TreeMap<Long, Mapping> mapped, List<String> said) {
        long size = random.nextInt(4) == 0 ? LARGE : PAGE * (1 + random.nextInt(3));
        long iova = size == LARGE ? PLACES[place] & -LARGE : PLACES[place];
        // Each place has memory of its own, aligned as the place, so that no two pages lead to the same one.
        var mapping = new Mapping(size, 2L * place * LARGE + (iova & LARGE - 1), random.nextBoolean());
        said.add("map " + Long.toHexString(iova) + " " + mapping);
        var answers = platforms.stream().map(platform -> platform.map(iova, mapping)).toList();
        assertThat(answers.get(0)).as("%s", said).isEqualTo(answers.get(1));
        var before = mapped.lowerEntry(iova + size);
        boolean free = before == null || before.getKey() + before.getValue().size() <= iova;
        assertThat(answers.get(0).equals("mapped")).as("%s", said).isEqualTo(free);
        if (free) {
            mapped.put(iova, mapping);
        }
    }

    private static boolean dma(List<Platform> platforms, Random random, int place, TreeMap<Long, Mapping> mapped,
            List<String> said, String seed) {
        boolean write = random.nextBoolean();
        long iova = PLACES[place] + random.nextInt((int) (3 * PAGE)) - random.nextInt(16);
        var bytes = new byte[1 + random.nextInt(32)];
        random.nextBytes(bytes);
        said.add((write ? "write " : "read ") + Long.toHexString(iova) + " " + bytes.length);
        boolean allowed = allowed(mapped, write, iova, bytes.length);
        for (var platform : platforms) {
            var own = bytes.clone();
            assertThat(platform.dma(write, iova, own)).as("%s on %s: %s", seed, platform.machine, said)
                    .isEqualTo((allowed ? DmaStatus.OK : DmaStatus.FAULT).toString());
            for (int i = 0; allowed && i < bytes.length; i++) {
                var entry = mapped.floorEntry(iova + i);
                var there = new byte[1];
                platform.machine.memory().read(platform.buffer + entry.getValue().offset() + iova + i - entry.getKey(), there, 0, 1);
                assertThat(there[0]).as("%s on %s, byte %d: %s", seed, platform.machine, i, said).isEqualTo(own[i]);
            }
        }
        return allowed;
    }

    private static boolean allowed(TreeMap<Long, Mapping> mapped, boolean write, long iova, int length) {
        for (int i = 0; i < length; i++) {
            var entry = mapped.floorEntry(iova + i);
            if (entry == null || iova + i >= entry.getKey() + entry.getValue().size() || write && !entry.getValue().writable()) {
                return false;
            }
        }
        return true;
    }
}
