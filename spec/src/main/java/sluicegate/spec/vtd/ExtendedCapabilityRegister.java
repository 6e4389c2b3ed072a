package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Extended Capability Register, {@code ECAP_REG}: what more the unit can do.
 *
 * <p>FSTS, SSTS and SSADS are the names since revision 3.2; older texts and Linux say FLTS, SLTS and SLADS.
 *
 * <pre>
 *   63 54     53      52     51     50     49     48      47     46      45     44    43     42    41
 * +-------+--------+------+-----+-------+-----+--------+------+------+-------+-----+------+-----+-----+
 * |   0   | RPRIVS | ADMS | PMS | TDXIO | RPS | SMPWCS | FSTS | SSTS | SSADS | VCS | SMTS | PDS | DIT |
 * +-------+--------+------+-----+-------+-----+--------+------+------+-------+-----+------+-----+-----+
 *     40    39 35    34     33    32
 * +-------+-------+------+------+----+
 * | PASID |  PSS  | EAFS | NWFS | 0  |
 * +-------+-------+------+------+----+
 *    31    30    29   28 27    26     25   24   23 20   19 18   17 8   7    6    5    4    3    2    1
 * +-----+-----+-----+-------+------+-----+----+-------+-------+------+----+----+---+-----+----+----+----+
 * | SRS | ERS | PRS |   0   | NEST | MTS | 0  |  MHMV |   0   | IRO  | SC | PT | 0 | EIM | IR | DT | QI |
 * +-----+-----+-----+-------+------+-----+----+-------+-------+------+----+----+---+-----+----+----+----+
 *   0
 * +---+
 * | C |
 * +---+
 * </pre>
 */
public final class ExtendedCapabilityRegister {

    private static final String SECTION = "11.4.3";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x10;

