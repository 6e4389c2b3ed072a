package sluicegate.launch;

import org.apache.felix.gogo.runtime.CommandNotFoundException;

/** The exit statuses of a shell, as people know them from {@code sh}. */
final class ExitStatus {
    static final int OK = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int NOT_FOUND = 127;

    private ExitStatus() {
    }

    static int of(Throwable failure) {
        return failure instanceof CommandNotFoundException ? NOT_FOUND : FAILED;
    }

    /** A failure as one line; a stack trace helps nobody who typed a wrong address, and the log has it. */
    static String describe(Throwable failure) {
        if (failure instanceof CommandNotFoundException notFound) {
            return notFound.getCommand() + ": command not found (help lists the commands)";
        }
        if (failure instanceof InterruptedException) {
            return "interrupted";
        }
        String message = failure.getMessage();
        if (message == null || message.isBlank()) {
            return failure.getClass().getName();
        }
        return message.strip().replaceAll("\\s*\\R\\s*", " ");
    }
}
