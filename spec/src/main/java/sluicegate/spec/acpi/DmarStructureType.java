package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of remapping structures, VT-d 8.2: the values of {@link DmarStructure#TYPE}. */
public enum DmarStructureType {
    /** DMA remapping hardware unit definition. */
    DRHD(0x00, "DMA remapping hardware unit definition"),
    /** Reserved memory region reporting. */
    RMRR(0x01, "reserved memory region reporting"),
    /** Root port ATS capability reporting. */
    ATSR(0x02, "root port ATS capability reporting"),
    /** Remapping hardware static affinity. */
    RHSA(0x03, "remapping hardware static affinity"),
    /** ACPI name-space device declaration. */
    ANDD(0x04, "ACPI name-space device declaration"),
    /** SoC integrated address translation cache reporting. */
    SATC(0x05, "SoC integrated address translation cache reporting"),
    /** SoC integrated device property reporting. */
    SIDP(0x06, "SoC integrated device property reporting");

    private final int code;
    private final String meaning;

    DmarStructureType(int code, String meaning) {
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
    public static Optional<DmarStructureType> of(long code) {
        for (DmarStructureType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
