package sluicegate.spec.pci;

import java.util.Optional;

/** Capability ids, PCIe 7.5.3.1 and the PCI Code and ID Assignment Specification. */
public enum CapabilityId {
    /** Power management. */
    POWER_MANAGEMENT(0x01, "power management"),
    /** Accelerated graphics port. */
    AGP(0x02, "accelerated graphics port"),
    /** Vital product data. */
    VPD(0x03, "vital product data"),
    /** Slot identification. */
    SLOT_ID(0x04, "slot identification"),
    /** Message signalled interrupts. */
    MSI(0x05, "message signalled interrupts"),
    /** CompactPCI hot swap. */
    COMPACT_PCI_HOT_SWAP(0x06, "CompactPCI hot swap"),
    /** PCI-X. */
    PCI_X(0x07, "PCI-X"),
    /** HyperTransport. */
    HYPER_TRANSPORT(0x08, "HyperTransport"),
    /** Vendor specific. */
    VENDOR_SPECIFIC(0x09, "vendor specific"),
    /** Debug port. */
    DEBUG_PORT(0x0A, "debug port"),
    /** CompactPCI central resource control. */
    COMPACT_PCI_RESOURCE_CONTROL(0x0B, "CompactPCI central resource control"),
    /** Standard hot-plug controller. */
    HOT_PLUG(0x0C, "standard hot-plug controller"),
    /** Subsystem ids of a bridge. */
    SUBSYSTEM_ID(0x0D, "subsystem ids of a bridge"),
    /** AGP 8x. */
    AGP_8X(0x0E, "AGP 8x"),
    /** Secure device. */
    SECURE_DEVICE(0x0F, "secure device"),
    /** PCI Express. */
    PCI_EXPRESS(0x10, "PCI Express"),
    /** MSI-X. */
    MSI_X(0x11, "MSI-X"),
    /** SATA data and index configuration. */
    SATA(0x12, "SATA data and index configuration"),
    /** Advanced features. */
    ADVANCED_FEATURES(0x13, "advanced features"),
    /** Enhanced allocation. */
    ENHANCED_ALLOCATION(0x14, "enhanced allocation");

    private final int code;
    private final String meaning;

    CapabilityId(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the ID of a {@link CapabilityHeader}. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** The one with that code; empty for any other. */
    public static Optional<CapabilityId> of(long code) {
        for (CapabilityId value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
