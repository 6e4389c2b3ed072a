package sluicegate.qemu.qtest;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.ArrayDeque;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * The file that QEMU's standard error goes to, read as it grows: lines that the witness understands are its, of the others
 * the last few sentences are kept for people. Not thread-safe; the channel's lock guards it.
 */
final class Transcript implements AutoCloseable {
    private static final int KEPT_LINES = 4;
    private static final int LONGEST_LINE = 4096;
    /** From here on the room that the file takes is given back to the host; QEMU goes on writing behind the hole. */
    private static final long ROOM = 4L << 20;

    private final RandomAccessFile file;
    private final Witness witness;
    private final ArrayDeque<String> messages = new ArrayDeque<>();
    private final Line line = new Line();
    private final byte[] buffer = new byte[2 * LONGEST_LINE];
    private int filled;
    private long read;
    private long released;

    Transcript(Path path, Witness witness) {
        this.witness = witness;
        try {
            file = new RandomAccessFile(path.toFile(), "rw");
        } catch (IOException e) {
            throw new IommuException(Errno.EIO, path + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads what is new. Not through a channel: that would be closed by an interrupt of the calling thread. */
    void follow() throws IOException {
        int count;
        while ((count = file.read(buffer, filled, buffer.length - filled)) > 0) {
            filled += count;
            read += count;
            split();
        }
        if (read - released > ROOM) {
            released = read;
            file.setLength(0);
            file.seek(read);
        }
    }

    private void split() {
        int start = 0;
        for (int at = 0; at < filled; at++) {
            if (buffer[at] == '\n') {
                take(start, at);
                start = at + 1;
            }
        }
        if (start == 0 && filled >= LONGEST_LINE) {
            take(0, filled);
            start = filled;
        }
        System.arraycopy(buffer, start, buffer, 0, filled - start);
        filled -= start;
    }

    private void take(int from, int to) {
        line.set(buffer, from, to);
        if (to > from && !witness.read(line) && isMessage()) {
            if (messages.size() == KEPT_LINES) {
                messages.removeFirst();
            }
            messages.addLast(line.toString());
        }
    }

    /** Whether a line is a sentence to people, not one of the registers that QEMU prints when it aborts. */
    private boolean isMessage() {
        return line.startsWith("qemu") && !line.contains(": warning: ") || line.startsWith("ERROR:") || line.startsWith("setpriv") || line.startsWith("sh:");
    }

    /** The last sentences, in one. */
    String messages() {
        return String.join("; ", messages);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
