package sluicegate.spec.acpi;

import java.util.Optional;

/** Formats of a unique id, AMD-Vi 5.2.2.2: the values of {@link IvhdHidEntry#UID_FORMAT}. */
public enum IvhdUidFormat {
    /** No unique id. */
    NONE(0x00, "no unique id"),
    /** Number of eight bytes. */
    INTEGER(0x01, "number of eight bytes"),
    /** Text. */
    STRING(0x02, "text");

    private final int code;
    private final String meaning;

    IvhdUidFormat(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the UID_FORMAT field. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** The one with that code; empty for any other. */
    public static Optional<IvhdUidFormat> of(long code) {
        for (IvhdUidFormat value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
