package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * Device table entry: what happens to the requests of one device.
 *
 * <p>With V clear the other fields count for nothing and requests pass unchanged. With V set and TV clear the fields
 * that concern translation are not valid; a request that needs them is stopped. With both set, MODE 0 means that
 * there are no host tables.
 *
 * <p>Fields of features that the unit lacks are reserved: HAD (ExtendedFeatureRegister HASUP, HDSUP), PPR (EPHSUP),
 * GPRP, GIOV (GIOSUP), GV and all of the GCR3 table (GTSUP), I (IommuCapability.IOTLBSUP), SATS (SATSSUP), ATTRV,
 * MODE0FC and SNOOPATTR (ATTRFWSUP), VIMUEN and the ids behind it (VIOMMUSUP). Fields above bit 63 are taken from the
 * word that holds them.
 *
 * <pre>
 *    255 248      247      246    245 240    239 224
 * +-----------+---------+-------+---------+-----------+
 * | SNOOPATTR | MODE0FC | ATTRV |    0    | GDEVICEID |
 * +-----------+---------+-------+---------+-----------+
 *   223 208    207     206 192
 * +---------+--------+---------+
 * | GUESTID | VIMUEN |    0    |
 * +---------+--------+---------+
 *      191         190      189 188   187     186       185        184      183 182   181 180   179 160
 * +-----------+-----------+---------+-----+---------+----------+----------+---------+---------+---------+
 * | LINT1PASS | LINT0PASS |  INTCTL |  0  | NMIPASS | EINTPASS | INITPASS | GPTMODE |    0    | INTROOT |
 * +-----------+-----------+---------+-----+---------+----------+----------+---------+---------+---------+
 *   159 134   133    132 129    128
 * +---------+-----+-----------+-----+
 * | INTROOT |  IG | INTTABLEN |  IV |
 * +---------+-----+-----------+-----+
 *    127 107     106    105 104   103   102    101    100 99   98   97   96
 * +------------+------+---------+-----+-----+-------+--------+----+----+----+
 * | GCR3_51_31 | SATS |  SYSMGT |  EX |  SD | CACHE | IOCTL  | SA | SE | I  |
 * +------------+------+---------+-----+-----+-------+--------+----+----+----+
 *     95 80       79 64
 * +------------+----------+
 * | GCR3_30_15 | DOMAINID |
 * +------------+----------+
 *   63   62   61     60 58      57 56   55    54     53     52   51 32
 * +----+----+----+------------+-------+----+------+------+-----+-------+
 * | 0  | IW | IR | GCR3_14_12 |  GLX  | GV | GIOV | GPRP | PPR |  ROOT |
 * +----+----+----+------------+-------+----+------+------+-----+-------+
 *   31 12   11 9   8 7   6 2   1    0
 * +-------+------+-----+-----+----+---+
 * |  ROOT | MODE | HAD |  0  | TV | V |
 * +-------+------+-----+-----+----+---+
 * </pre>
 */
public final class DeviceTableEntry {

    private static final String SECTION = "2.2.2.1";

