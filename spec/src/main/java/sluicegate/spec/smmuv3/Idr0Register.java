package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * SMMU Identification Register 0, {@code SMMU_IDR0}: features.
 *
 * <pre>
 *   31      30      29    28 27         26          25 24          23       22 21       20     19      18      17    16
 * +----+----------+----+----------+------------+-------------+-----------+----------+-------+------+--------+-----+-----+
 * | 0  | RME_IMPL | 0  | ST_LEVEL | TERM_MODEL | STALL_MODEL | ATSRECERR | TTENDIAN | VATOS | CD2L | VMID16 | VMW | PRI |
 * +----+----------+----+----------+------------+-------------+-----------+----------+-------+------+--------+-----+-----+
 *    15     14    13     12       11      10    9       8       7 6     5      4      3 2    1     0
 * +------+-----+-----+--------+--------+-----+-----+----------+------+-----+--------+-----+-----+-----+
 * | ATOS | SEV | MSI | ASID16 | NS1ATS | ATS | HYP | DORMHINT | HTTU | BTM | COHACC | TTF | S1P | S2P |
 * +------+-----+-----+--------+--------+-----+-----+----------+------+-----+--------+-----+-----+-----+
 * </pre>
 */
public final class Idr0Register {

    private static final String SECTION = "6.3.1";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x0;

