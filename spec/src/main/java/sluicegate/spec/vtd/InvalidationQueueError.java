package sluicegate.spec.vtd;

import java.util.Optional;

/**
 * What stopped the invalidation queue: the values of {@link InvalidationQueueErrorRecordRegister#IQEI}, section
 * 11.4.9.
 */
public enum InvalidationQueueError {
    /** The unit doesn't say. */
    UNKNOWN(0, "the unit does not say"),
    /** The tail points outside the queue. */
    INVALID_TAIL(1, "the tail points outside the queue"),
    /** A descriptor could not be read from memory. */
    FETCH_ERROR(2, "a descriptor could not be read from memory"),
    /** The type of a descriptor is unknown or not allowed. */
    INVALID_TYPE(3, "the type of a descriptor is unknown or not allowed"),
    /** A reserved field of a descriptor is not zero. */
    RESERVED_FIELD(4, "a reserved field of a descriptor is not zero"),
    /** The descriptor width in IQA_REG is not possible. */
    INVALID_WIDTH(5, "the descriptor width in IQA_REG is not possible"),
    /** The tail is not aligned to a descriptor of the width in use. */
    MISALIGNED_TAIL(6, "the tail is not aligned to a descriptor of the width in use"),
    /** The translation table mode in RTADDR_REG does not go with the descriptor. */
    INVALID_TABLE_MODE(7, "the translation table mode in RTADDR_REG does not go with the descriptor");

    private final int code;
    private final String meaning;

    InvalidationQueueError(int code, String meaning) {
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
    public static Optional<InvalidationQueueError> of(long code) {
        for (InvalidationQueueError error : values()) {
            if (error.code == code) {
                return Optional.of(error);
            }
        }
        return Optional.empty();
    }
}
