package sluicegate.spec.acpi;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * PCI root complex: its ids are requester ids. Revision 0 ends before ADDRESS_SIZE, and PASID_CAPABILITIES count
 * since revision 4.
 *
 * <pre>
 *       +--------------------+
 *  0x00 | HEAD               | 16 bytes
 *       +--------------------+
 *  0x10 | MEMORY_PROPERTIES  | 8 bytes
 *       +--------------------+
 *  0x18 | ATS_ATTRIBUTE      | 4 bytes
 *       +--------------------+
 *  0x1c | SEGMENT            | 4 bytes
 *       +--------------------+
 *  0x20 | ADDRESS_SIZE       | 1 byte
 *       +--------------------+
 *  0x21 | PASID_CAPABILITIES | 2 bytes
 *       +--------------------+
 *  0x23 | reserved           | 1 byte
 *       +--------------------+
 *
 * The ATS attribute:
 *   31 3          2                 1               0
 * +------+------------------+---------------+---------------+
 * |  0   | PASID_FORWARDING | PRI_SUPPORTED | ATS_SUPPORTED |
 * +------+------------------+---------------+---------------+
 *
 * The PASID capabilities:
 *   15 5         4 0
 * +------+-----------------+
 * |  0   | MAX_PASID_WIDTH |
 * +------+-----------------+
 * </pre>
 */
public final class IortRootComplex {

    private static final String SECTION = "DEN0049 3.1.1";

    /** Bytes of what is described here. */
    public static final int SIZE = 36;

    /** Offset 0x00: see IortNode. */
    public static final ByteField HEAD = new ByteField("HEAD", 0x00, 16, SECTION, "see IortNode");
    /** Offset 0x10: see IortMemoryAccess. */
    public static final ByteField MEMORY_PROPERTIES = new ByteField("MEMORY_PROPERTIES", 0x10, 8, SECTION,
            "see IortMemoryAccess");
    /** Offset 0x18: what it knows of translation services. */
    public static final ByteField ATS_ATTRIBUTE = new ByteField("ATS_ATTRIBUTE", 0x18, 4, SECTION,
            "what it knows of translation services");
    /** Offset 0x1c: PCI segment. */
    public static final ByteField SEGMENT = new ByteField("SEGMENT", 0x1C, 4, SECTION, "PCI segment");
    /** Offset 0x20: bits of address that accesses carry; since revision 1. */
    public static final ByteField ADDRESS_SIZE = new ByteField("ADDRESS_SIZE", 0x20, 1, SECTION,
            "bits of address that accesses carry; since revision 1");
    /** Offset 0x21: PASIDs that it supports; since revision 4. */
    public static final ByteField PASID_CAPABILITIES = new ByteField("PASID_CAPABILITIES", 0x21, 2, SECTION,
            "PASIDs that it supports; since revision 4");

    /** Bit 2: it forwards PASIDs on translated requests. */
    public static final Field PASID_FORWARDING = Field.bit("PASID_FORWARDING", 2, SECTION,
            "it forwards PASIDs on translated requests");
    /** Bit 1: it supports page requests. */
    public static final Field PRI_SUPPORTED = Field.bit("PRI_SUPPORTED", 1, SECTION, "it supports page requests");
    /** Bit 0: it supports address translation services. */
    public static final Field ATS_SUPPORTED = Field.bit("ATS_SUPPORTED", 0, SECTION,
            "it supports address translation services");

    /** Bits 4:0: bits of PASID. */
    public static final Field MAX_PASID_WIDTH = Field.bits("MAX_PASID_WIDTH", 4, 0, SECTION, "bits of PASID");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("IORT root complex", SECTION, SIZE,
            HEAD, MEMORY_PROPERTIES, ATS_ATTRIBUTE, SEGMENT, ADDRESS_SIZE, PASID_CAPABILITIES,
            ByteField.reserved(0x23, 1, SECTION));

    /** The ATS attribute. */
    public static final Layout ATS_BITS = Layout.of("IORT root complex ATS attribute", SECTION, 32,
            Field.reserved(31, 3, SECTION), PASID_FORWARDING, PRI_SUPPORTED, ATS_SUPPORTED);

    /** The PASID capabilities. */
    public static final Layout PASID_BITS = Layout.of("IORT root complex PASID capabilities", SECTION, 16,
            Field.reserved(15, 5, SECTION), MAX_PASID_WIDTH);

    /** Bytes of a node of revision 0. */
    public static final int LEAST_SIZE = 32;

    private IortRootComplex() {
    }
}
