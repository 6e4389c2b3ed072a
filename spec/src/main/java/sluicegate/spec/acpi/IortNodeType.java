package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of nodes, DEN0049 3.1.1: the values of {@link IortNode#TYPE}. */
public enum IortNodeType {
    /** Group of interrupt translation services. */
    ITS_GROUP(0x00, "group of interrupt translation services"),
    /** Device that the ACPI name space names. */
    NAMED_COMPONENT(0x01, "device that the ACPI name space names"),
    /** PCI root complex. */
    ROOT_COMPLEX(0x02, "PCI root complex"),
    /** SMMU of version 1 or 2. */
    SMMU(0x03, "SMMU of version 1 or 2"),
    /** SMMU of version 3. */
    SMMU_V3(0x04, "SMMU of version 3"),
    /** Performance monitor counter group. */
    PMCG(0x05, "performance monitor counter group"),
    /** Reserved memory ranges. */
    RMR(0x06, "reserved memory ranges");

    private final int code;
    private final String meaning;

    IortNodeType(int code, String meaning) {
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
    public static Optional<IortNodeType> of(long code) {
        for (IortNodeType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
