package sluicegate.sim.vtd;

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
import org.junit.jupiter.params.provider.CsvSource;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.firmware.Dmar;
import sluicegate.firmware.FirmwareFile;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.CapturedPages;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.spec.vtd.CapabilityRegister;
import sluicegate.spec.vtd.ExtendedCapabilityRegister;
import sluicegate.spec.vtd.FaultReason;
import sluicegate.spec.vtd.GlobalCommandRegister;
import sluicegate.spec.vtd.GlobalStatusRegister;
import sluicegate.spec.vtd.RootTableAddressRegister;

/**
 * Tables that Linux kernels wrote, in all modes that they use: each known address translates to the known one, and what lies
 * beside the mappings faults.
 */
class CapturesTest {
    private static final Path CAPTURES = Path.of("../../shared/data/captures");
    private static final long PAGE = 4096;
    private static final int RUN_SAMPLES = 256;

    private InterruptController interrupts;

    /** A row of {@code expected.tsv}. */
    private record Expected(String source, int rid, long iova, long pa, long size, boolean writable) {
        private static Expected of(String[] columns) {
            return new Expected(columns[0], rid(columns[1]), Long.decode(columns[2]), Long.decode(columns[3]),
                    Long.parseLong(columns[4]), columns[5].contains("w"));
        }

        private static int rid(String text) {
            var parts = text.split("[:.]");
            return Integer.parseInt(parts[0], 16) << 8 | Integer.parseInt(parts[1], 16) << 3 | Integer.parseInt(parts[2], 16);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "vtd-legacy-6.1, READ_NOT_PERMITTED, WRITE_NOT_PERMITTED",
        "vtd-legacy48-ats-6.12, READ_NOT_PERMITTED, WRITE_NOT_PERMITTED",
        "vtd-scalable-sl-6.1, SM_SECOND_STAGE_NOT_PERMITTED, SM_WRITE_NOT_PERMITTED",
        "vtd-scalable-fl-6.12, FIRST_STAGE_ENTRY_NOT_PRESENT, SM_WRITE_NOT_PERMITTED"})
    void everyKnownAddressTranslatesAndItsNeighboursFault(String capture, FaultReason unmapped, FaultReason readOnly)
            throws IOException {
        var folder = CAPTURES.resolve(capture);
        assumeTrue(Files.exists(folder), () -> "skipped: " + folder.toAbsolutePath().normalize() + " is not there");
        try (var controller = new InterruptController("capture")) {
            interrupts = controller;
            var unit = unit(folder);
            var rows = rows(folder);
            assertThat(rows).hasSizeGreaterThan(5_000);
            rows.forEach(row -> assertTranslates(unit, row, readOnly));
            int neighbours = assertNeighboursFault(unit, rows, unmapped);
            assertThat(neighbours).isGreaterThan(1_000);
        }
    }

    private void assertTranslates(VtdUnit unit, Expected row, FaultReason readOnly) {
        long step = Math.max(PAGE, row.size / RUN_SAMPLES & -PAGE);
        for (long at = 0; at < row.size; at += step) {
            assertPage(unit, row, at, readOnly);
        }
        assertPage(unit, row, row.size - PAGE, readOnly);
    }

    private void assertPage(VtdUnit unit, Expected row, long offset, FaultReason readOnly) {
        long iova = row.iova + offset + 0x123;
        var read = unit.probe(row.rid, Pasid.NONE, iova, Access.READ);
        assertThat(read).as("%s + %x", row, offset).isInstanceOf(Translation.Mapped.class);
        var mapped = (Translation.Mapped) read;
        assertThat(mapped.address()).as("%s + %x", row, offset).isEqualTo(row.pa + offset + 0x123);
        // What the kernel meant and what the tables say may differ where the row says rw: kernels widen.
        var write = unit.probe(row.rid, Pasid.NONE, iova, Access.WRITE);
        if (row.writable) {
            assertThat(write).as("%s + %x", row, offset).isEqualTo(mapped);
        } else if (row.source.equals("walker")) {
            assertThat(mapped.prot() & Prot.WRITE).as("%s + %x", row, offset).isZero();
            assertThat(write).isInstanceOfSatisfying(Translation.Fault.class,
                    fault -> assertThat(fault.code()).isEqualTo(readOnly.code()));
        }
    }