    /** Bits 255:248: snoop attribute of requests that MODE0FC forwards. */
    public static final Field SNOOPATTR = Field.bits("SNOOPATTR", 255, 248, SECTION,
            "snoop attribute of requests that MODE0FC forwards");
    /** Bit 247: force coherent, of requests that are not translated. */
    public static final Field MODE0FC = Field.bit("MODE0FC", 247, SECTION,
            "force coherent, of requests that are not translated");
    /** Bit 246: SNOOPATTR and MODE0FC are valid. */
    public static final Field ATTRV = Field.bit("ATTRV", 246, SECTION, "SNOOPATTR and MODE0FC are valid");
    /** Bits 239:224: device id as its guest knows it. */
    public static final Field GDEVICEID = Field.bits("GDEVICEID", 239, 224, SECTION, "device id as its guest knows it");
    /** Bits 223:208: guest. */
    public static final Field GUESTID = Field.bits("GUESTID", 223, 208, SECTION, "guest");
    /** Bit 207: the device belongs to a virtual unit. */
    public static final Field VIMUEN = Field.bit("VIMUEN", 207, SECTION, "the device belongs to a virtual unit");
    /** Bit 191: legacy PIC NMI passes. */
    public static final Field LINT1PASS = Field.bit("LINT1PASS", 191, SECTION, "legacy PIC NMI passes");
    /** Bit 190: legacy PIC interrupts pass. */
    public static final Field LINT0PASS = Field.bit("LINT0PASS", 190, SECTION, "legacy PIC interrupts pass");
    /** Bits 189:188: fixed and arbitrated interrupts, see INTCTL_REMAP. */
    public static final Field INTCTL = Field.bits("INTCTL", 189, 188, SECTION,
            "fixed and arbitrated interrupts, see INTCTL_REMAP");
    /** Bit 186: NMI passes. */
    public static final Field NMIPASS = Field.bit("NMIPASS", 186, SECTION, "NMI passes");
    /** Bit 185: ExtInt passes. */
    public static final Field EINTPASS = Field.bit("EINTPASS", 185, SECTION, "ExtInt passes");
    /** Bit 184: INIT passes. */
    public static final Field INITPASS = Field.bit("INITPASS", 184, SECTION, "INIT passes");
    /** Bits 183:182: levels of guest tables, less four. */
    public static final Field GPTMODE = Field.bits("GPTMODE", 183, 182, SECTION, "levels of guest tables, less four");
    /** Bits 179:134: interrupt remapping table. */
    public static final Field INTROOT = Field.address("INTROOT", 179, 134, SECTION, "interrupt remapping table");
    /** Bit 133: faults of interrupts that are not mapped are ignored. */
    public static final Field IG = Field.bit("IG", 133, SECTION,
            "faults of interrupts that are not mapped are ignored");
    /** Bits 132:129: 2 to that power entries of the interrupt remapping table; at most 11. */
    public static final Field INTTABLEN = Field.bits("INTTABLEN", 132, 129, SECTION,
            "2 to that power entries of the interrupt remapping table; at most 11");
    /** Bit 128: the fields that concern interrupts are valid. */
    public static final Field IV = Field.bit("IV", 128, SECTION, "the fields that concern interrupts are valid");
    /** Bits 127:107: GCR3 table root pointer, bits 51:31. */
    public static final Field GCR3_51_31 = Field.bits("GCR3_51_31", 127, 107, SECTION,
            "GCR3 table root pointer, bits 51:31");
    /** Bit 106: secure ATS. */
    public static final Field SATS = Field.bit("SATS", 106, SECTION, "secure ATS");
    /** Bits 105:104: system management messages, see SYSMGT_TRANSLATE. */
    public static final Field SYSMGT = Field.bits("SYSMGT", 105, 104, SECTION,
            "system management messages, see SYSMGT_TRANSLATE");
    /** Bit 103: the exclusion range may be used. */
    public static final Field EX = Field.bit("EX", 103, SECTION, "the exclusion range may be used");
    /** Bit 102: writes do not snoop. */
    public static final Field SD = Field.bit("SD", 102, SECTION, "writes do not snoop");
    /** Bit 101: translations of this device are better not cached. */
    public static final Field CACHE = Field.bit("CACHE", 101, SECTION,
            "translations of this device are better not cached");
    /** Bits 100:99: port I/O space, see IOCTL_TRANSLATE. */
    public static final Field IOCTL = Field.bits("IOCTL", 100, 99, SECTION, "port I/O space, see IOCTL_TRANSLATE");
    /** Bit 98: I/O page faults of this device are not logged at all. */
    public static final Field SA = Field.bit("SA", 98, SECTION, "I/O page faults of this device are not logged at all");
    /** Bit 97: only the first I/O page fault of this device is logged. */
    public static final Field SE = Field.bit("SE", 97, SECTION,
            "only the first I/O page fault of this device is logged");
    /** Bit 96: the device may have a device TLB: translation requests and translated requests are allowed. */
    public static final Field I = Field.bit("I", 96, SECTION,
            "the device may have a device TLB: translation requests and translated requests are allowed");
    /** Bits 95:80: GCR3 table root pointer, bits 30:15. */
    public static final Field GCR3_30_15 = Field.bits("GCR3_30_15", 95, 80, SECTION,
            "GCR3 table root pointer, bits 30:15");
    /** Bits 79:64: domain id. */
    public static final Field DOMAINID = Field.bits("DOMAINID", 79, 64, SECTION, "domain id");
    /** Bit 62: write permission. */
    public static final Field IW = Field.bit("IW", 62, SECTION, "write permission");
    /** Bit 61: read permission. */
    public static final Field IR = Field.bit("IR", 61, SECTION, "read permission");
    /** Bits 60:58: GCR3 table root pointer, bits 14:12. */
    public static final Field GCR3_14_12 = Field.bits("GCR3_14_12", 60, 58, SECTION,
            "GCR3 table root pointer, bits 14:12");
    /** Bits 57:56: levels of the GCR3 table, less one. */
    public static final Field GLX = Field.bits("GLX", 57, 56, SECTION, "levels of the GCR3 table, less one");
    /** Bit 55: guest translation is valid. */
    public static final Field GV = Field.bit("GV", 55, SECTION, "guest translation is valid");
    /** Bit 54: requests without a PASID are translated as with PASID 0. */
    public static final Field GIOV = Field.bit("GIOV", 54, SECTION,
            "requests without a PASID are translated as with PASID 0");
    /** Bit 53: answers to page requests carry the PASID. */
    public static final Field GPRP = Field.bit("GPRP", 53, SECTION, "answers to page requests carry the PASID");
    /** Bit 52: page requests are allowed. */
    public static final Field PPR = Field.bit("PPR", 52, SECTION, "page requests are allowed");
    /** Bits 51:12: topmost host table. */
    public static final Field ROOT = Field.address("ROOT", 51, 12, SECTION, "topmost host table");
    /** Bits 11:9: levels of host tables; 0 for none. */
    public static final Field MODE = Field.bits("MODE", 11, 9, SECTION, "levels of host tables; 0 for none");
    /** Bits 8:7: accessed and dirty bits of host tables, see HAD_ACCESSED_DIRTY. */
    public static final Field HAD = Field.bits("HAD", 8, 7, SECTION,
            "accessed and dirty bits of host tables, see HAD_ACCESSED_DIRTY");
    /** Bit 1: the fields that concern translation are valid. */
    public static final Field TV = Field.bit("TV", 1, SECTION, "the fields that concern translation are valid");
    /** Bit 0: valid. */
    public static final Field V = Field.bit("V", 0, SECTION, "valid");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("DTE", SECTION, 256,
            SNOOPATTR, MODE0FC, ATTRV, Field.reserved(245, 240, SECTION), GDEVICEID, GUESTID, VIMUEN,
            Field.reserved(206, 192, SECTION), LINT1PASS, LINT0PASS, INTCTL,
            Field.reserved(187, 187, SECTION), NMIPASS, EINTPASS, INITPASS, GPTMODE,
            Field.reserved(181, 180, SECTION), INTROOT, IG, INTTABLEN, IV, GCR3_51_31, SATS, SYSMGT, EX,
            SD, CACHE, IOCTL, SA, SE, I, GCR3_30_15, DOMAINID, Field.reserved(63, 63, SECTION), IW, IR,
            GCR3_14_12, GLX, GV, GIOV, GPRP, PPR, ROOT, MODE, HAD, Field.reserved(6, 2, SECTION), TV, V);

