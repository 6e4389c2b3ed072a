package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Entry of a PASID table: how requests with one PASID of one device are translated.
 *
 * <p>Fields of features that a unit lacks are reserved: PGSNP (ECAP.SC), PWSNP (SMPWCS), SSADE (SSADS), EAFE (EAFS),
 * SRE, WPE and SMEP (SRS), ERE, NXE and SSEE (ERS), and all that concerns memory types (MTS). Bits of the pointers
 * above the host address width are reserved, except of FSPTPTR in nested translation, where it is a guest address.
 *
 * <p>Fields above bit 63 are taken from the word that holds them: bits 127:64 from word 1, bits 191:128 from word 2.
 * Revisions before 3.2 and Linux say SLPTPTR, SLADE, FLPTPTR and FLPM.
 *
 * <pre>
 *   511 192
 * +---------+
 * |    0    |
 * +---------+
 *   191 160
 * +---------+
 * | FSPTPTR |
 * +---------+
 *   159 140   139 136   135    134    133   132   131 130   129   128
 * +---------+---------+------+------+-----+-----+---------+-----+-----+
 * | FSPTPTR |    0    | EAFE | SMEP | NXE | WPE |   FSPM  | ERE | SRE |
 * +---------+---------+------+------+-----+-----+---------+-----+-----+
 *   127 96
 * +--------+
 * |  PAT   |
 * +--------+
 *    95    94   93 91    90    89     88      87    86 80   79 64
 * +-----+-----+-------+------+----+-------+-------+-------+-------+
 * | PCD | PWT |  EMT  | EMTE | CD | PGSNP | PWSNP |   0   |  DID  |
 * +-----+-----+-------+------+----+-------+-------+-------+-------+
 *    63 32
 * +---------+
 * | SSPTPTR |
 * +---------+
 *    31 12    11 10     9     8 6     5     4 2    1    0
 * +---------+-------+-------+------+------+-----+-----+---+
 * | SSPTPTR |   0   | SSADE | PGTT | SSEE |  AW | FPD | P |
 * +---------+-------+-------+------+------+-----+-----+---+
 * </pre>
 */
public final class PasidEntry {

    private static final String SECTION = "9.6";

    /** Bits 191:140: first-stage page-table pointer. */
    public static final Field FSPTPTR = Field.address("FSPTPTR", 191, 140, SECTION, "first-stage page-table pointer");
    /** Bit 135: extended-accessed flags of first-stage entries are kept. */
    public static final Field EAFE = Field.bit("EAFE", 135, SECTION,
            "extended-accessed flags of first-stage entries are kept");
    /** Bit 134: supervisor requests may not execute user pages. */
    public static final Field SMEP = Field.bit("SMEP", 134, SECTION, "supervisor requests may not execute user pages");
    /** Bit 133: execute-disable bits of first-stage entries count. */
    public static final Field NXE = Field.bit("NXE", 133, SECTION, "execute-disable bits of first-stage entries count");
    /** Bit 132: write protection holds for supervisor requests too. */
    public static final Field WPE = Field.bit("WPE", 132, SECTION,
            "write protection holds for supervisor requests too");
    /** Bits 131:130: depth of the first stage, see FirstStageMode. */
    public static final Field FSPM = Field.bits("FSPM", 131, 130, SECTION,
            "depth of the first stage, see FirstStageMode");
    /** Bit 129: requests for execute permission are allowed. */
    public static final Field ERE = Field.bit("ERE", 129, SECTION, "requests for execute permission are allowed");
    /** Bit 128: requests with supervisor privilege are allowed. */
    public static final Field SRE = Field.bit("SRE", 128, SECTION, "requests with supervisor privilege are allowed");
    /** Bits 127:96: page attribute table. */
    public static final Field PAT = Field.bits("PAT", 127, 96, SECTION, "page attribute table");
    /** Bit 95: page-level cache disable of the topmost first-stage table. */
    public static final Field PCD = Field.bit("PCD", 95, SECTION,
            "page-level cache disable of the topmost first-stage table");
    /** Bit 94: page-level write-through of the topmost first-stage table. */
    public static final Field PWT = Field.bit("PWT", 94, SECTION,
            "page-level write-through of the topmost first-stage table");
    /** Bits 93:91: extended memory type of first-stage tables. */
    public static final Field EMT = Field.bits("EMT", 93, 91, SECTION, "extended memory type of first-stage tables");
    /** Bit 90: extended memory types are used. */
    public static final Field EMTE = Field.bit("EMTE", 90, SECTION, "extended memory types are used");
    /** Bit 89: cache disable. */
    public static final Field CD = Field.bit("CD", 89, SECTION, "cache disable");
    /** Bit 88: accesses to pages snoop. */
    public static final Field PGSNP = Field.bit("PGSNP", 88, SECTION, "accesses to pages snoop");
    /** Bit 87: walks of page tables snoop. */
    public static final Field PWSNP = Field.bit("PWSNP", 87, SECTION, "walks of page tables snoop");
    /** Bits 79:64: domain id. */
    public static final Field DID = Field.bits("DID", 79, 64, SECTION, "domain id");
    /** Bits 63:12: second-stage page-table pointer. */
    public static final Field SSPTPTR = Field.address("SSPTPTR", 63, 12, SECTION, "second-stage page-table pointer");
    /** Bit 9: accessed and dirty bits of second-stage entries are kept. */
    public static final Field SSADE = Field.bit("SSADE", 9, SECTION,
            "accessed and dirty bits of second-stage entries are kept");
    /** Bits 8:6: translation type, see PasidTranslationType. */
    public static final Field PGTT = Field.bits("PGTT", 8, 6, SECTION, "translation type, see PasidTranslationType");
    /** Bit 5: execute permission of second-stage entries counts. */
    public static final Field SSEE = Field.bit("SSEE", 5, SECTION, "execute permission of second-stage entries counts");
    /** Bits 4:2: address width of the second stage, see AddressWidth. */
    public static final Field AW = Field.bits("AW", 4, 2, SECTION,
            "address width of the second stage, see AddressWidth");
    /** Bit 1: fault processing disable: qualified faults are not recorded. */
    public static final Field FPD = Field.bit("FPD", 1, SECTION,
            "fault processing disable: qualified faults are not recorded");
    /** Bit 0: present. */
    public static final Field P = Field.bit("P", 0, SECTION, "present");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("PasidEntry", SECTION, 512,
            Field.reserved(511, 448, SECTION), Field.reserved(447, 384, SECTION),
            Field.reserved(383, 320, SECTION), Field.reserved(319, 256, SECTION),
            Field.reserved(255, 192, SECTION), FSPTPTR, Field.reserved(139, 136, SECTION), EAFE, SMEP,
            NXE, WPE, FSPM, ERE, SRE, PAT, PCD, PWT, EMT, EMTE, CD, PGSNP, PWSNP,
            Field.reserved(86, 80, SECTION), DID, SSPTPTR, Field.reserved(11, 10, SECTION), SSADE, PGTT,
            SSEE, AW, FPD, P);

    /** Size of one entry. */
    public static final int BYTES = 64;

    /** How many entries a table has. */
    public static final int COUNT = 64;

    private PasidEntry() {
    }

    /** Which entry of its table serves a PASID. */
    public static int index(int pasid) {
        return pasid & COUNT - 1;
    }
}
