package sluicegate.spec.smmuv3;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Context descriptor: the stage 1 tables of one address space.
 *
 * <p>Fields above bit 63 are taken from the word that {@link Field#word} names, of eight; {@link Field#inPlace} of an
 * address is the address.
 *
 * <pre>
 *   511 496   495 480
 * +---------+---------+
 * |    0    |   PIIP  |
 * +---------+---------+
 *   479 448
 * +---------+
 * |   PIIP  |
 * +---------+
 *   447 432   431 416
 * +---------+---------+
 * |    0    |   PIIU  |
 * +---------+---------+
 *   415 384
 * +---------+
 * |   PIIU  |
 * +---------+
 *   383 376   375 368   367 352
 * +---------+---------+---------+
 * |    0    |   PMG   |  PARTID |
 * +---------+---------+---------+
 *   351 320
 * +---------+
 * |  IMPDEF |
 * +---------+
 *   319 288
 * +---------+
 * |  AMAIR1 |
 * +---------+
 *   287 256
 * +---------+
 * |  AMAIR0 |
 * +---------+
 *   255 224
 * +---------+
 * |  MAIR1  |
 * +---------+
 *   223 192
 * +---------+
 * |  MAIR0  |
 * +---------+
 *    191      190      189      188     187   186   185 184   183 160
 * +--------+--------+--------+--------+-----+-----+---------+---------+
 * | HWU162 | HWU161 | HWU160 | HWU159 | PIE |  DS |    0    |   TTB1  |
 * +--------+--------+--------+--------+-----+-----+---------+---------+
 *   159 132   131    130    129     128
 * +---------+-----+-------+------+--------+
 * |   TTB1  | AIE | E0PD1 | HAD1 | NSCFG1 |
 * +---------+-----+-------+------+--------+
 *    127      126      125      124     123    122    121 120   119 96
 * +--------+--------+--------+--------+------+------+---------+--------+
 * | HWU062 | HWU061 | HWU060 | HWU059 | EPAN | PNCH |    0    |  TTB0  |
 * +--------+--------+--------+--------+------+------+---------+--------+
 *   95 68    67      66     65      64
 * +-------+------+-------+------+--------+
 * |  TTB0 | HAFT | E0PD0 | HAD0 | NSCFG0 |
 * +-------+------+-------+------+--------+
 *   63 48    47    46   45   44   43   42    41     40    39     38     37     36    35    34 32
 * +-------+------+----+----+----+----+----+------+-----+------+------+------+-----+------+-------+
 * |  ASID | ASET | A  | R  | S  | HA | HD | AA64 | PAN | TBI1 | TBI0 | UWXN | WXN | AFFD |  IPS  |
 * +-------+------+----+----+----+----+----+------+-----+------+------+------+-----+------+-------+
 *   31    30    29 28   27 26   25 24   23 22   21 16
 * +----+------+-------+-------+-------+-------+-------+
 * | V  | EPD1 |  SH1  |  OR1  |  IR1  |  TG1  |  T1SZ |
 * +----+------+-------+-------+-------+-------+-------+
 *    15     14    13 12   11 10   9 8   7 6   5 0
 * +------+------+-------+-------+-----+-----+------+
 * | ENDI | EPD0 |  SH0  |  OR0  | IR0 | TG0 | T0SZ |
 * +------+------+-------+-------+-----+-----+------+
 * </pre>
 */
public final class ContextDescriptor {

    private static final String SECTION = "5.4";

    /** Bits 495:448: privileged permission interpretations, three bits each. */
    public static final Field PIIP = Field.bits("PIIP", 495, 448, SECTION,
            "privileged permission interpretations, three bits each");
    /** Bits 431:384: unprivileged permission interpretations, three bits each. */
    public static final Field PIIU = Field.bits("PIIU", 431, 384, SECTION,
            "unprivileged permission interpretations, three bits each");
    /** Bits 375:368: MPAM performance monitoring group. */
    public static final Field PMG = Field.bits("PMG", 375, 368, SECTION, "MPAM performance monitoring group");
    /** Bits 367:352: MPAM partition id. */
    public static final Field PARTID = Field.bits("PARTID", 367, 352, SECTION, "MPAM partition id");
    /** Bits 351:320: implementation defined. */
    public static final Field IMPDEF = Field.bits("IMPDEF", 351, 320, SECTION, "implementation defined");
    /** Bits 319:288: auxiliary memory attributes 4 to 7. */
    public static final Field AMAIR1 = Field.bits("AMAIR1", 319, 288, SECTION, "auxiliary memory attributes 4 to 7");
    /** Bits 287:256: auxiliary memory attributes 0 to 3. */
    public static final Field AMAIR0 = Field.bits("AMAIR0", 287, 256, SECTION, "auxiliary memory attributes 0 to 3");
    /** Bits 255:224: memory attributes 4 to 7. */
    public static final Field MAIR1 = Field.bits("MAIR1", 255, 224, SECTION, "memory attributes 4 to 7");
    /** Bits 223:192: memory attributes 0 to 3. */
    public static final Field MAIR0 = Field.bits("MAIR0", 223, 192, SECTION, "memory attributes 0 to 3");
    /** Bit 191: bit 62 of leaves has a use, TTB1. */
    public static final Field HWU162 = Field.bit("HWU162", 191, SECTION, "bit 62 of leaves has a use, TTB1");
    /** Bit 190: bit 61 of leaves has a use, TTB1. */
    public static final Field HWU161 = Field.bit("HWU161", 190, SECTION, "bit 61 of leaves has a use, TTB1");
    /** Bit 189: bit 60 of leaves has a use, TTB1. */
    public static final Field HWU160 = Field.bit("HWU160", 189, SECTION, "bit 60 of leaves has a use, TTB1");
    /** Bit 188: bit 59 of leaves has a use, TTB1. */
    public static final Field HWU159 = Field.bit("HWU159", 188, SECTION, "bit 59 of leaves has a use, TTB1");
    /** Bit 187: permission indirection. */
    public static final Field PIE = Field.bit("PIE", 187, SECTION, "permission indirection");
    /** Bit 186: 52-bit addresses with granules of 4 KiB and 16 KiB. */
    public static final Field DS = Field.bit("DS", 186, SECTION, "52-bit addresses with granules of 4 KiB and 16 KiB");
    /** Bits 183:132: address of the table for high addresses (an IPA with stage 2). */
    public static final Field TTB1 = Field.address("TTB1", 183, 132, SECTION,
            "address of the table for high addresses (an IPA with stage 2)");
    /** Bit 131: attribute index extension. */
    public static final Field AIE = Field.bit("AIE", 131, SECTION, "attribute index extension");
    /** Bit 130: no unprivileged access, TTB1. */
    public static final Field E0PD1 = Field.bit("E0PD1", 130, SECTION, "no unprivileged access, TTB1");
    /** Bit 129: hierarchical attributes disabled, TTB1. */
    public static final Field HAD1 = Field.bit("HAD1", 129, SECTION, "hierarchical attributes disabled, TTB1");
    /** Bit 128: Secure state only. */
    public static final Field NSCFG1 = Field.bit("NSCFG1", 128, SECTION, "Secure state only");
    /** Bit 127: bit 62 of leaves has a use, TTB0. */
    public static final Field HWU062 = Field.bit("HWU062", 127, SECTION, "bit 62 of leaves has a use, TTB0");
    /** Bit 126: bit 61 of leaves has a use, TTB0. */
    public static final Field HWU061 = Field.bit("HWU061", 126, SECTION, "bit 61 of leaves has a use, TTB0");
    /** Bit 125: bit 60 of leaves has a use, TTB0. */
    public static final Field HWU060 = Field.bit("HWU060", 125, SECTION, "bit 60 of leaves has a use, TTB0");
    /** Bit 124: bit 59 of leaves has a use, TTB0. */
    public static final Field HWU059 = Field.bit("HWU059", 124, SECTION, "bit 59 of leaves has a use, TTB0");
    /** Bit 123: PAN counts execute permission too. */
    public static final Field EPAN = Field.bit("EPAN", 123, SECTION, "PAN counts execute permission too");
    /** Bit 122: protected attribute. */
    public static final Field PNCH = Field.bit("PNCH", 122, SECTION, "protected attribute");
    /** Bits 119:68: address of the table for low addresses (an IPA with stage 2). */
    public static final Field TTB0 = Field.address("TTB0", 119, 68, SECTION,
            "address of the table for low addresses (an IPA with stage 2)");
    /** Bit 67: access flag of tables set by hardware. */
    public static final Field HAFT = Field.bit("HAFT", 67, SECTION, "access flag of tables set by hardware");
    /** Bit 66: no unprivileged access, TTB0. */
    public static final Field E0PD0 = Field.bit("E0PD0", 66, SECTION, "no unprivileged access, TTB0");
    /** Bit 65: hierarchical attributes disabled, TTB0. */
    public static final Field HAD0 = Field.bit("HAD0", 65, SECTION, "hierarchical attributes disabled, TTB0");
    /** Bit 64: Secure state only. */
    public static final Field NSCFG0 = Field.bit("NSCFG0", 64, SECTION, "Secure state only");
    /** Bits 63:48: ASID. */
    public static final Field ASID = Field.bits("ASID", 63, 48, SECTION, "ASID");
    /** Bit 47: the ASID is not shared with processors. */
    public static final Field ASET = Field.bit("ASET", 47, SECTION, "the ASID is not shared with processors");
    /** Bit 46: terminated requests abort; otherwise they read zero and write nothing. */
    public static final Field A = Field.bit("A", 46, SECTION,
            "terminated requests abort; otherwise they read zero and write nothing");
    /** Bit 45: faults are recorded. */
    public static final Field R = Field.bit("R", 45, SECTION, "faults are recorded");
    /** Bit 44: faults stall. */
    public static final Field S = Field.bit("S", 44, SECTION, "faults stall");
    /** Bit 43: access flag set by hardware. */
    public static final Field HA = Field.bit("HA", 43, SECTION, "access flag set by hardware");
    /** Bit 42: dirty state set by hardware. */
    public static final Field HD = Field.bit("HD", 42, SECTION, "dirty state set by hardware");
    /** Bit 41: tables are VMSAv8-64. */
    public static final Field AA64 = Field.bit("AA64", 41, SECTION, "tables are VMSAv8-64");
    /** Bit 40: privileged accesses may not use what unprivileged ones may. */
    public static final Field PAN = Field.bit("PAN", 40, SECTION,
            "privileged accesses may not use what unprivileged ones may");
    /** Bit 39: top byte of addresses ignored, TTB1. */
    public static final Field TBI1 = Field.bit("TBI1", 39, SECTION, "top byte of addresses ignored, TTB1");
    /** Bit 38: top byte of addresses ignored, TTB0. */
    public static final Field TBI0 = Field.bit("TBI0", 38, SECTION, "top byte of addresses ignored, TTB0");
    /** Bit 37: what unprivileged may write, privileged may not execute. */
    public static final Field UWXN = Field.bit("UWXN", 37, SECTION,
            "what unprivileged may write, privileged may not execute");
    /** Bit 36: what is writable is not executable. */
    public static final Field WXN = Field.bit("WXN", 36, SECTION, "what is writable is not executable");
    /** Bit 35: access flag faults are disabled. */
    public static final Field AFFD = Field.bit("AFFD", 35, SECTION, "access flag faults are disabled");
    /** Bits 34:32: output address size, see AddressSize. */
    public static final Field IPS = Field.bits("IPS", 34, 32, SECTION, "output address size, see AddressSize");
    /** Bit 31: valid. */
    public static final Field V = Field.bit("V", 31, SECTION, "valid");
    /** Bit 30: no walks with TTB1. */
    public static final Field EPD1 = Field.bit("EPD1", 30, SECTION, "no walks with TTB1");
    /** Bits 29:28: shareability of tables, TTB1. */
    public static final Field SH1 = Field.bits("SH1", 29, 28, SECTION, "shareability of tables, TTB1");
    /** Bits 27:26: outer cacheability of tables, TTB1. */
    public static final Field OR1 = Field.bits("OR1", 27, 26, SECTION, "outer cacheability of tables, TTB1");
    /** Bits 25:24: inner cacheability of tables, TTB1. */
    public static final Field IR1 = Field.bits("IR1", 25, 24, SECTION, "inner cacheability of tables, TTB1");
    /** Bits 23:22: granule, TTB1: 1 for 16 KiB, 2 for 4 KiB, 3 for 64 KiB. */
    public static final Field TG1 = Field.bits("TG1", 23, 22, SECTION,
            "granule, TTB1: 1 for 16 KiB, 2 for 4 KiB, 3 for 64 KiB");
    /** Bits 21:16: 64 less the width of an address, TTB1. */
    public static final Field T1SZ = Field.bits("T1SZ", 21, 16, SECTION, "64 less the width of an address, TTB1");
    /** Bit 15: tables are big-endian. */
    public static final Field ENDI = Field.bit("ENDI", 15, SECTION, "tables are big-endian");
    /** Bit 14: no walks with TTB0. */
    public static final Field EPD0 = Field.bit("EPD0", 14, SECTION, "no walks with TTB0");
    /** Bits 13:12: shareability of tables, TTB0. */
    public static final Field SH0 = Field.bits("SH0", 13, 12, SECTION, "shareability of tables, TTB0");
    /** Bits 11:10: outer cacheability of tables, TTB0. */
    public static final Field OR0 = Field.bits("OR0", 11, 10, SECTION, "outer cacheability of tables, TTB0");
    /** Bits 9:8: inner cacheability of tables, TTB0. */
    public static final Field IR0 = Field.bits("IR0", 9, 8, SECTION, "inner cacheability of tables, TTB0");
    /** Bits 7:6: granule, TTB0: 0 for 4 KiB, 1 for 64 KiB, 2 for 16 KiB. */
    public static final Field TG0 = Field.bits("TG0", 7, 6, SECTION,
            "granule, TTB0: 0 for 4 KiB, 1 for 64 KiB, 2 for 16 KiB");
    /** Bits 5:0: 64 less the width of an address, TTB0. */
    public static final Field T0SZ = Field.bits("T0SZ", 5, 0, SECTION, "64 less the width of an address, TTB0");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CD", SECTION, 512,
            Field.reserved(511, 496, SECTION), PIIP, Field.reserved(447, 432, SECTION), PIIU,
            Field.reserved(383, 376, SECTION), PMG, PARTID, IMPDEF, AMAIR1, AMAIR0, MAIR1, MAIR0, HWU162, HWU161,
            HWU160, HWU159, PIE, DS, Field.reserved(185, 184, SECTION), TTB1, AIE, E0PD1, HAD1, NSCFG1, HWU062,
            HWU061, HWU060, HWU059, EPAN, PNCH, Field.reserved(121, 120, SECTION), TTB0, HAFT, E0PD0, HAD0, NSCFG0,
            ASID, ASET, A, R, S, HA, HD, AA64, PAN, TBI1, TBI0, UWXN, WXN, AFFD, IPS, V, EPD1, SH1, OR1, IR1, TG1,
            T1SZ, ENDI, EPD0, SH0, OR0, IR0, TG0, T0SZ);

    /** Size of one. */
    public static final int BYTES = 64;

    /** The number of 64-bit words of a descriptor. */
    public static final int WORDS = 8;

    /** {@link #TG0}: 4 KiB. */
    public static final int TG0_4K = 0b00;

    /** {@link #TG0}: 64 KiB. */
    public static final int TG0_64K = 0b01;

    /** {@link #TG0}: 16 KiB. */
    public static final int TG0_16K = 0b10;
    /** {@link #TG1}: 16 KiB. */
    public static final int TG1_16K = 0b01;

    /** {@link #TG1}: 4 KiB. */
    public static final int TG1_4K = 0b10;

    /** {@link #TG1}: 64 KiB. */
    public static final int TG1_64K = 0b11;

    private ContextDescriptor() {
    }
}
