package sluicegate.qemu.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import sluicegate.api.types.Errno;
import sluicegate.api.types.IommuException;

/**
 * A QEMU that never outlives its machine. The kernel kills it when the thread that started it ends
 * ({@code PR_SET_PDEATHSIG}, set by {@code setpriv}), so a thread of its own starts it and stays until it is gone: with this
 * process, however that ends, the thread ends and QEMU with it.
 *
 * <p>Its standard input and output carry the qtest protocol: pipes, unlike channels, stay open when a thread that uses them is
 * interrupted. Everything else that it says goes to a file. Thread-safe.
 */
public final class QemuProcess implements AutoCloseable {
    /**
     * Run by {@code sh} after {@code setpriv}: if the parent is not the one that wanted this, it ended before the signal
     * was asked for.
     */
    private static final String START = "test \"$PPID\" = \"$0\" || exit 1; exec \"$@\"";
    private static final int SIGNAL_STATUS = 128;
    private static final int POLL_MILLIS = 50;
    private static final int END_MILLIS = 5_000;

    private final String machine;
    private final Process process;
    private final Thread keeper;
    private volatile Runnable check = () -> { };
    private Runnable farewell = () -> { };
    private boolean over;

    /**
     * Starts it.
     *
     * @param machine name of the machine, for its thread and for messages
     * @param qemu the command
     * @param said the file for what it says on standard error
     * @throws IommuException ENOENT if a program is missing, EIO if the system does not start it
     */
    public QemuProcess(String machine, Programs programs, List<String> qemu, Path said) {
        this.machine = machine;
        var command = new ArrayList<String>(List.of(
                programs.require("setpriv", "util-linux", machine).toString(), "--pdeathsig", "KILL",
                "/bin/sh", "-c", START, Long.toString(ProcessHandle.current().pid())));
        command.addAll(qemu);
        var started = new CompletableFuture<Process>();
        keeper = new Thread(() -> keep(command, said, started), "sluicegate-" + machine + "-keeper");
        keeper.setDaemon(true);
        keeper.start();
        try {
            process = started.join();
        } catch (CompletionException e) {
            throw new IommuException(Errno.EIO, machine + ": QEMU does not start: " + e.getCause().getMessage(), e.getCause());
        }
    }

    private void keep(List<String> command, Path said, CompletableFuture<Process> started) {
        Process child;
        try {
            child = new ProcessBuilder(command).redirectError(said.toFile()).start();
        } catch (IOException e) {
            started.completeExceptionally(e);
            return;
        }
        started.complete(child);
        boolean running = true;
        while (running) {
            try {
                running = !child.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS);
                check.run();
            } catch (InterruptedException e) {
                // Nobody but a stray caller interrupts this thread; it may not end before the process.
                child.destroyForcibly();
            }
        }
        sayFarewell();
    }

    private void sayFarewell() {
        Runnable last;
        synchronized (this) {
            over = true;
            last = farewell;
        }
        last.run();
    }

    /**
     * Says what to call on a thread of its own; at once and on the caller's if it has ended already.
     *
     * @param often some twenty times a second while it runs
     * @param ended once, when it has ended
     */
    public void watch(Runnable often, Runnable ended) {
        boolean tooLate;
        synchronized (this) {
            check = often;
            farewell = ended;
            tooLate = over;
        }
        if (tooLate) {
            ended.run();
        }
    }

    /** Where to write requests. */
    public OutputStream requests() {
        return process.getOutputStream();
    }

    /** Where to read answers; ends when the process does. */
    public InputStream answers() {
        return process.getInputStream();
    }

    /** The process id. */
    public long pid() {
        return process.pid();
    }

    /** Kills it, without waiting for its end. */
    public void kill() {
        process.destroyForcibly();
    }

    /** How it ended; waits a moment if it is ending. Empty if it runs. */
    public OptionalInt status() {
        try {
            return process.waitFor(END_MILLIS, TimeUnit.MILLISECONDS) ? OptionalInt.of(process.exitValue()) : OptionalInt.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return process.isAlive() ? OptionalInt.empty() : OptionalInt.of(process.exitValue());
        }
    }

    /** How it ended, in words. */
    public String end() {
        var status = status();
        if (status.isEmpty()) {
            return "closed its connection";
        }
        int value = status.getAsInt();
        return value > SIGNAL_STATUS
                ? "was killed by signal " + (value - SIGNAL_STATUS) + " (status " + value + ")"
                : "ended with status " + value;
    }

    /** Kills it and waits, within reason, until it and its thread are gone. */
    @Override
    public void close() {
        process.destroyForcibly();
        try {
            keeper.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        closeQuietly(process.getOutputStream());
        closeQuietly(process.getInputStream());
    }

    private static void closeQuietly(AutoCloseable stream) {
        try {
            stream.close();
        } catch (Exception e) {
            // The other end is gone, and what was left in the pipe with it.
        }
    }

    @Override
    public String toString() {
        return "QEMU of " + machine + " (process " + process.pid() + ")";
    }
}
