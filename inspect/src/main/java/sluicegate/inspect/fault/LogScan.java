package sluicegate.inspect.fault;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import sluicegate.inspect.DecodedFault;
import sluicegate.inspect.DeviceNames;
import sluicegate.inspect.FaultLog;

/** Goes through a log once. Used by one thread. */
final class LogScan {
    /** Longer than any line of a kernel's; the rest of a longer one is passed over. */
    private static final int LINE_LIMIT = 2048;
    private static final List<LineReader> READERS =
            List.of(new VtdLines(), new AmdLines(), new SmmuV3Lines(), new SmmuV2Lines());

    private final DeviceNames names;
    private final List<DecodedFault> faults = new ArrayList<>();
    private int number;
    private Optional<Draft> pending = Optional.empty();
    private LineReader pendingReader = READERS.get(0);
    private int waited;

    LogScan(DeviceNames names) {
        this.names = names;
    }

    FaultLog read(Reader log) throws IOException {
        var line = new StringBuilder();
        var buffer = new char[1 << 14];
        boolean begun = false;
        for (int count = log.read(buffer); count >= 0; count = log.read(buffer)) {
            for (int i = 0; i < count; i++) {
                char c = buffer[i];
                if (c == '\n') {
                    line(line.toString());
                    line.setLength(0);
                    begun = false;
                } else {
                    begun = true;
                    if (line.length() < LINE_LIMIT && c != '\r') {
                        line.append(c);
                    }
                }
            }
        }
        if (begun) {
            line(line.toString());
        }
        flush();
        return new FaultLog(number, faults);
    }

    private void line(String line) {
        number++;
        for (var reader : READERS) {
            // What goes on with the fault before wins over what could also begin one.
            if (pending.isPresent() && pending.get().isOpen() && reader == pendingReader && !headOf(reader, line)
                    && reader.goOn(pending.get(), line)) {
                waited = 0;
                return;
            }
            var draft = reader.begin(number, line);
            if (draft.isPresent()) {
                flush();
                pending = draft;
                pendingReader = reader;
                waited = 0;
                return;
            }
        }
        if (pending.isPresent() && ++waited > pendingReader.patience()) {
            flush();
        }
    }

    /** VT-d and AMD lines that begin a fault never go on with another; SMMUv3's words in prose do. */
    private boolean headOf(LineReader reader, String line) {
        return !(reader instanceof SmmuV3Lines) && reader.begin(number, line).isPresent();
    }

    private void flush() {
        pending.ifPresent(draft -> faults.add(draft.finish(names)));
        pending = Optional.empty();
    }
}
