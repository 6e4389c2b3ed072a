package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Stream table entry: what happens to the requests of one stream.
 *
 * <p>Fields above bit 63 are taken from the word that {@link Field#word} names, of eight. An address in words 1 to 7
 * stands where its bits stand, so that {@link Field#inPlace} is the address. Fields of stage 1 are ignored where CONFIG
 * has no stage 1, those of stage 2 where it has no stage 2; the fields that are for the Secure state only (S_S2*, S2SW,
 * S2SA, S2NSW, S2NSA), for realms or for MPAM and DPT are named and not explained.
 *
 * <pre>
 *   511 480
 * +---------+
 * |  S2POI  |
 * +---------+
 *   479 448
 * +---------+
 * |  S2POI  |
 * +---------+
 *   447   446 445   444 440   439 416
 * +-----+---------+---------+---------+
 * |  0  | S_S2SKL |    0    | S_S2TTB |
 * +-----+---------+---------+---------+
 *   415 388   387      386      385    384
 * +---------+-----+-----------+------+------+
 * | S_S2TTB |  0  | S_S2SL0_2 | S2SA | S2SW |
 * +---------+-----+-----------+------+------+
 *   383 376   375 352
 * +---------+---------+
 * |    0    |  VMSPTR |
 * +---------+---------+
 *   351 332   331   330       329         328     327 320
 * +---------+-----+-----+-------------+---------+---------+
 * |  VMSPTR | TL1 | TL0 | ASSUREDONLY | MPAM_NS |   PMG   |
 * +---------+-----+-----+-------------+---------+---------+
 *   319 304   303 302   301 296   295 294   293 288
 * +---------+---------+---------+---------+----------+
 * |  MECID  |  S_S2TG |    0    | S_S2SL0 | S_S2T0SZ |
 * +---------+---------+---------+---------+----------+
 *   287 272   271 256
 * +---------+---------+
 * |  PARTID | IMPDEF4 |
 * +---------+---------+
 *   255   254 253   252 248   247 224
 * +-----+---------+---------+---------+
 * |  0  |  S2SKL  |    0    |  S2TTB  |
 * +-----+---------+---------+---------+
 *   223 196   195      194      193     192
 * +---------+------+---------+-------+-------+
 * |  S2TTB  | S2DS | S2SL0_2 | S2NSA | S2NSW |
 * +---------+------+---------+-------+-------+
 *    191 190      189     188     187     186   185   184    183     182
 * +------------+-------+-------+--------+-----+-----+------+------+-------+
 * | DPT_VMATCH | S2POE | S2PIE | S2HAFT | S2R | S2S | S2HA | S2HD | S2PTW |
 * +------------+-------+-------+--------+-----+-----+------+------+-------+
 *    181      180      179     178 176   175 174   173 172   171 170   169 168   167 166   165 160
 * +--------+--------+--------+---------+---------+---------+---------+---------+---------+---------+
 * | S2AFFD | S2ENDI | S2AA64 |   S2PS  |   S2TG  |  S2SH0  |  S2OR0  |  S2IR0  |  S2SL0  |  S2T0SZ |
 * +--------+--------+--------+---------+---------+---------+---------+---------+---------+---------+
 *   159 144   143 128
 * +---------+---------+
 * | IMPDEF2 |  S2VMID |
 * +---------+---------+
 *   127 116   115 114   113 112   111 110   109 108   107 105   104 101     100     99 96
 * +---------+---------+---------+---------+---------+---------+----------+-------+---------+
 * | IMPDEF1 | INSTCFG | PRIVCFG |  NSCFG  |  SHCFG  |    0    | ALLOCCFG | MTCFG | MEMATTR |
 * +---------+---------+---------+---------+---------+---------+----------+-------+---------+
 *   95 94   93 92      91        90       89      88       87 84       83    82     81
 * +-------+-------+----------+--------+-------+-------+-------------+-----+------+-----+
 * |  STRW |  EATS | S1STALLD | S1MPAM | S2FWB | S1PIE | SW_RESERVED | MEV | PPAR | DCP |
 * +-------+-------+----------+--------+-------+-------+-------------+-----+------+-----+
 *   80 77    76      75        74        73        72     71 70   69 68   67 66   65 64
 * +-------+-----+---------+---------+---------+---------+-------+-------+-------+-------+
 * |  CONT | DRE | S2HWU62 | S2HWU61 | S2HWU60 | S2HWU59 | S1CSH | S1COR | S1CIR | S1DSS |
 * +-------+-----+---------+---------+---------+---------+-------+-------+-------+-------+
 *    63 59    58 56      55 32
 * +---------+-------+--------------+
 * | S1CDMAX |   0   | S1CONTEXTPTR |
 * +---------+-------+--------------+
 *       31 6        5 4     3 1     0
 * +--------------+-------+--------+---+
 * | S1CONTEXTPTR | S1FMT | CONFIG | V |
 * +--------------+-------+--------+---+
 * </pre>
 */
public final class StreamTableEntry {

    private static final String SECTION = "5.2";

    /** Bits 511:448: stage 2 permission overlay interpretations, four bits each. */
    public static final Field S2POI = Field.bits("S2POI", 511, 448, SECTION,
            "stage 2 permission overlay interpretations, four bits each");
    /** Bits 446:445: Secure state only. */
    public static final Field S_S2SKL = Field.bits("S_S2SKL", 446, 445, SECTION, "Secure state only");
    /** Bits 439:388: Secure state only. */
    public static final Field S_S2TTB = Field.address("S_S2TTB", 439, 388, SECTION, "Secure state only");
    /** Bit 386: Secure state only. */
    public static final Field S_S2SL0_2 = Field.bit("S_S2SL0_2", 386, SECTION, "Secure state only");
    /** Bit 385: Secure state only. */
    public static final Field S2SA = Field.bit("S2SA", 385, SECTION, "Secure state only");
    /** Bit 384: Secure state only. */
    public static final Field S2SW = Field.bit("S2SW", 384, SECTION, "Secure state only");
    /** Bits 375:332: address of the virtual machine structure. */
    public static final Field VMSPTR = Field.address("VMSPTR", 375, 332, SECTION,
            "address of the virtual machine structure");
    /** Bit 331: top level 1 check. */
    public static final Field TL1 = Field.bit("TL1", 331, SECTION, "top level 1 check");
    /** Bit 330: top level 0 check. */
    public static final Field TL0 = Field.bit("TL0", 330, SECTION, "top level 0 check");
    /** Bit 329: assured-only checks. */
    public static final Field ASSUREDONLY = Field.bit("ASSUREDONLY", 329, SECTION, "assured-only checks");
    /** Bit 328: non-secure MPAM space. */
    public static final Field MPAM_NS = Field.bit("MPAM_NS", 328, SECTION, "non-secure MPAM space");
    /** Bits 327:320: MPAM performance monitoring group. */
    public static final Field PMG = Field.bits("PMG", 327, 320, SECTION, "MPAM performance monitoring group");
    /** Bits 319:304: memory encryption context; realms only. */
    public static final Field MECID = Field.bits("MECID", 319, 304, SECTION, "memory encryption context; realms only");
    /** Bits 303:302: Secure state only. */
    public static final Field S_S2TG = Field.bits("S_S2TG", 303, 302, SECTION, "Secure state only");
    /** Bits 295:294: Secure state only. */
    public static final Field S_S2SL0 = Field.bits("S_S2SL0", 295, 294, SECTION, "Secure state only");
    /** Bits 293:288: Secure state only. */
    public static final Field S_S2T0SZ = Field.bits("S_S2T0SZ", 293, 288, SECTION, "Secure state only");
    /** Bits 287:272: MPAM partition id. */
    public static final Field PARTID = Field.bits("PARTID", 287, 272, SECTION, "MPAM partition id");
    /** Bits 271:256: implementation defined. */
    public static final Field IMPDEF4 = Field.bits("IMPDEF4", 271, 256, SECTION, "implementation defined");
    /** Bits 254:253: levels to skip; 128-bit descriptors only. */
    public static final Field S2SKL = Field.bits("S2SKL", 254, 253, SECTION,
            "levels to skip; 128-bit descriptors only");
    /** Bits 247:196: address of the stage 2 table. */
    public static final Field S2TTB = Field.address("S2TTB", 247, 196, SECTION, "address of the stage 2 table");
    /** Bit 195: 52-bit addresses with granules of 4 KiB and 16 KiB. */
    public static final Field S2DS = Field.bit("S2DS", 195, SECTION,
            "52-bit addresses with granules of 4 KiB and 16 KiB");
    /** Bit 194: bit 2 of S2SL0. */
    public static final Field S2SL0_2 = Field.bit("S2SL0_2", 194, SECTION, "bit 2 of S2SL0");
    /** Bit 193: Secure state only. */
    public static final Field S2NSA = Field.bit("S2NSA", 193, SECTION, "Secure state only");
    /** Bit 192: Secure state only. */
    public static final Field S2NSW = Field.bit("S2NSW", 192, SECTION, "Secure state only");
    /** Bits 191:190: whose VMID the device permission table must have. */
    public static final Field DPT_VMATCH = Field.bits("DPT_VMATCH", 191, 190, SECTION,
            "whose VMID the device permission table must have");
    /** Bit 189: stage 2 permission overlay. */
    public static final Field S2POE = Field.bit("S2POE", 189, SECTION, "stage 2 permission overlay");
    /** Bit 188: stage 2 permission indirection. */
    public static final Field S2PIE = Field.bit("S2PIE", 188, SECTION, "stage 2 permission indirection");
    /** Bit 187: stage 2 access flag of tables set by hardware. */
    public static final Field S2HAFT = Field.bit("S2HAFT", 187, SECTION,
            "stage 2 access flag of tables set by hardware");
    /** Bit 186: stage 2 faults are recorded. */
    public static final Field S2R = Field.bit("S2R", 186, SECTION, "stage 2 faults are recorded");
    /** Bit 185: stage 2 faults stall. */
    public static final Field S2S = Field.bit("S2S", 185, SECTION, "stage 2 faults stall");
    /** Bit 184: stage 2 access flag set by hardware. */
    public static final Field S2HA = Field.bit("S2HA", 184, SECTION, "stage 2 access flag set by hardware");
    /** Bit 183: stage 2 dirty state set by hardware. */
    public static final Field S2HD = Field.bit("S2HD", 183, SECTION, "stage 2 dirty state set by hardware");
    /** Bit 182: stage 1 walks may not go to device memory. */
    public static final Field S2PTW = Field.bit("S2PTW", 182, SECTION, "stage 1 walks may not go to device memory");
    /** Bit 181: stage 2 access flag faults are disabled. */
    public static final Field S2AFFD = Field.bit("S2AFFD", 181, SECTION, "stage 2 access flag faults are disabled");
    /** Bit 180: stage 2 tables are big-endian. */
    public static final Field S2ENDI = Field.bit("S2ENDI", 180, SECTION, "stage 2 tables are big-endian");
    /** Bit 179: stage 2 tables are VMSAv8-64. */
    public static final Field S2AA64 = Field.bit("S2AA64", 179, SECTION, "stage 2 tables are VMSAv8-64");
    /** Bits 178:176: stage 2 output address size, see AddressSize. */
    public static final Field S2PS = Field.bits("S2PS", 178, 176, SECTION,
            "stage 2 output address size, see AddressSize");
    /** Bits 175:174: stage 2 granule: 0 for 4 KiB, 1 for 64 KiB, 2 for 16 KiB. */
    public static final Field S2TG = Field.bits("S2TG", 175, 174, SECTION,
            "stage 2 granule: 0 for 4 KiB, 1 for 64 KiB, 2 for 16 KiB");
    /** Bits 173:172: shareability of stage 2 tables. */
    public static final Field S2SH0 = Field.bits("S2SH0", 173, 172, SECTION, "shareability of stage 2 tables");
    /** Bits 171:170: outer cacheability of stage 2 tables. */
    public static final Field S2OR0 = Field.bits("S2OR0", 171, 170, SECTION, "outer cacheability of stage 2 tables");
    /** Bits 169:168: inner cacheability of stage 2 tables. */
    public static final Field S2IR0 = Field.bits("S2IR0", 169, 168, SECTION, "inner cacheability of stage 2 tables");
    /** Bits 167:166: level where the stage 2 walk starts, encoded by granule. */
    public static final Field S2SL0 = Field.bits("S2SL0", 167, 166, SECTION,
            "level where the stage 2 walk starts, encoded by granule");
    /** Bits 165:160: 64 less the width of an IPA. */
    public static final Field S2T0SZ = Field.bits("S2T0SZ", 165, 160, SECTION, "64 less the width of an IPA");
    /** Bits 159:144: implementation defined. */
    public static final Field IMPDEF2 = Field.bits("IMPDEF2", 159, 144, SECTION, "implementation defined");
    /** Bits 143:128: VMID. */
    public static final Field S2VMID = Field.bits("S2VMID", 143, 128, SECTION, "VMID");
    /** Bits 127:116: implementation defined. */
    public static final Field IMPDEF1 = Field.bits("IMPDEF1", 127, 116, SECTION, "implementation defined");
    /** Bits 115:114: instruction attribute: 0 as it came, 2 data, 3 instruction. */
    public static final Field INSTCFG = Field.bits("INSTCFG", 115, 114, SECTION,
            "instruction attribute: 0 as it came, 2 data, 3 instruction");
    /** Bits 113:112: privilege attribute: 0 as it came, 2 unprivileged, 3 privileged. */
    public static final Field PRIVCFG = Field.bits("PRIVCFG", 113, 112, SECTION,
            "privilege attribute: 0 as it came, 2 unprivileged, 3 privileged");
    /** Bits 111:110: non-secure attribute; Secure streams only. */
    public static final Field NSCFG = Field.bits("NSCFG", 111, 110, SECTION,
            "non-secure attribute; Secure streams only");
    /** Bits 109:108: shareability: 0 non-shareable, 1 as it came, 2 outer, 3 inner. */
    public static final Field SHCFG = Field.bits("SHCFG", 109, 108, SECTION,
            "shareability: 0 non-shareable, 1 as it came, 2 outer, 3 inner");
    /** Bits 104:101: allocation hints: 0 to 7 as they came. */
    public static final Field ALLOCCFG = Field.bits("ALLOCCFG", 104, 101, SECTION,
            "allocation hints: 0 to 7 as they came");
    /** Bit 100: use MEMATTR. */
    public static final Field MTCFG = Field.bit("MTCFG", 100, SECTION, "use MEMATTR");
    /** Bits 99:96: memory type that overrides the one of requests. */
    public static final Field MEMATTR = Field.bits("MEMATTR", 99, 96, SECTION,
            "memory type that overrides the one of requests");
    /** Bits 95:94: stream world: 0 EL1, 2 EL2. */
    public static final Field STRW = Field.bits("STRW", 95, 94, SECTION, "stream world: 0 EL1, 2 EL2");
    /** Bits 93:92: ATS: 0 refused, 1 full, 2 split-stage, 3 with device permission table. */
    public static final Field EATS = Field.bits("EATS", 93, 92, SECTION,
            "ATS: 0 refused, 1 full, 2 split-stage, 3 with device permission table");
    /** Bit 91: context descriptors may not ask for stalls. */
    public static final Field S1STALLD = Field.bit("S1STALLD", 91, SECTION,
            "context descriptors may not ask for stalls");
    /** Bit 90: stage 1 chooses the MPAM ids. */
    public static final Field S1MPAM = Field.bit("S1MPAM", 90, SECTION, "stage 1 chooses the MPAM ids");
    /** Bit 89: stage 2 forces the memory type. */
    public static final Field S2FWB = Field.bit("S2FWB", 89, SECTION, "stage 2 forces the memory type");
    /** Bit 88: context descriptors may use permission indirection. */
    public static final Field S1PIE = Field.bit("S1PIE", 88, SECTION,
            "context descriptors may use permission indirection");
    /** Bits 87:84: free for software. */
    public static final Field SW_RESERVED = Field.bits("SW_RESERVED", 87, 84, SECTION, "free for software");
    /** Bit 83: similar events may be merged. */
    public static final Field MEV = Field.bit("MEV", 83, SECTION, "similar events may be merged");
    /** Bit 82: automatic PRI responses carry the PASID of the request. */
    public static final Field PPAR = Field.bit("PPAR", 82, SECTION,
            "automatic PRI responses carry the PASID of the request");
    /** Bit 81: directed cache prefetch. */
    public static final Field DCP = Field.bit("DCP", 81, SECTION, "directed cache prefetch");
    /** Bits 80:77: contiguous hint: log2 of how many neighbours are the same. */
    public static final Field CONT = Field.bits("CONT", 80, 77, SECTION,
            "contiguous hint: log2 of how many neighbours are the same");
    /** Bit 76: destructive reads. */
    public static final Field DRE = Field.bit("DRE", 76, SECTION, "destructive reads");
    /** Bit 75: bit 62 of stage 2 leaves has a use. */
    public static final Field S2HWU62 = Field.bit("S2HWU62", 75, SECTION, "bit 62 of stage 2 leaves has a use");
    /** Bit 74: bit 61 of stage 2 leaves has a use. */
    public static final Field S2HWU61 = Field.bit("S2HWU61", 74, SECTION, "bit 61 of stage 2 leaves has a use");
    /** Bit 73: bit 60 of stage 2 leaves has a use. */
    public static final Field S2HWU60 = Field.bit("S2HWU60", 73, SECTION, "bit 60 of stage 2 leaves has a use");
    /** Bit 72: bit 59 of stage 2 leaves has a use. */
    public static final Field S2HWU59 = Field.bit("S2HWU59", 72, SECTION, "bit 59 of stage 2 leaves has a use");
    /** Bits 71:70: shareability of context descriptors. */
    public static final Field S1CSH = Field.bits("S1CSH", 71, 70, SECTION, "shareability of context descriptors");
    /** Bits 69:68: outer cacheability of context descriptors. */
    public static final Field S1COR = Field.bits("S1COR", 69, 68, SECTION, "outer cacheability of context descriptors");
    /** Bits 67:66: inner cacheability of context descriptors. */
    public static final Field S1CIR = Field.bits("S1CIR", 67, 66, SECTION, "inner cacheability of context descriptors");
    /**
     * Bits 65:64: requests without a SubstreamID, where there are substreams: 0 terminate, 1 bypass stage 1, 2 use
     * descriptor 0.
     */
    public static final Field S1DSS = Field.bits("S1DSS", 65, 64, SECTION,
            "requests without a SubstreamID, where there are substreams: 0 terminate, 1 bypass stage 1, 2 use descriptor 0");
    /** Bits 63:59: log2 of the number of context descriptors; 0 for one and no substreams. */
    public static final Field S1CDMAX = Field.bits("S1CDMAX", 63, 59, SECTION,
            "log2 of the number of context descriptors; 0 for one and no substreams");
    /** Bits 55:6: address of the context descriptor, or of the table of them (an IPA with stage 2). */
    public static final Field S1CONTEXTPTR = Field.address("S1CONTEXTPTR", 55, 6, SECTION,
            "address of the context descriptor, or of the table of them (an IPA with stage 2)");
    /** Bits 5:4: table of context descriptors: 0 linear, 1 two-level of 4 KiB, 2 two-level of 64 KiB. */
    public static final Field S1FMT = Field.bits("S1FMT", 5, 4, SECTION,
            "table of context descriptors: 0 linear, 1 two-level of 4 KiB, 2 two-level of 64 KiB");
    /** Bits 3:1: 0 to 3 abort, 4 bypass, 5 stage 1, 6 stage 2, 7 both. */
    public static final Field CONFIG = Field.bits("CONFIG", 3, 1, SECTION,
            "0 to 3 abort, 4 bypass, 5 stage 1, 6 stage 2, 7 both");
    /** Bit 0: valid. */
    public static final Field V = Field.bit("V", 0, SECTION, "valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("STE", SECTION, 512,
            S2POI, Field.reserved(447, 447, SECTION), S_S2SKL, Field.reserved(444, 440, SECTION), S_S2TTB,
            Field.reserved(387, 387, SECTION), S_S2SL0_2, S2SA, S2SW, Field.reserved(383, 376, SECTION), VMSPTR,
            TL1, TL0, ASSUREDONLY, MPAM_NS, PMG, MECID, S_S2TG, Field.reserved(301, 296, SECTION), S_S2SL0,
            S_S2T0SZ, PARTID, IMPDEF4, Field.reserved(255, 255, SECTION), S2SKL, Field.reserved(252, 248, SECTION),
            S2TTB, S2DS, S2SL0_2, S2NSA, S2NSW, DPT_VMATCH, S2POE, S2PIE, S2HAFT, S2R, S2S, S2HA, S2HD, S2PTW,
            S2AFFD, S2ENDI, S2AA64, S2PS, S2TG, S2SH0, S2OR0, S2IR0, S2SL0, S2T0SZ, IMPDEF2, S2VMID, IMPDEF1,
            INSTCFG, PRIVCFG, NSCFG, SHCFG, Field.reserved(107, 105, SECTION), ALLOCCFG, MTCFG, MEMATTR, STRW, EATS,
            S1STALLD, S1MPAM, S2FWB, S1PIE, SW_RESERVED, MEV, PPAR, DCP, CONT, DRE, S2HWU62, S2HWU61, S2HWU60,
            S2HWU59, S1CSH, S1COR, S1CIR, S1DSS, S1CDMAX, Field.reserved(58, 56, SECTION), S1CONTEXTPTR, S1FMT,
            CONFIG, V);

    /** Size of one. */
    public static final int BYTES = 64;

    /** The number of 64-bit words of an entry. */
    public static final int WORDS = 8;

    /** {@link #CONFIG}: requests are aborted in silence. */
    public static final int CONFIG_ABORT = 0b000;

    /** {@link #CONFIG}: requests pass unchanged. */
    public static final int CONFIG_BYPASS = 0b100;

    /** {@link #CONFIG}: stage 1. */
    public static final int CONFIG_S1 = 0b101;

    /** {@link #CONFIG}: stage 2. */
    public static final int CONFIG_S2 = 0b110;

    /** {@link #CONFIG}: stage 1, then stage 2. */
    public static final int CONFIG_NESTED = 0b111;
    /** {@link #S1FMT}: one table. */
    public static final int S1FMT_LINEAR = 0b00;

    /** {@link #S1FMT}: second-level tables of 64 descriptors. */
    public static final int S1FMT_4K_L2 = 0b01;

    /** {@link #S1FMT}: second-level tables of 1024 descriptors. */
    public static final int S1FMT_64K_L2 = 0b10;
    /** {@link #S1DSS}: requests without SubstreamID are terminated. */
    public static final int S1DSS_TERMINATE = 0b00;

    /** {@link #S1DSS}: they bypass stage 1. */
    public static final int S1DSS_BYPASS = 0b01;

    /** {@link #S1DSS}: they use descriptor 0. */
    public static final int S1DSS_SSID0 = 0b10;
    /** {@link #EATS}: ATS is refused. */
    public static final int EATS_ABORT = 0b00;

    /** {@link #EATS}: full ATS. */
    public static final int EATS_FULL = 0b01;

    /** {@link #EATS}: split-stage ATS. */
    public static final int EATS_SPLIT = 0b10;
    /** {@link #STRW}: EL1. */
    public static final int STRW_EL1 = 0b00;

    /** {@link #STRW}: EL2, or EL2-E2H as SMMU_CR2.E2H says. */
    public static final int STRW_EL2 = 0b10;
    /** {@link #SHCFG}: as it came. */
    public static final int SHCFG_INCOMING = 0b01;

    private StreamTableEntry() {
    }
}
