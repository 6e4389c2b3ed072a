package sluicegate.spec.smmuv3;

import java.util.Optional;

/**
 * What stopped a command queue: the values of {@link CmdqConsRegister#ERR} and {@link EcmdqConsRegister#ERR_REASON}, section
 * 7.1.
 */
public enum CommandError {
    /** No error. */
    CERROR_NONE(0, "no error"),
    /** The command is unknown, not for this unit, or has an impossible value. */
    CERROR_ILL(1, "the command is unknown, not for this unit, or has an impossible value"),
    /** The command could not be read from memory. */
    CERROR_ABT(2, "the command could not be read from memory"),
    /** A CMD_SYNC waited in vain for a device to complete a CMD_ATC_INV. */
    CERROR_ATC_INV_SYNC(3, "a device did not complete a CMD_ATC_INV that the CMD_SYNC waited for");

    private final int code;
    private final String meaning;

    CommandError(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the register. */
    public int code() {
        return code;
    }

    /** One line for a person. */
    public String meaning() {
        return meaning;
    }

    /** The error with that code; empty for a reserved one. */
    public static Optional<CommandError> of(long code) {
        for (CommandError error : values()) {
            if (error.code == code) {
                return Optional.of(error);
            }
        }
        return Optional.empty();
    }
}