    /** Size of one entry. */
    public static final int BYTES = 32;

    /** The number of 64-bit words of an entry. */
    public static final int WORDS = 4;

    /** {@link #HAD}: neither bit is written. */
    public static final int HAD_NONE = 0b00;

    /** {@link #HAD}: accessed bits are written. */
    public static final int HAD_ACCESSED = 0b01;

    /** {@link #HAD}: accessed and dirty bits are written. */
    public static final int HAD_ACCESSED_DIRTY = 0b11;

    /** {@link #INTCTL}: aborted. */
    public static final int INTCTL_ABORT = 0b00;

    /** {@link #INTCTL}: forwarded unmapped. */
    public static final int INTCTL_FORWARD = 0b01;

    /** {@link #INTCTL}: remapped. */
    public static final int INTCTL_REMAP = 0b10;

    /** {@link #IOCTL}: aborted. */
    public static final int IOCTL_ABORT = 0b00;

    /** {@link #IOCTL}: forwarded unchanged. */
    public static final int IOCTL_FORWARD = 0b01;

    /** {@link #IOCTL}: translated. */
    public static final int IOCTL_TRANSLATE = 0b10;

    /** {@link #SYSMGT}: aborted. */
    public static final int SYSMGT_ABORT = 0b00;

    /** {@link #SYSMGT}: all forwarded. */
    public static final int SYSMGT_FORWARD = 0b01;

