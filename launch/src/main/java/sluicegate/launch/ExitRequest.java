package sluicegate.launch;

/** The command {@code exit}: not a failure, but the only way out through Gogo's pipelines and closures is to throw. */
final class ExitRequest extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    ExitRequest(int status) {
        super("exit " + status, null, false, false);
        this.status = status;
    }

    int status() {
        return status;
    }
}
