package sluicegate.spec.amdvi;

import java.util.Optional;

/**
 * How long a device may take to answer an invalidation: ControlRegister.INVTIMEOUT, section 3.4.
 */
public enum InvalidationTimeout {
    /** No limit. */
    NONE(0x0, "no limit"),
    /** 1 ms. */
    MS_1(0x1, "1 ms"),
    /** 10 ms. */
    MS_10(0x2, "10 ms"),
    /** 100 ms. */
    MS_100(0x3, "100 ms"),
    /** 1 s. */
    S_1(0x4, "1 s"),
    /** 10 s. */
    S_10(0x5, "10 s"),
    /** 100 s. */
    S_100(0x6, "100 s");

    private final int code;
    private final String meaning;

    InvalidationTimeout(int code, String meaning) {
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
    public static Optional<InvalidationTimeout> of(long code) {
        for (InvalidationTimeout value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
