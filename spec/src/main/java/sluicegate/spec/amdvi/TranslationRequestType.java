package sluicegate.spec.amdvi;

import java.util.Optional;

/**
 * Which translation request INVALID_DEVICE_REQUEST tells of, section 2.5.9: with TR set.
 */
public enum TranslationRequestType {
    /** A translation request of a device with DTE.I or DTE.V clear, or with DTE.TV clear. */
    NOT_ENABLED(0x0, "a translation request of a device with DTE.I or DTE.V clear, or with DTE.TV clear"),
    /** A translation request for an address that is not translated. */
    BAD_RANGE(0x1, "a translation request for an address that is not translated");

    private final int code;
    private final String meaning;

    TranslationRequestType(int code, String meaning) {
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
    public static Optional<TranslationRequestType> of(long code) {
        for (TranslationRequestType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
