package sluicegate.sim.amdvi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import sluicegate.api.types.Access;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.Prot;
import sluicegate.api.types.Translation;
import sluicegate.machine.memory.AddressMap;
import sluicegate.machine.memory.HeapMemory;
import sluicegate.machine.memory.PageAllocator;
import sluicegate.machine.memory.UnitArena;
import sluicegate.machine.unit.UnitPlace;
import sluicegate.sim.interrupt.InterruptController;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.DeviceTableBaseRegister;
import sluicegate.spec.amdvi.EventCode;
import sluicegate.spec.amdvi.ExtendedFeatureRegister;
import sluicegate.spec.amdvi.IommuCapability;

/**
 * Tables that a Linux kernel wrote, with pages of many sizes: each known address translates to the known one, and what lies
 * beside the mappings faults.
 */
class CapturesTest {
    private static final Path CAPTURE = Path.of("../../shared/data/captures/amdvi-6.12");
    private static final long PAGE = 4096;
    private static final int RUN_SAMPLES = 256;
    private static final long REGISTERS = 0xfed8_0000L;
    private static final String LEAF_BASE = "leaf-base";

    /** A row of {@code expected.tsv}; of some only the first address of the page is known, their size is 0. */
    private record Expected(String source, int rid, long iova, long pa, long size, boolean writable) {
        private static Expected of(String[] columns) {
            return new Expected(columns[0], rid(columns[1]), Long.decode(columns[2]), Long.decode(columns[3]),
                    columns[4].equals(LEAF_BASE) ? 0 : Long.parseLong(columns[4]), columns[5].contains("w"));
        }

        private static int rid(String text) {
            var parts = text.split("[:.]");
            return Integer.parseInt(parts[0], 16) << 8 | Integer.parseInt(parts[1], 16) << 3 | Integer.parseInt(parts[2], 16);
        }
    }

    @Test
    void everyKnownAddressTranslatesAndItsNeighboursFault() throws IOException {
        assumeTrue(Files.exists(CAPTURE), () -> "skipped: " + CAPTURE.toAbsolutePath().normalize() + " is not there");
        try (var interrupts = new InterruptController("capture")) {
            var unit = unit(interrupts);
            var rows = rows();
            assertThat(rows).hasSizeGreaterThan(5_000);
            rows.forEach(row -> assertTranslates(unit, row));
            assertThat(assertNeighboursFault(unit, rows)).isGreaterThan(1_000);
            assertThat(rows.stream().filter(row -> row.source.equals("walker") && Long.bitCount(row.size) == 1 && row.size > PAGE
                    && unit.probe(row.rid, Pasid.NONE, row.iova, Access.READ) instanceof Translation.Mapped mapped
                    && mapped.size() == row.size)).as("pages of encoded sizes are met").hasSizeGreaterThan(30);
        }
    }

    private static void assertTranslates(AmdviUnit unit, Expected row) {
        if (row.size == 0) {
            var mapped = mapped(unit, row, row.iova);
            assertThat(mapped.address() & -mapped.size()).as(row.toString()).isEqualTo(row.pa);
            return;
        }
        long step = Math.max(PAGE, row.size / RUN_SAMPLES & -PAGE);
        for (long at = 0; at < row.size; at += step) {
            assertPage(unit, row, at);
        }
        assertPage(unit, row, row.size - PAGE);
    }

    private static Translation.Mapped mapped(AmdviUnit unit, Expected row, long iova) {
        var read = unit.probe(row.rid, Pasid.NONE, iova, row.writable ? Access.WRITE : Access.READ);
        assertThat(read).as("%s at %x", row, iova).isInstanceOf(Translation.Mapped.class);
        return (Translation.Mapped) read;
    }

    private static void assertPage(AmdviUnit unit, Expected row, long offset) {
        var mapped = mapped(unit, row, row.iova + offset + 0x123);
        assertThat(mapped.address()).as("%s + %x", row, offset).isEqualTo(row.pa + offset + 0x123);
        if (!row.writable && row.source.equals("walker")) {
            assertThat(mapped.prot() & Prot.WRITE).as("%s + %x", row, offset).isZero();
        }
    }

