package sluicegate.spec.pci;

import java.util.Optional;

/** Extended capability ids, PCIe 7.6.3 and the PCI Code and ID Assignment Specification. */
public enum ExtendedCapabilityId {
    /** Advanced error reporting. */
    AER(0x01, "advanced error reporting"),
    /** Virtual channel. */
    VIRTUAL_CHANNEL(0x02, "virtual channel"),
    /** Device serial number. */
    SERIAL_NUMBER(0x03, "device serial number"),
    /** Power budgeting. */
    POWER_BUDGETING(0x04, "power budgeting"),
    /** Root complex link declaration. */
    ROOT_COMPLEX_LINK(0x05, "root complex link declaration"),
    /** Root complex internal link control. */
    ROOT_COMPLEX_INTERNAL_LINK(0x06, "root complex internal link control"),
    /** Root complex event collector association. */
    ROOT_COMPLEX_EVENT_COLLECTOR(0x07, "root complex event collector association"),
    /** Multi-function virtual channel. */
    MULTI_FUNCTION_VC(0x08, "multi-function virtual channel"),
    /** Virtual channel below multi-function virtual channel. */
    VIRTUAL_CHANNEL_MFVC(0x09, "virtual channel below multi-function virtual channel"),
    /** Root complex register block. */
    RCRB(0x0A, "root complex register block"),
    /** Vendor specific. */
    VENDOR_SPECIFIC(0x0B, "vendor specific"),
    /** Configuration access correlation. */
    CONFIG_ACCESS(0x0C, "configuration access correlation"),
    /** Access control services. */
    ACS(0x0D, "access control services"),
    /** Alternative routing id interpretation. */
    ARI(0x0E, "alternative routing id interpretation"),
    /** Address translation services. */
    ATS(0x0F, "address translation services"),
    /** Single root I/O virtualization. */
    SR_IOV(0x10, "single root I/O virtualization"),
    /** Multi root I/O virtualization. */
    MR_IOV(0x11, "multi root I/O virtualization"),
    /** Multicast. */
    MULTICAST(0x12, "multicast"),
    /** Page request interface. */
    PRI(0x13, "page request interface"),
    /** Reserved for AMD. */
    AMD_RESERVED(0x14, "reserved for AMD"),
    /** Resizable base address registers. */
    RESIZABLE_BAR(0x15, "resizable base address registers"),
    /** Dynamic power allocation. */
    DPA(0x16, "dynamic power allocation"),
    /** Processing hints. */
    TPH(0x17, "processing hints"),
    /** Latency tolerance reporting. */
    LTR(0x18, "latency tolerance reporting"),
    /** Secondary PCI Express. */
    SECONDARY_PCIE(0x19, "secondary PCI Express"),
    /** Protocol multiplexing. */
    PROTOCOL_MULTIPLEXING(0x1A, "protocol multiplexing"),
    /** Process address space id. */
    PASID(0x1B, "process address space id"),
    /** LN requester. */
    LN_REQUESTER(0x1C, "LN requester"),
    /** Downstream port containment. */
    DPC(0x1D, "downstream port containment"),
    /** L1 power management substates. */
    L1_PM_SUBSTATES(0x1E, "L1 power management substates"),
    /** Precision time measurement. */
    PTM(0x1F, "precision time measurement"),
    /** PCI Express over M-PHY. */
    M_PCIE(0x20, "PCI Express over M-PHY"),
    /** Function readiness status queueing. */
    FRS_QUEUEING(0x21, "function readiness status queueing"),
    /** Readiness time reporting. */
    READINESS_TIME(0x22, "readiness time reporting"),
    /** Designated vendor specific. */
    DVSEC(0x23, "designated vendor specific"),
    /** Resizable base address registers of VFs. */
    VF_RESIZABLE_BAR(0x24, "resizable base address registers of VFs"),
    /** Data link feature. */
    DATA_LINK_FEATURE(0x25, "data link feature"),
    /** Physical layer 16 GT/s. */
    PHYSICAL_LAYER_16GT(0x26, "physical layer 16 GT/s"),
    /** Lane margining at the receiver. */
    LANE_MARGINING(0x27, "lane margining at the receiver"),
    /** Hierarchy id. */
    HIERARCHY_ID(0x28, "hierarchy id"),
    /** Native enclosure management. */
    NPEM(0x29, "native enclosure management"),
    /** Physical layer 32 GT/s. */
    PHYSICAL_LAYER_32GT(0x2A, "physical layer 32 GT/s"),
    /** Data object exchange. */
    DOE(0x2E, "data object exchange"),
    /** Integrity and data encryption. */
    IDE(0x30, "integrity and data encryption");

    private final int code;
    private final String meaning;

    ExtendedCapabilityId(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    /** The value in the ID of an {@link ExtendedCapabilityHeader}. */
    public int code() {
        return code;
    }

    /** What it is, for a person. */
    public String meaning() {
        return meaning;
    }

    /** The one with that code; empty for any other. */
    public static Optional<ExtendedCapabilityId> of(long code) {
        for (ExtendedCapabilityId value : values()) {
            if (value.code == code) {
                return Optional.of(value);
            }
        }
        return Optional.empty();
    }
}
