package sluicegate.launch;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintStream;

import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Converter;

/** Runs commands in a session, statement by statement, up to the first that fails. */
final class Runner {
    private final CommandSession session;
    private final PrintStream out;

    Runner(CommandSession session, PrintStream out) {
        this.session = session;
        this.out = out;
    }

    /** Runs a text and shows what each statement answered. */
    void run(String text) throws Exception {
        for (Statements.One statement : Statements.of(text)) {
            Object result = session.execute(statement.text());
            session.put("_", result);
            if (result != null && !statement.assignment()) {
                out.println(session.format(result, Converter.INSPECT).toString().stripTrailing());
            }
            out.flush();
        }
    }

    /**
     * Runs what a reader brings as soon as it is complete, so that another program can hold a conversation with the shell
     * through a pipe.
     */
    void run(BufferedReader reader) throws Exception {
        StringBuilder pending = new StringBuilder();
        for (String line = reader.readLine(); line != null; line = reader.readLine()) {
            if (pending.length() > 0) {
                pending.append('\n');
            }
            pending.append(line);
            if (!Statements.incomplete(pending)) {
                String text = pending.toString();
                pending.setLength(0);
                run(text);
            }
        }
        if (pending.length() > 0) {
            throw new IOException("the input ends in the middle of: " + pending.toString().lines().findFirst().orElse(""));
        }
    }
}