    /** Bit 53: RID_PRIV field of scalable-mode context entries. */
    public static final Field RPRIVS = Field.bit("RPRIVS", 53, SECTION,
            "RID_PRIV field of scalable-mode context entries");
    /** Bit 52: abort-DMA mode of the root table address register. */
    public static final Field ADMS = Field.bit("ADMS", 52, SECTION,
            "abort-DMA mode of the root table address register");
    /** Bit 51: performance monitoring. */
    public static final Field PMS = Field.bit("PMS", 51, SECTION, "performance monitoring");
    /** Bit 50: TDX connect. */
    public static final Field TDXIO = Field.bit("TDXIO", 50, SECTION, "TDX connect");
    /** Bit 49: RID_PASID field of scalable-mode context entries; without it 0 is used. */
    public static final Field RPS = Field.bit("RPS", 49, SECTION,
            "RID_PASID field of scalable-mode context entries; without it 0 is used");
    /** Bit 48: the walk of tables below a PASID entry can snoop caches. */
    public static final Field SMPWCS = Field.bit("SMPWCS", 48, SECTION,
            "the walk of tables below a PASID entry can snoop caches");
    /** Bit 47: first-stage translation. */
    public static final Field FSTS = Field.bit("FSTS", 47, SECTION, "first-stage translation");
    /** Bit 46: second-stage translation in scalable mode. */
    public static final Field SSTS = Field.bit("SSTS", 46, SECTION, "second-stage translation in scalable mode");
    /** Bit 45: accessed and dirty bits in the second stage. */
    public static final Field SSADS = Field.bit("SSADS", 45, SECTION, "accessed and dirty bits in the second stage");
    /** Bit 44: virtual command registers are there. */
    public static final Field VCS = Field.bit("VCS", 44, SECTION, "virtual command registers are there");
    /** Bit 43: scalable mode. */
    public static final Field SMTS = Field.bit("SMTS", 43, SECTION, "scalable mode");
    /** Bit 42: a wait descriptor can drain page requests. */
    public static final Field PDS = Field.bit("PDS", 42, SECTION, "a wait descriptor can drain page requests");
    /** Bit 41: device-TLB invalidations are throttled per physical function. */
    public static final Field DIT = Field.bit("DIT", 41, SECTION,
            "device-TLB invalidations are throttled per physical function");
    /** Bit 40: requests with PASID. */
    public static final Field PASID = Field.bit("PASID", 40, SECTION, "requests with PASID");
    /** Bits 39:35: width of a PASID, less one. */
    public static final Field PSS = Field.bits("PSS", 39, 35, SECTION, "width of a PASID, less one");
    /** Bit 34: extended-accessed flag in first-stage entries. */
    public static final Field EAFS = Field.bit("EAFS", 34, SECTION, "extended-accessed flag in first-stage entries");
    /** Bit 33: no-write flag of translation requests. */
    public static final Field NWFS = Field.bit("NWFS", 33, SECTION, "no-write flag of translation requests");
    /** Bit 31: requests for supervisor privilege. */
    public static final Field SRS = Field.bit("SRS", 31, SECTION, "requests for supervisor privilege");
    /** Bit 30: requests for execute permission. */
    public static final Field ERS = Field.bit("ERS", 30, SECTION, "requests for execute permission");
    /** Bit 29: page requests. */
    public static final Field PRS = Field.bit("PRS", 29, SECTION, "page requests");
    /** Bit 26: nested translation. */
    public static final Field NEST = Field.bit("NEST", 26, SECTION, "nested translation");
    /** Bit 25: memory types. */
    public static final Field MTS = Field.bit("MTS", 25, SECTION, "memory types");
    /** Bits 23:20: greatest index mask of an interrupt entry cache invalidation. */
    public static final Field MHMV = Field.bits("MHMV", 23, 20, SECTION,
            "greatest index mask of an interrupt entry cache invalidation");
    /** Bits 17:8: place of the IOTLB registers, in units of 16 bytes. */
    public static final Field IRO = Field.bits("IRO", 17, 8, SECTION,
            "place of the IOTLB registers, in units of 16 bytes");
    /** Bit 7: snoop control: the SNP bit of second-stage entries. */
    public static final Field SC = Field.bit("SC", 7, SECTION, "snoop control: the SNP bit of second-stage entries");
    /** Bit 6: pass-through. */
    public static final Field PT = Field.bit("PT", 6, SECTION, "pass-through");
    /** Bit 4: extended interrupt mode: 32-bit APIC ids. */
    public static final Field EIM = Field.bit("EIM", 4, SECTION, "extended interrupt mode: 32-bit APIC ids");
    /** Bit 3: interrupt remapping. */
    public static final Field IR = Field.bit("IR", 3, SECTION, "interrupt remapping");
    /** Bit 2: device TLBs. */
    public static final Field DT = Field.bit("DT", 2, SECTION, "device TLBs");
    /** Bit 1: queued invalidation. */
    public static final Field QI = Field.bit("QI", 1, SECTION, "queued invalidation");
    /** Bit 0: table walks snoop processor caches. */
    public static final Field C = Field.bit("C", 0, SECTION, "table walks snoop processor caches");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("ECAP_REG", SECTION, 64,
            Field.reserved(63, 54, SECTION), RPRIVS, ADMS, PMS, TDXIO, RPS, SMPWCS, FSTS, SSTS, SSADS, VCS, SMTS,
            PDS, DIT, PASID, PSS, EAFS, NWFS, Field.reserved(32, 32, SECTION), SRS, ERS, PRS,
            Field.reserved(28, 27, SECTION), NEST, MTS, Field.reserved(24, 24, SECTION), MHMV,
            Field.reserved(19, 18, SECTION), IRO, SC, PT, Field.reserved(5, 5, SECTION), EIM, IR, DT, QI, C);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private ExtendedCapabilityRegister() {
    }

    /** Byte offset of the {@link InvalidateAddressRegister} in the register window. */
    public static int invalidateAddressOffset(long ecap) {
        return (int) IRO.get(ecap) * 16;
    }

    /** Byte offset of the {@link IotlbInvalidateRegister} in the register window. */
    public static int iotlbInvalidateOffset(long ecap) {
        return invalidateAddressOffset(ecap) + 8;
    }

    /** How many bits a PASID may have; meaningful when {@link #PASID} is set. */
    public static int pasidWidth(long ecap) {
        return (int) PSS.get(ecap) + 1;
    }
}
