package sluicegate.spec.acpi;

import java.util.Optional;

/** What a special device is, AMD-Vi 5.2.2.2: the values of {@link IvhdSpecialEntry#VARIETY}. */
public enum IvhdSpecialVariety {
    /** I/O APIC. */
    IO_APIC(0x01, "I/O APIC"),
    /** HPET. */
    HPET(0x02, "HPET");

    private final int code;
    private final String meaning;

    IvhdSpecialVariety(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the VARIETY field. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** The one with that code; empty for any other. */
    public static Optional<IvhdSpecialVariety> of(long code) {
        for (IvhdSpecialVariety value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