    private int assertNeighboursFault(VtdUnit unit, List<Expected> rows, FaultReason unmapped) {
        var runs = runs(rows);
        int checked = 0;
        for (var row : rows) {
            if (passesThrough(unit, row)) {
                continue;
            }
            for (long iova : new long[] {row.iova - PAGE, row.iova + row.size}) {
                var before = runs.get(row.rid).floorEntry(iova);
                boolean mapped = before != null && before.getValue() > iova;
                if (!mapped && iova >= 0 && !InterruptController.isInterruptAddress(iova)) {
                    assertThat(unit.probe(row.rid, Pasid.NONE, iova, Access.READ)).as("%s beside %s", Long.toHexString(iova), row)
                            .isInstanceOfSatisfying(Translation.Fault.class,
                                    fault -> assertThat(fault.code()).isEqualTo(unmapped.code()));
                    checked++;
                }
            }
        }
        return checked;
    }

    /** What is mapped for each device: ends of ranges by their starts, ranges that touch made one. */
    private static Map<Integer, TreeMap<Long, Long>> runs(List<Expected> rows) {
        Map<Integer, TreeMap<Long, Long>> runs = new HashMap<>();
        rows.stream().sorted(Comparator.comparingLong(Expected::iova)).forEach(row -> {
            var ofDevice = runs.computeIfAbsent(row.rid, rid -> new TreeMap<>());
            var last = ofDevice.lastEntry();
            long start = last != null && last.getValue() >= row.iova ? last.getKey() : row.iova;
            ofDevice.merge(start, row.iova + row.size, Math::max);
        });
        return runs;
    }

    /** A device in pass-through has no neighbours: all memory is its own. */
    private static boolean passesThrough(VtdUnit unit, Expected row) {
        return unit.probe(row.rid, Pasid.NONE, row.iova, Access.READ) instanceof Translation.Mapped mapped && mapped.size() == 0;
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

    /** The unit as the kernel had set it up. */
    private VtdUnit unit(Path folder) throws IOException {
        Map<Integer, Long> words = new HashMap<>();
        for (var line : Files.readAllLines(folder.resolve("registers.tsv"))) {
            if (!line.startsWith("#")) {
                var columns = line.split("\\s+");
                words.put((int) (Long.decode(columns[0]) & 0xfff), Long.decode(columns[1]));
            }
        }
        var dmar = Dmar.parse(new FirmwareFile("dmar.bin", Files.readAllBytes(folder.resolve("tables/dmar.bin"))));
        var capabilities = new VtdCapabilities(register(words, CapabilityRegister.OFFSET),
                register(words, ExtendedCapabilityRegister.OFFSET), dmar.hostAddressWidth());
        var memory = new CapturedPages(folder.resolve("memory.bin.gz"));
        // Nobody allocates anything on a capture; the arena is there because a unit has one.
        var none = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, PAGE * 16))));
        var unit = new VtdUnit(new UnitPlace(null, "dmar0", 0xfed9_0000L, 0), PAGE, capabilities,
                memory, new UnitArena("dmar0", none, new PageAllocator(none.map(), List.of())), interrupts);
        unit.registers().write64(RootTableAddressRegister.OFFSET, register(words, RootTableAddressRegister.OFFSET));
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.SRTP.mask());
        assertThat(GlobalStatusRegister.TES.isSet(words.get(GlobalStatusRegister.OFFSET))).isTrue();
        unit.registers().write32(GlobalCommandRegister.OFFSET, (int) GlobalCommandRegister.TE.mask());
        return unit;
    }

    private static long register(Map<Integer, Long> words, int offset) {
        return words.get(offset) | words.get(offset + 4) << 32;
    }
}
