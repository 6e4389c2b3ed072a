package sluicegate.shell;

import java.util.Optional;
import sluicegate.api.types.IommuException;

/** A command failed: one line for whoever typed it, and for scripts the answer that says the same, if there is one. */
final class CommandFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient Optional<Item> answer;

    CommandFailure(String message) {
        super(message);
        answer = Optional.empty();
    }

    /** A failure that is an answer too: printed as JSON to those who asked for JSON. */
    CommandFailure(String message, Item answer) {
        super(message);
        this.answer = Optional.of(answer);
    }

    /** What the platform refused, with its errno in front. */
    CommandFailure(IommuException cause) {
        super(cause.errno() + ": " + cause.getMessage(), cause);
        answer = Optional.empty();
    }

    Optional<Item> answer() {
        return answer;
    }
}