    private static int assertNeighboursFault(AmdviUnit unit, List<Expected> rows) {
        var runs = runs(rows);
        int checked = 0;
        for (var row : rows) {
            if (row.size == 0 || unit.probe(row.rid, Pasid.NONE, row.iova, Access.WRITE) instanceof Translation.Mapped mapped
                    && mapped.size() == 0) {
                continue;
            }
            for (long iova : new long[] {row.iova - PAGE, row.iova + row.size}) {
                var before = runs.get(row.rid).floorEntry(iova);
                boolean known = before != null && before.getValue() > iova;
                if (!known && iova >= 0 && !InterruptController.isInterruptAddress(iova)) {
                    assertThat(unit.probe(row.rid, Pasid.NONE, iova, Access.READ)).as("%x beside %s", iova, row)
                            .isInstanceOfSatisfying(Translation.Fault.class,
                                    fault -> assertThat(fault.code()).isEqualTo(EventCode.IO_PAGE_FAULT.code()));
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
            ofDevice.merge(start, row.iova + Math.max(row.size, PAGE), Math::max);
        });
        return runs;
    }

    private static List<Expected> rows() throws IOException {
        var rows = new ArrayList<Expected>();
        for (var line : Files.readAllLines(CAPTURE.resolve("expected.tsv"))) {
            var columns = line.split("\t");
            if (columns[columns.length - 1].equals("yes")) {
                rows.add(Expected.of(columns));
            }
        }
        return rows;
    }

    /** The unit as the kernel had set it up. */
    private static AmdviUnit unit(InterruptController interrupts) throws IOException {
        Map<Integer, Long> words = new HashMap<>();
        for (var line : Files.readAllLines(CAPTURE.resolve("registers.tsv"))) {
            if (!line.startsWith("#")) {
                var columns = line.split("\\s+");
                words.put((int) (Long.decode(columns[0]) - REGISTERS), Long.decode(columns[1]));
            }
        }
        var header = IommuCapability.IOTLBSUP.mask() | IommuCapability.NPCACHE.mask() | IommuCapability.EFRSUP.mask();
        var capabilities = new AmdviCapabilities(register(words, ExtendedFeatureRegister.OFFSET), 0, header);
        var memory = memory();
        var unit = new AmdviUnit(new UnitPlace(null, "ivhd0", REGISTERS, 0), capabilities, memory,
                new UnitArena("ivhd0", memory, new PageAllocator(memory.map(), List.of())), interrupts);
        unit.registers().write64(DeviceTableBaseRegister.OFFSET, register(words, DeviceTableBaseRegister.OFFSET));
        long control = register(words, ControlRegister.OFFSET);
        assertThat(ControlRegister.IOMMUEN.isSet(control)).isTrue();
        // Without the command buffer and the log, which are not to go on from where they were.
        unit.registers().write64(ControlRegister.OFFSET, ControlRegister.CMDBUFEN.clear(ControlRegister.EVENTLOGEN.clear(control)));
        return unit;
    }

    private static HeapMemory memory() throws IOException {
        Map<Long, byte[]> pages = new TreeMap<>();
        try (var in = new DataInputStream(new GZIPInputStream(Files.newInputStream(CAPTURE.resolve("memory.bin.gz"))))) {
            while (true) {
                byte[] address = in.readNBytes(Long.BYTES);
                if (address.length < Long.BYTES) {
                    break;
                }
                pages.put(Long.reverseBytes(new java.math.BigInteger(1, address).longValue()), in.readNBytes((int) PAGE));
            }
        }
        var memory = new HeapMemory(new AddressMap(List.of(new AddressMap.Range(0, 2L << 30),
                new AddressMap.Range(4L << 30, 2L << 30))));
        pages.forEach((address, bytes) -> memory.write(address, bytes, 0, bytes.length));
        return memory;
    }

    private static long register(Map<Integer, Long> words, int offset) {
        return words.get(offset) | words.get(offset + 4) << 32;
    }
}
