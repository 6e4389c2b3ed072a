package sluicegate.spec.amdvi;

import sluicegate.spec.Field;
import sluicegate.spec.Layout;

/**
 * INVALIDATE_IOMMU_PAGES: forgets translations of one domain.
 *
 * <p>With S set, the lowest zero bit of ADDRESS, counted from bit 12, tells the size: 8 KiB if bit 12 is zero, 16 KiB
 * if bit 12 is one and bit 13 zero, and so on; all ones but bit 63 mean everything.
 *
 * <p>With GN clear ADDRESS is a guest physical address, that is one that host tables translate, and what depends on
 * it through guest tables goes too. With GN set it is a guest virtual address of the PASID.
 *
 * <pre>
 *    127 96
 * +---------+
 * | ADDRESS |
 * +---------+
 *    95 76    75 67   66    65   64
 * +---------+-------+----+-----+----+
 * | ADDRESS |   0   | GN | PDE | S  |
 * +---------+-------+----+-----+----+
 *   63 60    59 48    47 32
 * +--------+-------+----------+
 * | OPCODE |   0   | DOMAINID |
 * +--------+-------+----------+
 *   31 20    19 0
 * +-------+-------+
 * |   0   | PASID |
 * +-------+-------+
 * </pre>
 */
public final class InvalidateIommuPagesCommand {

    private static final String SECTION = "2.4.3";

    /** Bits 127:76: address, and the size if S is set. */
    public static final Field ADDRESS = Field.address("ADDRESS", 127, 76, SECTION, "address, and the size if S is set");
    /** Bit 66: ADDRESS is a guest virtual address, PASID is valid. */
    public static final Field GN = Field.bit("GN", 66, SECTION, "ADDRESS is a guest virtual address, PASID is valid");
    /** Bit 65: entries that point to tables are forgotten too, not only leaves. */
    public static final Field PDE = Field.bit("PDE", 65, SECTION,
            "entries that point to tables are forgotten too, not only leaves");
    /** Bit 64: size: more than 4 KiB. */
    public static final Field S = Field.bit("S", 64, SECTION, "size: more than 4 KiB");
    /** Bits 47:32: domain id. */
    public static final Field DOMAINID = Field.bits("DOMAINID", 47, 32, SECTION, "domain id");
    /** Bits 19:0: PASID, if GN is set. */
    public static final Field PASID = Field.bits("PASID", 19, 0, SECTION, "PASID, if GN is set");

    /** All of it. */
    public static final Layout LAYOUT = Layout.of("INVALIDATE_IOMMU_PAGES", SECTION, 128,
            ADDRESS, Field.reserved(75, 67, SECTION), GN, PDE, S, CommandRecord.OPCODE,
            Field.reserved(59, 48, SECTION), DOMAINID, Field.reserved(31, 20, SECTION), PASID);

    /** Size of one command. */
    public static final int BYTES = 16;

    /** {@link #ADDRESS} of everything, S being set. */
    public static final long ALL_PAGES = 0x7FFF_FFFF_FFFF_F000L;

    private InvalidateIommuPagesCommand() {
    }
}
