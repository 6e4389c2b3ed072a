package sluicegate.sim.smmuv3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Translation;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.CapturedPages;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.smmuv3.AidrRegister;
import sluicegate.spec.smmuv3.Cr0Register;
import sluicegate.spec.smmuv3.Idr0Register;
import sluicegate.spec.smmuv3.Idr1Register;
import sluicegate.spec.smmuv3.Idr3Register;
import sluicegate.spec.smmuv3.Idr5Register;
import sluicegate.spec.smmuv3.StrtabBaseCfgRegister;
import sluicegate.spec.smmuv3.StrtabBaseRegister;

/** Tables that Linux kernels wrote: each known address translates to the known one, and what lies beside it faults. */
class CapturesTest {
    private static final Path CAPTURES = Path.of("../../shared/data/captures");
    private static final long PAGE = 4096;
    private static final int RUN_SAMPLES = 256;
    private static final long OFFSET = 0x123;

    /** A row of {@code expected.tsv}. */
    private record Expected(int streamId, long iova, long pa, long size, String permissions) {
        private static Expected of(String[] columns) {
            var parts = columns[1].split("[:.]");
            int id = Integer.parseInt(parts[0], 16) << 8 | Integer.parseInt(parts[1], 16) << 3 | Integer.parseInt(parts[2], 16);
            return new Expected(id, Long.decode(columns[2]), Long.decode(columns[3]), Long.parseLong(columns[4]), columns[5]);
        }

        private boolean allows(Access access) {
            return permissions.contains(access == Access.READ ? "r" : "w");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"smmuv3-acpi-6.1", "smmuv3-s2-6.12"})
    void everyKnownAddressTranslatesAndItsNeighboursFault(String capture) throws IOException {
        var folder = CAPTURES.resolve(capture);
        assumeTrue(Files.exists(folder), () -> "skipped: " + folder.toAbsolutePath().normalize() + " is not there");
        try (var interrupts = new InterruptController("capture")) {
            var unit = unit(folder, interrupts);
            var rows = rows(folder);
            assertThat(rows).hasSizeGreaterThan(3_000);
            rows.forEach(row -> assertTranslates(unit, row));
            assertThat(assertNeighboursFault(unit, rows)).isGreaterThan(300);
        }
    }

    private static void assertTranslates(Smmuv3Unit unit, Expected row) {
        long step = Math.max(PAGE, row.size / RUN_SAMPLES & -PAGE);
        for (long at = 0; at < row.size; at += step) {
            assertPage(unit, row, at);
        }
        assertPage(unit, row, row.size - PAGE);
    }

    private static void assertPage(Smmuv3Unit unit, Expected row, long offset) {
        for (var access : List.of(Access.READ, Access.WRITE)) {
            var found = unit.probe(row.streamId, Pasid.NONE, row.iova + offset + OFFSET, access);
            if (row.allows(access)) {
                assertThat(found).as("%s + %x, %s", row, offset, access).isInstanceOfSatisfying(Translation.Mapped.class,
                        mapped -> assertThat(mapped.address()).isEqualTo(row.pa + offset + OFFSET));
            } else {
                assertThat(found).as("%s + %x, %s", row, offset, access).isInstanceOfSatisfying(Translation.Fault.class,
                        fault -> assertThat(fault.name()).isEqualTo("F_PERMISSION"));
            }
        }
    }

    private static int assertNeighboursFault(Smmuv3Unit unit, List<Expected> rows) {
        var runs = runs(rows);
        int checked = 0;
        for (var row : rows) {
            for (long iova : new long[] {row.iova - PAGE, row.iova + row.size}) {
                var before = runs.get(row.streamId).floorEntry(iova);
                boolean mapped = before != null && before.getValue() > iova;
                if (!mapped && iova >= 0) {
                    assertThat(unit.probe(row.streamId, Pasid.NONE, iova, Access.READ))
                            .as("%s beside %s", Long.toHexString(iova), row).isInstanceOfSatisfying(Translation.Fault.class,
                                    fault -> assertThat(fault.name()).isEqualTo("F_TRANSLATION"));
                    checked++;
                }
            }
        }
        return checked;
    }

    /** What is mapped for each stream: ends of ranges by their starts, ranges that touch made one. */
    private static Map<Integer, TreeMap<Long, Long>> runs(List<Expected> rows) {
        Map<Integer, TreeMap<Long, Long>> runs = new HashMap<>();
        rows.stream().sorted(Comparator.comparingLong(Expected::iova)).forEach(row -> {
            var ofStream = runs.computeIfAbsent(row.streamId, id -> new TreeMap<>());
            var last = ofStream.lastEntry();
            long start = last != null && last.getValue() >= row.iova ? last.getKey() : row.iova;
            ofStream.merge(start, row.iova + row.size, Math::max);
        });
        return runs;
    }

    private static List<Expected> rows(Path folder) throws IOException {
        var rows = new ArrayList<Expected>();
        for (var line : Files.readAllLines(folder.resolve("expected.tsv"))) {
            var columns = line.split("\t");
            if (columns[columns.length - 1].equals("yes")) {
                rows.add(Expected.of(columns));
            }
        }
        return rows;
    }

    /** The unit as the kernel had set it up, without its queues. */
    private static Smmuv3Unit unit(Path folder, InterruptController interrupts) throws IOException {
        Map<Integer, Long> words = new HashMap<>();
        for (var line : Files.readAllLines(folder.resolve("registers.tsv"))) {
            if (!line.startsWith("#")) {
                var columns = line.split("\\s+");
                words.put((int) (Long.decode(columns[0]) & 0x1_ffff) - 0x1_0000, Long.decode(columns[1]));
            }
        }
        var capabilities = new Smmuv3Capabilities(word(words, Idr0Register.OFFSET), word(words, Idr1Register.OFFSET),
                word(words, Idr3Register.OFFSET), word(words, Idr5Register.OFFSET), word(words, AidrRegister.OFFSET));
        // Nobody allocates anything on a capture; the arena is there because a unit has one.
        var none = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, PAGE * 16))));
        var unit = new Smmuv3Unit(new UnitPlace(null, "smmu3", 0x905_0000L, 0), capabilities,
                new CapturedPages(folder.resolve("memory.bin.gz")),
                new UnitArena("smmu3", none, new PageAllocator(none.map(), List.of())), interrupts);
        var registers = unit.registers();
        registers.write32(StrtabBaseRegister.OFFSET, (int) word(words, StrtabBaseRegister.OFFSET));
        registers.write32(StrtabBaseRegister.OFFSET + 4, (int) word(words, StrtabBaseRegister.OFFSET + 4));
        registers.write32(StrtabBaseCfgRegister.OFFSET, (int) word(words, StrtabBaseCfgRegister.OFFSET));
        assertThat(Cr0Register.SMMUEN.isSet(word(words, Cr0Register.OFFSET))).isTrue();
        registers.write32(Cr0Register.OFFSET, (int) Cr0Register.SMMUEN.mask());
        return unit;
    }

    private static long word(Map<Integer, Long> words, int offset) {
        return words.get(offset);
    }
}
