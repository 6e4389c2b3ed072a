package sluicegate.spec.acpi;

import java.util.Optional;

/** Types of nodes, ACPI 5.2, VIOT: the values of {@link ViotNode#TYPE}. */
public enum ViotNodeType {
    /** PCI functions behind an IOMMU. */
    PCI_RANGE(0x01, "PCI functions behind an IOMMU"),
    /** Device behind an IOMMU. */
    MMIO(0x02, "device behind an IOMMU"),
    /** Virtio-iommu on PCI. */
    VIRTIO_PCI(0x03, "virtio-iommu on PCI"),
    /** Virtio-iommu in memory. */
    VIRTIO_MMIO(0x04, "virtio-iommu in memory");

    private final int code;
    private final String meaning;

    ViotNodeType(int code, String meaning) {
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
    public static Optional<ViotNodeType> of(long code) {
        for (ViotNodeType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
