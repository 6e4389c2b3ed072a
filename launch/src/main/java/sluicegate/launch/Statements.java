package sluicegate.launch;

import java.util.ArrayList;
import java.util.List;

import org.apache.felix.gogo.runtime.EOFError;
import org.apache.felix.gogo.runtime.Parser;
import org.apache.felix.gogo.runtime.Parser.Executable;
import org.apache.felix.gogo.runtime.Parser.Statement;
import org.apache.felix.gogo.runtime.Token;

/**
 * A program cut into its statements. Gogo runs a program as a whole and hands back the result of its last statement only; the
 * results of all others are lost. Run one by one, each can show what it answered.
 */
final class Statements {

    /**
     * @param text what to execute
     * @param assignment whether this puts a value into a variable, which is no news to whoever wrote it
     */
    record One(String text, boolean assignment) {
    }

    private Statements() {
    }

    /** Whether the text ends in the middle of something, so that another line may complete it. */
    static boolean incomplete(CharSequence text) {
        try {
            new Parser(text).program();
            return false;
        } catch (EOFError e) {
            return true;
        } catch (RuntimeException e) {
            return false; // wrong rather than unfinished: executing it will say so
        }
    }

    static List<One> of(String text) {
        List<One> statements = new ArrayList<>();
        Token first = null;
        Token last = null;
        int parts = 0;
        for (Executable part : new Parser(text).program().tokens()) {
            if (Token.eq(";", part) || Token.eq("\n", part)) {
                add(statements, text, first, last, parts);
                first = null;
                parts = 0;
                continue;
            }
            if (first == null) {
                first = part;
            }
            last = part;
            parts++;
        }
        add(statements, text, first, last, parts);
        return statements;
    }

    private static void add(List<One> statements, String text, Token first, Token last, int parts) {
        if (first == null) {
            return;
        }
        boolean assignment = parts == 1 && first instanceof Statement statement && statement.tokens().size() > 1
                && Token.eq("=", statement.tokens().get(1));
        String source = text.substring(first.start(), last.start() + last.length());
        if (!source.isBlank()) {
            statements.add(new One(source, assignment));
        }
    }
}
