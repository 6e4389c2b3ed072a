package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of nodes, RIMT 2: the values of {@link RimtNode#TYPE}. */
public enum RimtNodeType {
    /** RISC-V IOMMU. */
    IOMMU(0x00, "RISC-V IOMMU"),
    /** PCI root complex. */
    ROOT_COMPLEX(0x01, "PCI root complex"),
    /** Device that the ACPI name space names. */
    PLATFORM_DEVICE(0x02, "device that the ACPI name space names");

    private final int code;
    private final String meaning;

    RimtNodeType(int code, String meaning) {
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
    public static Optional<RimtNodeType> of(long code) {
        for (RimtNodeType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
