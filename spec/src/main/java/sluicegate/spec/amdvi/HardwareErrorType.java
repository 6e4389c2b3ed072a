package sluicegate.spec.amdvi;

import java.util.Optional;

/**
 * Why an access of the unit itself failed: TYPE of hardware error events, section 2.5.4.
 */
public enum HardwareErrorType {
    /** Nothing is at the address. */
    MASTER_ABORT(0x1, "nothing is at the address"),
    /** The access was refused. */
    TARGET_ABORT(0x2, "the access was refused"),
    /** The data was poisoned. */
    DATA_ERROR(0x3, "the data was poisoned");

    private final int code;
    private final String meaning;

    HardwareErrorType(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the record. */
    public int code() {
        return code;
    }

    /** One line for a person. */
    public String meaning() {
        return meaning;
    }

    /** The value with that code; empty for a reserved one. */
    public static Optional<HardwareErrorType> of(long code) {
        for (HardwareErrorType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
