package sluicegate.launch;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.impl.DumbTerminal;

/** Makes terminals in a world of bundles. */
final class Terminals {

    private Terminals() {
    }

    /**
     * The terminal that a person sits at. JLine finds what can drive one through the context class loader and falls back to a
     * dumb terminal without a word when that loader does not know JLine.
     */
    static Terminal ofPerson() throws IOException {
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        thread.setContextClassLoader(TerminalBuilder.class.getClassLoader());
        try {
            return TerminalBuilder.builder().name("sluicegate").system(true).dumb(false).nativeSignals(true)
                    .signalHandler(Terminal.SignalHandler.SIG_IGN).build();
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    /**
     * The keyboard for commands. A command interrupted while it reads closes what it reads from, as channels do; that must
     * not take the keyboard from the shell.
     */
    static InputStream inputForCommands(Terminal terminal) {
        return new FilterInputStream(terminal.input()) {
            @Override
            public void close() {
                // stays open
            }
        };
    }

    /** Stands in where there is nobody: some of Gogo's commands ask for the terminal's type and size. */
    static Terminal ofScript(InputStream in, OutputStream out) throws IOException {
        Terminal terminal = new DumbTerminal("script", Terminal.TYPE_DUMB, in, out, StandardCharsets.UTF_8);
        Attributes attributes = terminal.getAttributes();
        attributes.setLocalFlag(Attributes.LocalFlag.ECHO, false);
        terminal.setAttributes(attributes);
        terminal.setSize(new Size(160, 50));
        return terminal;
    }
}
