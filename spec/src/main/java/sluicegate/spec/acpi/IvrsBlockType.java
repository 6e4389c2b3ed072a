package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of blocks, AMD-Vi 5.2.1: the values of {@link IvrsBlock#TYPE}. */
public enum IvrsBlockType {
    /** Hardware definition, for legacy software. */
    IVHD_10(0x10, "hardware definition, for legacy software"),
    /** Hardware definition with feature registers. */
    IVHD_11(0x11, "hardware definition with feature registers"),
    /** Memory definition for all devices. */
    IVMD_ALL(0x20, "memory definition for all devices"),
    /** Memory definition for one device. */
    IVMD_SELECT(0x21, "memory definition for one device"),
    /** Memory definition for a range of devices. */
    IVMD_RANGE(0x22, "memory definition for a range of devices"),
    /** Hardware definition with feature registers and ACPI devices. */
    IVHD_40(0x40, "hardware definition with feature registers and ACPI devices");

    private final int code;
    private final String meaning;

    IvrsBlockType(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the TYPE field. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** The one with that code; empty for any other. */
    public static Optional<IvrsBlockType> of(long code) {
        for (IvrsBlockType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
