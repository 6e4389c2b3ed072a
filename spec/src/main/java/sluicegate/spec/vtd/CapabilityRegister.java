package sluicegate.spec.vtd;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;
import sluicegate.spec.Register;

/**
 * Capability Register, {@code CAP_REG}: what the unit can do.
 *
 * <p>SSLPS, FS1GP and FS5LP are the names since revision 3.2; older texts and Linux say SLLPS, FL1GP and FL5LP.
 *
 * <pre>
 *     63        62       61      60    59   58 57     56     55    54   53 48   47 40    39   38   37 34
 * +--------+---------+-------+-------+----+-------+-------+-----+-----+-------+-------+-----+----+-------+
 * | ESRTPS | ESIRTPS | ECMDS | FS5LP | PI |   0   | FS1GP | DRD | DWD |  MAMV |  NFR  | PSI | 0  | SSLPS |
 * +--------+---------+-------+-------+----+-------+-------+-----+-----+-------+-------+-----+----+-------+
 *   33 32
 * +-------+
 * |  FRO  |
 * +-------+
 *   31 24   23    22   21 16   15 13   12  8   7     6      5      4      3    2 0
 * +-------+----+-----+-------+-------+-------+----+------+------+------+-----+-----+
 * |  FRO  | 0  | ZLR |  MGAW |   0   | SAGAW | CM | PHMR | PLMR | RWBF | AFL |  ND |
 * +-------+----+-----+-------+-------+-------+----+------+------+------+-----+-----+
 * </pre>
 */
public final class CapabilityRegister {

    private static final String SECTION = "11.4.2";

    /** Where it is in the unit's register window. */
    public static final int OFFSET = 0x08;

