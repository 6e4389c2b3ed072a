package sluicegate.shell;

import java.io.IOException;
import java.io.Reader;

/**
 * Text line by line, whatever its lines are: one that is too long for what is expected is cut, not kept. Used by one thread.
 */
final class ShortLines {
    private final Reader reader;
    private final int limit;
    private final StringBuilder line = new StringBuilder();
    private boolean cut;
    private boolean ended;

    /** @param limit how many characters of a line are kept */
    ShortLines(Reader reader, int limit) {
        this.reader = reader;
        this.limit = limit;
    }

    /** Reads the next line. Returns false if there is none. */
    boolean next() throws IOException {
        line.setLength(0);
        cut = false;
        if (ended) {
            return false;
        }
        for (int c = reader.read(); c != '\n'; c = reader.read()) {
            if (c < 0) {
                ended = true;
                return line.length() != 0 || cut;
            }
            if (line.length() < limit) {
                line.append((char) c);
            } else {
                cut = true;
            }
        }
        return true;
    }

    /** The line, without its end. */
    String line() {
        return line.toString();
    }

    /** Whether the line was longer than the limit. */
    boolean cut() {
        return cut;
    }
}