    /** {@link #SYSMGT}: INTx messages forwarded, the others aborted. */
    public static final int SYSMGT_FORWARD_INTX = 0b10;

    /** {@link #SYSMGT}: translated. */
    public static final int SYSMGT_TRANSLATE = 0b11;

    /** The greatest valid {@link #INTTABLEN}: 2048 entries. */
    public static final int MAX_INTTABLEN = 0b1011;

    private DeviceTableEntry() {
    }

    /**
     * The bits of a word that are reserved on a unit, those of features that it lacks among them.
     *
     * @param word 0 to 3
     * @param features the extended feature register
     * @param deviceTlbs IommuCapability.IOTLBSUP
     */
    public static long reservedMask(int word, long features, boolean deviceTlbs) {
        long mask = LAYOUT.reservedMask(word);
        mask |= ExtendedFeatureRegister.HASUP.isSet(features) ? 0 : maskIn(word, HAD);
        mask |= ExtendedFeatureRegister.EPHSUP.isSet(features) ? 0 : maskIn(word, PPR);
        mask |= ExtendedFeatureRegister.PPRSUP.isSet(features) ? 0 : maskIn(word, GPRP);
        mask |= ExtendedFeatureRegister.GIOSUP.isSet(features) ? 0 : maskIn(word, GIOV);
        mask |= ExtendedFeatureRegister.GTSUP.isSet(features) ? 0
                : maskIn(word, GV, GLX, GCR3_14_12, GCR3_30_15, GCR3_51_31, GPTMODE);
        mask |= deviceTlbs ? 0 : maskIn(word, I);
        mask |= ExtendedFeatureRegister.SATSSUP.isSet(features) ? 0 : maskIn(word, SATS);
        mask |= ExtendedFeatureRegister.ATTRFWSUP.isSet(features) ? 0 : maskIn(word, ATTRV, MODE0FC, SNOOPATTR);
        return mask | (ExtendedFeatureRegister.VIOMMUSUP.isSet(features) ? 0 : maskIn(word, VIMUEN, GUESTID, GDEVICEID));
    }

    private static long maskIn(int word, Field... fields) {
        long mask = 0;
        for (var field : fields) {
            mask |= field.word() == word ? field.mask() : 0;
        }
        return mask;
    }

    /** The GCR3 table root pointer, whose parts stand in the first and the second word. */
    public static long gcr3Root(long word0, long word1) {
        return GCR3_14_12.get(word0) << 12 | GCR3_30_15.get(word1) << 15 | GCR3_51_31.get(word1) << 31;
    }

    /**
     * The first word with its part of a GCR3 table root pointer.
     *
     * @throws IllegalArgumentException if the address has bits outside 51:12
     */
    public static long setGcr3RootLow(long word0, long root) {
        checkRoot(root);
        return GCR3_14_12.set(word0, root >>> 12 & 0x7);
    }

    /**
     * The second word with its parts of a GCR3 table root pointer.
     *
     * @throws IllegalArgumentException if the address has bits outside 51:12
     */
    public static long setGcr3RootHigh(long word1, long root) {
        checkRoot(root);
        return GCR3_51_31.set(GCR3_30_15.set(word1, root >>> 15 & 0xFFFF), root >>> 31);
    }

    private static void checkRoot(long root) {
        if ((root & ~ROOT.mask()) != 0) {
            throw new IllegalArgumentException("GCR3 table root pointer 0x" + Long.toHexString(root)
                    + " has bits outside 51:12");
        }
    }
}
