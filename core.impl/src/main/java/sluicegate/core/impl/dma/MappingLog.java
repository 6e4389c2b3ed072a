package sluicegate.core.impl.dma;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.dma.DmaDirection;
import sluicegate.api.dma.DmaMappers.Kind;
import sluicegate.api.dma.DmaMappers.Report;
import sluicegate.api.types.Hex;

/** Remembers who mapped what, and compares that with how it is used and unmapped ({@code kernel/dma/debug.c}). Thread-safe. */
final class MappingLog {
    private static final Logger LOG = LoggerFactory.getLogger(MappingLog.class);
    private static final int REPORTS = 256;

    /** By what a buffer was mapped. */
    enum Function {
        SINGLE("mapSingle"), SCATTER_LIST("mapScatterList"), COHERENT("allocateCoherent"), RESOURCE("mapResource");

        private final String word;

        Function(String word) {
            this.word = word;
        }
    }

    private record Mapping(Function function, long iova, long size, DmaDirection direction, List<StackTraceElement> madeAt) {}

    private volatile boolean on;
    private final Map<String, Map<Long, Mapping>> mappings = new HashMap<>();
    private final Deque<Report> reports = new ArrayDeque<>();

    boolean on() {
        return on;
    }

    synchronized void set(boolean debug) {
        on = debug;
        mappings.clear();
    }

    synchronized List<Report> reports() {
        return List.copyOf(reports);
    }

    synchronized void mapped(String device, Function function, long iova, long size, DmaDirection direction) {
        if (on) {
            mappings.computeIfAbsent(device, name -> new HashMap<>())
                    .put(iova, new Mapping(function, iova, size, direction, callers()));
        }
    }

    /** Who called the DMA layer. */
    private static List<StackTraceElement> callers() {
        return StackWalker.getInstance().walk(frames -> frames
                .dropWhile(frame -> frame.getClassName().startsWith(MappingLog.class.getPackageName() + "."))
                .limit(16).map(StackWalker.StackFrame::toStackTraceElement).toList());
    }

    synchronized void unmapped(String device, Function function, long iova, long size, DmaDirection direction) {
        if (!on) {
            return;
        }
        var mapping = mappings.getOrDefault(device, Map.of()).remove(iova);
        if (mapping == null) {
            report(device, Kind.NOT_MAPPED, Hex.range(iova, size) + " is unmapped, but nothing is mapped there: it was unmapped before, "
                    + "or never mapped", callers());
            return;
        }
        if (mapping.function != function) {
            report(device, Kind.WRONG_FUNCTION, Hex.range(iova, size) + " was mapped by " + mapping.function.word
                    + " and is unmapped as if by " + function.word, mapping.madeAt);
        }
        if (mapping.size != size) {
            report(device, Kind.WRONG_SIZE, Hex.range(iova, mapping.size) + " is unmapped with a size of " + Hex.of(size), mapping.madeAt);
        }
        if (mapping.direction != direction) {
            report(device, Kind.WRONG_DIRECTION, Hex.range(iova, size) + " was mapped " + mapping.direction + " and is unmapped "
                    + direction, mapping.madeAt);
        }
    }

    /** A part of a buffer is handed over. */
    synchronized void synced(String device, long iova, long size, DmaDirection direction) {
        if (!on) {
            return;
        }
        for (var mapping : mappings.getOrDefault(device, Map.of()).values()) {
            if (Long.compareUnsigned(iova - mapping.iova, mapping.size) < 0) {
                if (Long.compareUnsigned(iova - mapping.iova + size, mapping.size) > 0) {
                    report(device, Kind.WRONG_SIZE, Hex.range(iova, size) + " is handed over, which is more than was mapped: "
                            + Hex.range(mapping.iova, mapping.size), mapping.madeAt);
                }
                if (mapping.direction != DmaDirection.BIDIRECTIONAL && mapping.direction != direction) {
                    report(device, Kind.WRONG_DIRECTION, Hex.range(iova, size) + " was mapped " + mapping.direction
                            + " and is handed over " + direction, mapping.madeAt);
                }
                return;
            }
        }
        report(device, Kind.NOT_MAPPED, Hex.range(iova, size) + " is handed over, but nothing is mapped there", callers());
    }

    /** The device's driver is unbound: whatever is mapped by now has been forgotten. */
    synchronized void unbound(String device) {
        var left = mappings.remove(device);
        if (left != null) {
            new ArrayList<>(left.values()).forEach(mapping -> report(device, Kind.LEAK, Hex.range(mapping.iova, mapping.size) + ", mapped "
                    + mapping.direction + " by " + mapping.function.word + ", is still mapped as the driver is unbound", mapping.madeAt));
        }
    }

    private void report(String device, Kind kind, String message, List<StackTraceElement> madeAt) {
        var report = new Report(device, kind, "Device " + device + ": " + message, madeAt);
        LOG.error("{}{}", report.message(), madeAt.isEmpty() ? "" : "; at " + madeAt.get(0));
        if (reports.size() == REPORTS) {
            reports.removeFirst();
        }
        reports.addLast(report);
    }
}
