package sluicegate.hw.amdvi;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sluicegate.api.driver.FaultSink;
import sluicegate.api.platform.MemoryArena;
import sluicegate.api.platform.PhysicalMemory;
import sluicegate.spec.amdvi.ControlRegister;
import sluicegate.spec.amdvi.EventLogBaseRegister;
import sluicegate.spec.amdvi.EventLogHeadRegister;
import sluicegate.spec.amdvi.EventLogTailRegister;
import sluicegate.spec.amdvi.IllegalCommandEvent;
import sluicegate.spec.amdvi.StatusRegister;

/**
 * The event log (section 2.5): faults of devices go to the core, errors of commands to who submitted them. Read by the interrupt
 * handler, and by threads that wait for a command. Thread-safe.
 */
final class EventLog {
    private static final Logger LOG = LoggerFactory.getLogger(EventLog.class);
    static final LogRing.Layout LAYOUT = new LogRing.Layout("event log", EventLogBaseRegister.OFFSET,
            EventLogBaseRegister.EVENTLEN, EventLogHeadRegister.OFFSET, EventLogTailRegister.OFFSET, ControlRegister.EVENTLOGEN,
            ControlRegister.EVENTINTEN, StatusRegister.EVENTLOGRUN, StatusRegister.EVENTOVERFLOW);
    /**
     * How often one run empties the log and reports. A device that faults without end would otherwise keep the machine's
     * interrupt thread; what comes after that is dropped as an overflow, for as many rounds, and then left to the next interrupt.
     */
    private static final int ROUNDS = 64;

    private final AmdviWindow window;
    private final LogRing ring;
    private final FaultSink sink;
    private final CommandErrors commands;

    EventLog(AmdviWindow window, PhysicalMemory memory, MemoryArena arena, FaultSink sink, CommandErrors commands) {
        this(window, new LogRing(window, memory, arena, LAYOUT), sink, commands);
    }

    EventLog(AmdviWindow window, LogRing ring, FaultSink sink, CommandErrors commands) {
        this.window = window;
        this.ring = ring;
        this.sink = sink;
        this.commands = commands;
    }

    LogRing ring() {
        return ring;
    }

    /** Takes what is there, and starts the log again if it was full. */
    void drain() {
        drain(this::report, this::drop);
    }

    private synchronized void drain(LogRing.Reader reader, LogRing.Reader whenTimeIsUp) {
        boolean lost = false;
        boolean again = true;
        for (int round = 0; again && round < 2 * ROUNDS; round++) {
            boolean report = round < ROUNDS;
            again = ring.drain(report ? reader : whenTimeIsUp) != 0;
            lost |= again && !report;
            if (ring.overflowed()) {
                ring.restart();
                lost = true;
                again = true;
            }
        }
        if (lost) {
            sink.overflow();
        }
    }

    /** Reports what an earlier driver's log holds. Who submitted a command that it tells of has left. */
    void takeLeft(LeftLog left) {
        if (left.read(this::reportLeft)) {
            sink.overflow();
        }
    }

    /** The same for a ring that goes on; before this driver has submitted any command. */
    void takeLeft() {
        drain(this::reportLeft, (low, high) -> true);
    }

    private boolean reportLeft(long low, long high) {
        if (EventDecoder.aboutCommand(low).isEmpty()) {
            sink.fault(EventDecoder.decode(low, high));
        }
        return true;
    }

    private boolean report(long low, long high) {
        if (!command(low, high)) {
            sink.fault(EventDecoder.decode(low, high));
        }
        return true;
    }

    private boolean drop(long low, long high) {
        command(low, high);
        return true;
    }

    private boolean command(long low, long high) {
        var event = EventDecoder.aboutCommand(low);
        event.ifPresent(code -> {
            long address = IllegalCommandEvent.ADDRESS.inPlace(high);
            LOG.warn("{}: {} at {}: {}", window.unit(), code, Long.toHexString(address), code.meaning());
            commands.reported(code, address);
        });
        return event.isPresent();
    }
}
