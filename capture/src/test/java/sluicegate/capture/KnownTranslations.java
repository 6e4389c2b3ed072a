package sluicegate.capture;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import sluicegate.api.platform.PciAddress;
import sluicegate.api.types.Hex;

/** The captures of real kernels that lie beside the project, and the translations that are known to be in them. */
final class KnownTranslations {
    private static final Path CAPTURES = Path.of("..", "..", "shared", "data", "captures");
    private static final long PAGE = 4096;

    /** In the place of a size: the address is where the page starts, of whatever size, that the IOVA is in. */
    private static final String LEAF = "leaf-base";

    private final List<Row> rows = new ArrayList<>();
    private final List<Row> leaves = new ArrayList<>();
    /** Of each requester, what is mapped: first address to first address behind it, without overlap. */
    private final Map<Integer, TreeMap<Long, Long>> mapped = new HashMap<>();

    /**
     * A run of pages that is in the tables.
     *
     * @param requesterId 16 bits
     * @param size in bytes
     * @param perm {@code r}, {@code w} or {@code rw}
     */
    record Row(int requesterId, long iova, long address, long size, String perm) {
        /** The first, a middle and the last byte that is the first of a page, and bytes inside those pages. */
        Stream<Long> samples() {
            long last = size - PAGE;
            return Stream.of(0L, last / 2 & -PAGE, last).distinct()
                    .flatMap(offset -> Stream.of(offset, offset + 0x7f8, offset + PAGE - 1)).map(offset -> iova + offset);
        }
    }

    /** The folder of a capture; the test is skipped where there is none. */
    static Path folder(String name) {
        var folder = CAPTURES.resolve(name);
        Assumptions.assumeTrue(Files.isDirectory(folder), () -> "there is no capture " + folder.toAbsolutePath());
        return folder;
    }

    /** Reads those rows of {@code expected.tsv} that were in the tables when the machine was stopped. */
    static KnownTranslations of(Path capture) {
        var known = new KnownTranslations();
        try (var lines = Files.lines(capture.resolve("expected.tsv"))) {
            lines.skip(1).map(line -> line.split("\t")).filter(cells -> cells[6].equals("yes")).forEach(known::add);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return known;
    }

    private void add(String[] cells) {
        if (cells[4].equals(LEAF)) {
            leaves.add(new Row(PciAddress.parse(cells[1]).requesterId(), Hex.parse(cells[2]), Hex.parse(cells[3]), PAGE, cells[5]));
            return;
        }
        var row = new Row(PciAddress.parse(cells[1]).requesterId(), Hex.parse(cells[2]), Hex.parse(cells[3]),
                Hex.parse(cells[4]), cells[5]);
        rows.add(row);
        var ranges = mapped.computeIfAbsent(row.requesterId(), key -> new TreeMap<>());
        long start = row.iova();
        long end = start + row.size();
        for (var near = ranges.floorEntry(end); near != null && near.getValue() >= start; near = ranges.floorEntry(end)) {
            start = Math.min(start, near.getKey());
            end = Math.max(end, near.getValue());
            ranges.remove(near.getKey());
        }
        ranges.put(start, end);
    }

    List<Row> rows() {
        return rows;
    }

    /** Of these, only the start of the page is known that an IOVA is in. */
    List<Row> leaves() {
        return leaves;
    }

    /** Pages just before and just behind what is mapped for a requester. */
    List<Long> neighbours(int requesterId) {
        var neighbours = new ArrayList<Long>();
        mapped.get(requesterId).forEach((start, end) -> {
            if (start >= PAGE) {
                neighbours.add(start - PAGE);
                neighbours.add(start - 1);
            }
            neighbours.add(end);
            neighbours.add(end + PAGE - 1);
        });
        return neighbours;
    }

    List<Integer> requesters() {
        return mapped.keySet().stream().sorted().toList();
    }
}