    /** Bit 30: features for realms. */
    public static final Field RME_IMPL = Field.bit("RME_IMPL", 30, SECTION, "features for realms");
    /** Bits 28:27: stream tables: 0 linear only, 1 also two-level. */
    public static final Field ST_LEVEL = Field.bits("ST_LEVEL", 28, 27, SECTION,
            "stream tables: 0 linear only, 1 also two-level");
    /** Bit 26: a terminated transaction always aborts: CD.A must be one. */
    public static final Field TERM_MODEL = Field.bit("TERM_MODEL", 26, SECTION,
            "a terminated transaction always aborts: CD.A must be one");
    /** Bits 25:24: stall model: 0 stall and terminate, 1 terminate only, 2 stall only. */
    public static final Field STALL_MODEL = Field.bits("STALL_MODEL", 25, 24, SECTION,
            "stall model: 0 stall and terminate, 1 terminate only, 2 stall only");
    /** Bit 23: more events can be recorded for ATS and PRI. */
    public static final Field ATSRECERR = Field.bit("ATSRECERR", 23, SECTION,
            "more events can be recorded for ATS and PRI");
    /** Bits 22:21: endianness of tables: 0 either, 2 little, 3 big. */
    public static final Field TTENDIAN = Field.bits("TTENDIAN", 22, 21, SECTION,
            "endianness of tables: 0 either, 2 little, 3 big");
    /** Bit 20: virtual address translation operations page. */
    public static final Field VATOS = Field.bit("VATOS", 20, SECTION, "virtual address translation operations page");
    /** Bit 19: two-level tables of context descriptors. */
    public static final Field CD2L = Field.bit("CD2L", 19, SECTION, "two-level tables of context descriptors");
    /** Bit 18: VMIDs have 16 bits, not 8. */
    public static final Field VMID16 = Field.bit("VMID16", 18, SECTION, "VMIDs have 16 bits, not 8");
    /** Bit 17: VMID wildcards in TLB invalidations. */
    public static final Field VMW = Field.bit("VMW", 17, SECTION, "VMID wildcards in TLB invalidations");
    /** Bit 16: page request interface; only with ATS. */
    public static final Field PRI = Field.bit("PRI", 16, SECTION, "page request interface; only with ATS");
    /** Bit 15: address translation operations. */
    public static final Field ATOS = Field.bit("ATOS", 15, SECTION, "address translation operations");
    /** Bit 14: events wake processors that wait. */
    public static final Field SEV = Field.bit("SEV", 14, SECTION, "events wake processors that wait");
    /** Bit 13: message signalled interrupts. */
    public static final Field MSI = Field.bit("MSI", 13, SECTION, "message signalled interrupts");
    /** Bit 12: ASIDs have 16 bits, not 8. */
    public static final Field ASID16 = Field.bit("ASID16", 12, SECTION, "ASIDs have 16 bits, not 8");
    /** Bit 11: split-stage ATS is not supported. */
    public static final Field NS1ATS = Field.bit("NS1ATS", 11, SECTION, "split-stage ATS is not supported");
    /** Bit 10: PCI Express ATS. */
    public static final Field ATS = Field.bit("ATS", 10, SECTION, "PCI Express ATS");
    /** Bit 9: EL2 and EL2-E2H stream worlds. */
    public static final Field HYP = Field.bit("HYP", 9, SECTION, "EL2 and EL2-E2H stream worlds");
    /** Bit 8: dormant hint. */
    public static final Field DORMHINT = Field.bit("DORMHINT", 8, SECTION, "dormant hint");
    /** Bits 7:6: hardware updates of tables: 0 none, 1 access flag, 2 dirty state too, 3 access flag of tables too. */
    public static final Field HTTU = Field.bits("HTTU", 7, 6, SECTION,
            "hardware updates of tables: 0 none, 1 access flag, 2 dirty state too, 3 access flag of tables too");
    /** Bit 5: broadcast TLB maintenance. */
    public static final Field BTM = Field.bit("BTM", 5, SECTION, "broadcast TLB maintenance");
    /** Bit 4: coherent access to tables, structures and queues. */
    public static final Field COHACC = Field.bit("COHACC", 4, SECTION,
            "coherent access to tables, structures and queues");
    /** Bits 3:2: table formats: bit 2 VMSAv8-32 LPAE, bit 3 VMSAv8-64. */
    public static final Field TTF = Field.bits("TTF", 3, 2, SECTION,
            "table formats: bit 2 VMSAv8-32 LPAE, bit 3 VMSAv8-64");
    /** Bit 1: stage 1 translation. */
    public static final Field S1P = Field.bit("S1P", 1, SECTION, "stage 1 translation");
    /** Bit 0: stage 2 translation. */
    public static final Field S2P = Field.bit("S2P", 0, SECTION, "stage 2 translation");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("SMMU_IDR0", SECTION, 32,
            Field.reserved(31, 31, SECTION), RME_IMPL, Field.reserved(29, 29, SECTION), ST_LEVEL, TERM_MODEL,
            STALL_MODEL, ATSRECERR, TTENDIAN, VATOS, CD2L, VMID16, VMW, PRI, ATOS, SEV, MSI, ASID16, NS1ATS, ATS,
            HYP, DORMHINT, HTTU, BTM, COHACC, TTF, S1P, S2P);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    /** {@link #STALL_MODEL}: faults stall or terminate, as configured. */
    public static final int STALL_AND_TERMINATE = 0b00;

    /** {@link #STALL_MODEL}: faults always terminate. */
    public static final int TERMINATE_ONLY = 0b01;

    /** {@link #STALL_MODEL}: faults always stall. */
    public static final int STALL_ONLY = 0b10;
    /** {@link #TTENDIAN}: either. */
    public static final int MIXED_ENDIAN = 0b00;

    /** {@link #TTENDIAN}: little-endian tables only. */
    public static final int LITTLE_ENDIAN = 0b10;

    /** {@link #TTENDIAN}: big-endian tables only. */
    public static final int BIG_ENDIAN = 0b11;
    /** {@link #HTTU}: no updates. */
    public static final int HTTU_NONE = 0b00;

    /** {@link #HTTU}: access flag. */
    public static final int HTTU_ACCESS = 0b01;

    /** {@link #HTTU}: access flag and dirty state. */
    public static final int HTTU_ACCESS_DIRTY = 0b10;
    /** {@link #TTF}: VMSAv8-64 only. */
    public static final int TTF_AARCH64 = 0b10;

    /** {@link #TTF}: both formats. */
    public static final int TTF_AARCH32_AARCH64 = 0b11;

    private Idr0Register() {
    }
}
