package sluicegate.spec.pci;

import sluicegate.spec.ByteField;
import sluicegate.spec.ByteLayout;
import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Access Control Services: whether requests between devices below a port pass the IOMMU.
 *
 * <p>The bits of both registers stand at the same places. The egress control vector follows, 1 bit for each port or
 * function.
 *
 * <pre>
 *       +---------------------+
 *  0x00 | CAPABILITY_HEADER   | 4 bytes
 *       +---------------------+
 *  0x04 | CAPABILITY_REGISTER | 2 bytes
 *       +---------------------+
 *  0x06 | CONTROL_REGISTER    | 2 bytes
 *       +---------------------+
 *
 * The capability register:
 *   15               8      7       6    5    4    3    2    1    0
 * +--------------------+----------+----+----+----+----+----+----+----+
 * | EGRESS_VECTOR_SIZE | ENHANCED | DT | EC | UF | CR | RR | TB | SV |
 * +--------------------+----------+----+----+----+----+----+----+----+
 *
 * The control register:
 *   15 13               12               11             10   9               8   7    6    5    4    3
 * +-------+----------------------------+-------------------+-------------------+----+----+----+----+----+
 * |   0   | UNCLAIMED_REQUEST_REDIRECT | USP_MEMORY_TARGET | DSP_MEMORY_TARGET | IB | DT | EC | UF | CR |
 * +-------+----------------------------+-------------------+-------------------+----+----+----+----+----+
 *   2    1    0
 * +----+----+----+
 * | RR | TB | SV |
 * +----+----+----+
 * </pre>
 */
public final class AcsCapability {

    private static final String SECTION = "PCIe 7.7.8";

    /** Bytes of what is described here. */
    public static final int SIZE = 8;

    /** Offset 0x00: see {@link ExtendedCapabilityHeader}. */
    public static final ByteField CAPABILITY_HEADER = new ByteField("CAPABILITY_HEADER", 0x00, 4, SECTION,
            "see ExtendedCapabilityHeader");
    /** Offset 0x04: what the port can do. */
    public static final ByteField CAPABILITY_REGISTER = new ByteField("CAPABILITY_REGISTER", 0x04, 2, SECTION,
            "what the port can do");
    /** Offset 0x06: what is switched on. */
    public static final ByteField CONTROL_REGISTER = new ByteField("CONTROL_REGISTER", 0x06, 2, SECTION,
            "what is switched on");

    /** Bits 15:8: bits of the egress control vector, 0 for 256. */
    public static final Field EGRESS_VECTOR_SIZE = Field.bits("EGRESS_VECTOR_SIZE", 15, 8, SECTION,
            "bits of the egress control vector, 0 for 256");
    /** Bit 7: the controls of bits 12:7 are there. */
    public static final Field ENHANCED = Field.bit("ENHANCED", 7, SECTION, "the controls of bits 12:7 are there");
    /** Bit 6: direct translated P2P: translated requests go straight to the peer. */
    public static final Field DT = Field.bit("DT", 6, SECTION,
            "direct translated P2P: translated requests go straight to the peer");
    /** Bit 5: P2P egress control, by the egress control vector. */
    public static final Field EC = Field.bit("EC", 5, SECTION, "P2P egress control, by the egress control vector");
    /** Bit 4: upstream forwarding: redirected requests are forwarded upstream. */
    public static final Field UF = Field.bit("UF", 4, SECTION,
            "upstream forwarding: redirected requests are forwarded upstream");
    /** Bit 3: P2P completion redirect: completions are sent upstream. */
    public static final Field CR = Field.bit("CR", 3, SECTION,
            "P2P completion redirect: completions are sent upstream");
    /** Bit 2: P2P request redirect: requests are sent upstream. */
    public static final Field RR = Field.bit("RR", 2, SECTION, "P2P request redirect: requests are sent upstream");
    /** Bit 1: translation blocking: requests that are not untranslated are blocked. */
    public static final Field TB = Field.bit("TB", 1, SECTION,
            "translation blocking: requests that are not untranslated are blocked");
    /** Bit 0: source validation: the bus number of a requester is checked. */
    public static final Field SV = Field.bit("SV", 0, SECTION,
            "source validation: the bus number of a requester is checked");

    /** Bit 12: requests that no port claims are sent upstream. */
    public static final Field UNCLAIMED_REQUEST_REDIRECT = Field.bit("UNCLAIMED_REQUEST_REDIRECT", 12, SECTION,
            "requests that no port claims are sent upstream");
    /** Bits 11:10: upstream port memory target: 0 direct, 1 blocked, 2 redirected. */
    public static final Field USP_MEMORY_TARGET = Field.bits("USP_MEMORY_TARGET", 11, 10, SECTION,
            "upstream port memory target: 0 direct, 1 blocked, 2 redirected");
    /** Bits 9:8: downstream port memory target: 0 direct, 1 blocked, 2 redirected. */
    public static final Field DSP_MEMORY_TARGET = Field.bits("DSP_MEMORY_TARGET", 9, 8, SECTION,
            "downstream port memory target: 0 direct, 1 blocked, 2 redirected");
    /** Bit 7: I/O requests are blocked. */
    public static final Field IB = Field.bit("IB", 7, SECTION, "I/O requests are blocked");

    /** All of it. */
    public static final ByteLayout LAYOUT = ByteLayout.of("ACS capability", SECTION, SIZE,
            CAPABILITY_HEADER, CAPABILITY_REGISTER, CONTROL_REGISTER);

    /** The capability register. */
    public static final Layout CAPABILITY = Layout.of("ACS capability register", SECTION, 16,
            EGRESS_VECTOR_SIZE, ENHANCED, DT, EC, UF, CR, RR, TB, SV);

    /** The control register. */
    public static final Layout CONTROL = Layout.of("ACS control register", SECTION, 16,
            Field.reserved(15, 13, SECTION), UNCLAIMED_REQUEST_REDIRECT, USP_MEMORY_TARGET, DSP_MEMORY_TARGET, IB,
            DT, EC, UF, CR, RR, TB, SV);

    /** Offset of the egress control vector. */
    public static final int EGRESS_CONTROL_VECTOR = 0x08;

    /** What must be on for a port to isolate what is below it: SV, RR, CR and UF. */
    public static final long ISOLATION = SV.mask() | RR.mask() | CR.mask() | UF.mask();

    private AcsCapability() {
    }
}
