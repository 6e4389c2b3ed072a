package sluicegate.spec.pci;

import java.util.Optional;

/** Device and port types, PCIe 7.5.3.2: the values of {@link PcieCapability#PORT_TYPE}. */
public enum PciePortType {
    /** PCI Express endpoint. */
    ENDPOINT(0x00, "PCI Express endpoint"),
    /** Legacy PCI Express endpoint. */
    LEGACY_ENDPOINT(0x01, "legacy PCI Express endpoint"),
    /** Root port of a root complex. */
    ROOT_PORT(0x04, "root port of a root complex"),
    /** Upstream port of a switch. */
    UPSTREAM_PORT(0x05, "upstream port of a switch"),
    /** Downstream port of a switch. */
    DOWNSTREAM_PORT(0x06, "downstream port of a switch"),
    /** Bridge from PCI Express to PCI. */
    PCIE_TO_PCI_BRIDGE(0x07, "bridge from PCI Express to PCI"),
    /** Bridge from PCI to PCI Express. */
    PCI_TO_PCIE_BRIDGE(0x08, "bridge from PCI to PCI Express"),
    /** Root complex integrated endpoint. */
    INTEGRATED_ENDPOINT(0x09, "root complex integrated endpoint"),
    /** Root complex event collector. */
    EVENT_COLLECTOR(0x0A, "root complex event collector");

    private final int code;
    private final String meaning;

    PciePortType(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the PORT_TYPE field. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** Whether what is on its secondary side is PCI Express. */
    public boolean isDownstreamFacing() {
        return this == ROOT_PORT || this == DOWNSTREAM_PORT || this == PCI_TO_PCIE_BRIDGE;
    }

    /** The one with that code; empty for any other. */
    public static Optional<PciePortType> of(long code) {
        for (PciePortType value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