    /** Bit 63: setting the root table pointer also invalidates the context, PASID and IOTLB caches. */
    public static final Field ESRTPS = Field.bit("ESRTPS", 63, SECTION,
            "setting the root table pointer also invalidates the context, PASID and IOTLB caches");
    /** Bit 62: setting the interrupt remapping table pointer also invalidates the interrupt entry cache. */
    public static final Field ESIRTPS = Field.bit("ESIRTPS", 62, SECTION,
            "setting the interrupt remapping table pointer also invalidates the interrupt entry cache");
    /** Bit 61: enhanced command registers are there. */
    public static final Field ECMDS = Field.bit("ECMDS", 61, SECTION, "enhanced command registers are there");
    /** Bit 60: first stage can walk 5 levels. */
    public static final Field FS5LP = Field.bit("FS5LP", 60, SECTION, "first stage can walk 5 levels");
    /** Bit 59: interrupts can be posted. */
    public static final Field PI = Field.bit("PI", 59, SECTION, "interrupts can be posted");
    /** Bit 56: first stage can map pages of 1 GiB. */
    public static final Field FS1GP = Field.bit("FS1GP", 56, SECTION, "first stage can map pages of 1 GiB");
    /** Bit 55: an IOTLB invalidation can drain reads. */
    public static final Field DRD = Field.bit("DRD", 55, SECTION, "an IOTLB invalidation can drain reads");
    /** Bit 54: an IOTLB invalidation can drain writes. */
    public static final Field DWD = Field.bit("DWD", 54, SECTION, "an IOTLB invalidation can drain writes");
    /** Bits 53:48: greatest address mask (AM) of a page-selective invalidation. */
    public static final Field MAMV = Field.bits("MAMV", 53, 48, SECTION,
            "greatest address mask (AM) of a page-selective invalidation");
    /** Bits 47:40: number of fault recording registers, less one. */
    public static final Field NFR = Field.bits("NFR", 47, 40, SECTION,
            "number of fault recording registers, less one");
    /** Bit 39: IOTLB invalidation can be page-selective. */
    public static final Field PSI = Field.bit("PSI", 39, SECTION, "IOTLB invalidation can be page-selective");
    /** Bits 37:34: large pages of the second stage: bit 0 for 2 MiB, bit 1 for 1 GiB. */
    public static final Field SSLPS = Field.bits("SSLPS", 37, 34, SECTION,
            "large pages of the second stage: bit 0 for 2 MiB, bit 1 for 1 GiB");
    /** Bits 33:24: place of the fault recording registers, in units of 16 bytes. */
    public static final Field FRO = Field.bits("FRO", 33, 24, SECTION,
            "place of the fault recording registers, in units of 16 bytes");
    /** Bit 22: zero-length reads of write-only pages are allowed. */
    public static final Field ZLR = Field.bit("ZLR", 22, SECTION,
            "zero-length reads of write-only pages are allowed");
    /** Bits 21:16: greatest guest address width, less one. */
    public static final Field MGAW = Field.bits("MGAW", 21, 16, SECTION, "greatest guest address width, less one");
    /** Bits 12:8: page-table depths of the second stage: bit 1 for 3 levels, bit 2 for 4, bit 3 for 5. */
    public static final Field SAGAW = Field.bits("SAGAW", 12, 8, SECTION,
            "page-table depths of the second stage: bit 1 for 3 levels, bit 2 for 4, bit 3 for 5");
    /** Bit 7: caching mode: not-present entries may be cached as well. */
    public static final Field CM = Field.bit("CM", 7, SECTION,
            "caching mode: not-present entries may be cached as well");
    /** Bit 6: protected high-memory region can be set. */
    public static final Field PHMR = Field.bit("PHMR", 6, SECTION, "protected high-memory region can be set");
    /** Bit 5: protected low-memory region can be set. */
    public static final Field PLMR = Field.bit("PLMR", 5, SECTION, "protected low-memory region can be set");
    /** Bit 4: the write buffer must be flushed after a change of a table in memory. */
    public static final Field RWBF = Field.bit("RWBF", 4, SECTION,
            "the write buffer must be flushed after a change of a table in memory");
    /** Bit 3: advanced fault logging. */
    public static final Field AFL = Field.bit("AFL", 3, SECTION, "advanced fault logging");
    /** Bits 2:0: number of domain ids, see {@link #domainCount}. */
    public static final Field ND = Field.bits("ND", 2, 0, SECTION, "number of domain ids, see domainCount");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("CAP_REG", SECTION, 64,
            ESRTPS, ESIRTPS, ECMDS, FS5LP, PI, Field.reserved(58, 57, SECTION), FS1GP, DRD, DWD, MAMV, NFR, PSI,
            Field.reserved(38, 38, SECTION), SSLPS, FRO, Field.reserved(23, 23, SECTION), ZLR, MGAW,
            Field.reserved(15, 13, SECTION), SAGAW, CM, PHMR, PLMR, RWBF, AFL, ND);

    /** The layout at its place. */
    public static final Register REGISTER = Register.at(OFFSET, LAYOUT);

    private CapabilityRegister() {
    }

    /** How many domain ids there are: 2 to the power of 4 + 2 ND. */
    public static int domainCount(long cap) {
        return 1 << (4 + 2 * (int) ND.get(cap));
    }

    /** How many bits a guest address may have. */
    public static int guestAddressWidth(long cap) {
        return (int) MGAW.get(cap) + 1;
    }

    /** Byte offset of the first fault recording register in the register window. */
    public static int faultRecordingOffset(long cap) {
        return (int) FRO.get(cap) * 16;
    }

    /** How many fault recording registers there are. */
    public static int faultRecordingCount(long cap) {
        return (int) NFR.get(cap) + 1;
    }

    /** Whether a second-stage table of that width can be walked. */
    public static boolean supports(long cap, AddressWidth width) {
        return (SAGAW.get(cap) >>> width.code() & 1) != 0;
    }

    /** Whether the second stage can have leaves of 2 MiB. */
    public static boolean supports2M(long cap) {
        return (SSLPS.get(cap) & 1) != 0;
    }

    /** Whether the second stage can have leaves of 1 GiB. */
    public static boolean supports1G(long cap) {
        return (SSLPS.get(cap) & 2) != 0;
    }
}
