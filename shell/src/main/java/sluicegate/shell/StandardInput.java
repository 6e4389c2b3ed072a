package sluicegate.shell;

import java.io.FilterInputStream;
import java.io.InputStream;
import java.util.Optional;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Process;

/** Where a command reads if it is given no file. */
final class StandardInput {
    /** How it is written in place of a file. */
    static final String NAME = "-";

    private StandardInput() {}

    /** The pipe that a command stands in, or the session's input. Closing it leaves that open for others. */
    static InputStream of(CommandSession session) {
        var in = Optional.ofNullable(Process.Utils.current()).map(Process::in).orElseGet(session::getKeyboard);
        return new FilterInputStream(in) {
            @Override
            public void close() { }
        };
    }
}
