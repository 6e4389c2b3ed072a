package sluicegate.hw.vtd;

import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.FaultRecord;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.api.types.Hex;
import sluicegate.api.types.Pasid;
import sluicegate.api.types.WalkStep;
import sluicegate.hw.common.Patience;
import sluicegate.spec.vtd.FaultReason;

/**
 * Logs the entries that a request which faulted has met ({@code dmar_fault_dump_ptes}): as they are when the fault is taken, which may
 * be later than the fault. Only the first ten in five seconds are shown: a device may fault without end.
 */
final class FaultDump {
    private static final int BURST = 10;
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final TableWalk walk;
    private final Patience clock;
    private final Consumer<String> log;
    private long begun;
    private int shown;

    FaultDump(VtdCapabilities capabilities, VtdWindow window, PhysicalMemory memory) {
        this(new TableWalk(capabilities, window, memory), window.patience(),
                LoggerFactory.getLogger(FaultDump.class)::info);
    }

    FaultDump(TableWalk walk, Patience clock, Consumer<String> log) {
        this.walk = walk;
        this.clock = clock;
        this.log = log;
    }

    /** One thread at a time. */
    void show(FaultRecord fault) {
        if (!isAboutTables(fault.code())) {
            return;
        }
        long now = clock.begin();
        if (shown == 0 || now - begun > INTERVAL_NANOS) {
            begun = now;
            shown = 0;
        }
        if (shown < BURST) {
            shown++;
            log.accept(text(fault));
        }
    }

    /** Faults of interrupt requests have met no entry of these tables. */
    private static boolean isAboutTables(int code) {
        return code < FaultReason.INTERRUPT_REQUEST_RESERVED.code() || code >= FaultReason.ROOT_TABLE_ADDRESS_INVALID.code();
    }

    private String text(FaultRecord fault) {
        var lines = new StringJoiner("\n  ");
        lines.add(String.format("%s: source %04x%s at %s: %s; its tables are:", walk.window().unit(), fault.sourceId(),
                fault.pasid() == Pasid.NONE ? "" : ", PASID " + fault.pasid() + ",", Hex.of(fault.iova()), fault.name()));
        for (var step : walk.walk(fault.sourceId(), fault.pasid(), fault.iova())) {
            lines.add(step.entry() + " at " + Hex.of(step.address()) + words(step) + ": " + step.outcome());
        }
        return lines.toString();
    }

    private static String words(WalkStep step) {
        var words = new StringJoiner(" ", " is ", "").setEmptyValue("");
        step.words().forEach(word -> words.add(Hex.of(word)));
        return words.toString();
    }
}
