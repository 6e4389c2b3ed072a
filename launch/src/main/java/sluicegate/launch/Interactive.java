package sluicegate.launch;

import java.io.IOError;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.apache.felix.gogo.jline.Expander;
import org.apache.felix.gogo.jline.Highlighter;
import org.apache.felix.gogo.jline.Parser;
import org.apache.felix.gogo.jline.Shell;
import org.apache.felix.gogo.runtime.CommandSessionImpl;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Job;
import org.jline.builtins.Completers;
import org.jline.builtins.Completers.CompletionData;
import org.jline.builtins.Completers.CompletionEnvironment;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.terminal.Terminal;
import org.jline.utils.AttributedStringBuilder;
import org.jline.utils.AttributedStyle;

/**
 * The conversation with a person: line editing, history, completion. It does what {@code gosh} does, except that a failing
 * command is told in one line that says what was wrong rather than which class said so.
 */
final class Interactive {
    private final CommandSession session;
    private final Terminal terminal;
    private final BooleanSupplier stopping;
    private final LineReader reader;

    Interactive(CommandSession session, Terminal terminal, BooleanSupplier stopping) {
        this.session = session;
        this.terminal = terminal;
        this.stopping = stopping;
        this.reader = LineReaderBuilder.builder().appName("sluicegate").terminal(terminal)
                .variables(((CommandSessionImpl) session).getVariables())
                .completer(new Completers.Completer(new SessionCompletion(session))).highlighter(new Highlighter(session))
                .parser(new Parser()).expander(new Expander(session)).build();
        reader.setOpt(LineReader.Option.AUTO_FRESH_LINE);
        session.put(Shell.VAR_READER, reader);
        session.put(Shell.VAR_COMPLETIONS, new HashMap<String, List<CompletionData>>());
    }

    /** Reads and runs lines until the person leaves; returns the exit status. */
    int run(Runner runner) {
        terminal.handle(Terminal.Signal.INT, signal -> {
            Job job = session.foregroundJob();
            if (job != null) {
                job.interrupt();
            }
        });
        try {
            while (!stopping.getAsBoolean()) {
                try {
                    runner.run(reader.readLine(Shell.getPrompt(session), Shell.getRPrompt(session), (Character) null, null));
                } catch (UserInterruptException e) {
                    continue; // Ctrl-C drops the line, not the shell
                } catch (EndOfFileException | IOError e) {
                    break; // Ctrl-D, or the terminal went away
                } catch (ExitRequest e) {
                    return e.status();
                } catch (Exception e) {
                    session.put(Shell.VAR_EXCEPTION, e); // "e" prints its stack trace
                    fail(ExitStatus.describe(e));
                }
            }
            return ExitStatus.OK;
        } finally {
            save();
        }
    }

    /** Says in one line, in red where there is colour, what went wrong. */
    void fail(String message) {
        AttributedStringBuilder text = new AttributedStringBuilder();
        text.styled(AttributedStyle.DEFAULT.foreground(AttributedStyle.RED), message);
        terminal.writer().println(text.toAnsi(terminal));
        terminal.flush();
    }

    private void save() {
        try {
            reader.getHistory().save();
        } catch (IOException e) {
            fail("history not saved: " + e.getMessage());
        }
    }

    /** What JLine's completer wants to know, answered from the session. */
    private record SessionCompletion(CommandSession session) implements CompletionEnvironment {

        @Override
        public Map<String, List<CompletionData>> getCompletions() {
            return Shell.getCompletions(session);
        }

        @Override
        public Set<String> getCommands() {
            return Shell.getCommands(session);
        }

        /** The command that the first scope has which has one, as execution finds it; Shell.resolve takes the last. */
        @Override
        public String resolveCommand(String command) {
            if (command.indexOf(':') >= 0) {
                return command;
            }
            Set<String> commands = getCommands();
            return Arrays.stream(String.valueOf(session.get(Shell.VAR_SCOPE)).split(":"))
                    .flatMap(scope -> commands.stream().filter(name -> scope.equals("*")
                            ? name.endsWith(":" + command)
                            : name.equals(scope + ":" + command)))
                    .findFirst().orElse(command);
        }

        @Override
        public String commandName(String command) {
            return command.substring(command.indexOf(':') + 1);
        }

        @Override
        public Object evaluate(LineReader reader, ParsedLine line, String function) throws Exception {
            session.put(Shell.VAR_COMMAND_LINE, line);
            return session.execute(function);
        }
    }
}
